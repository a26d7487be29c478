import { expect, test } from "vitest";
import { claimDueReaders } from "../../src/digests/due.ts";
import { plan } from "../../src/digests/plan.ts";
import { match } from "../../src/interests/match.ts";
import { createContext, type TestContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";
import { connectExplained } from "../support/plans.ts";

/** A paper, a reader of it who is due, and so many more who are like that one in all but their address. */
async function prepared(more: number): Promise<{ context: TestContext; reader: number }> {
  const context = await createContext();
  await addPapers(context, paper({ title: "Speech in harbours" }));
  const reader = await addReader(context, { interests: "speech" });
  await match(context);
  await addLike(context, reader, more);
  return { context, reader };
}
async function addLike({ sql }: TestContext, reader: number, more: number): Promise<void> {
  await sql`
    insert into subscribers (email, email_key, status, created_at, confirmed_at, next_due_at, timezone, trending)
    select 'like' || n || '@example.org', 'like' || n || '@example.org', s.status, s.created_at, s.confirmed_at, s.next_due_at,
      s.timezone, s.trending from subscribers s cross join generate_series(1, ${more}::int) as n where s.id = ${reader}`;
  await sql`
    insert into interests (subscriber_id, query_id, position, typed, created_at, since_batch_id)
    select s.id, i.query_id, 0, i.typed, i.created_at, i.since_batch_id from subscribers s
    join interests i on i.subscriber_id = ${reader} where s.id <> ${reader}`;
}

test("of readers who are due at one instant no more are read than a batch takes", async () => {
  const { context } = await prepared(20_000);
  await context.sql`analyze subscribers`;
  const { sql, plans } = await connectExplained(context.url);
  const now = context.clock();
  const due = { now, through: now, batch: Number.MAX_SAFE_INTEGER, most: 100 };
  const claimed = await claimDueReaders(sql, context.log, due);
  expect(claimed).toHaveLength(100);
  const scans = [...plans.join("\n").matchAll(/Scan[^\n]* on subscribers[^\n]*actual time=\S+ rows=([\d.]+)/g)];
  expect(scans.map(([, rows]) => Number(rows))).toEqual([100]);
});

test("a batch begins behind the one before, whether that one is still at work or done", async () => {
  const { context, reader } = await prepared(20_000);
  await context.sql`analyze subscribers`;
  const now = context.clock();
  const due = { now, through: now, batch: Number.MAX_SAFE_INTEGER, most: 100 };
  await context.sql.begin(async (holding) => {
    const held = await claimDueReaders(holding, context.log, due);
    await holding`update subscribers set next_due_at = next_due_at + interval '1 day' where id = any(${held.slice(0, 50).map(({ id }) => id)}::bigint[])`;
    const { sql, plans } = await connectExplained(context.url);
    const next = await claimDueReaders(sql, context.log, { ...due, behind: held.at(-1) });
    expect(next.map(({ id }) => id)).toEqual(held.map(({ id }) => id + 100));
    expect(held[0]?.id).toBe(reader);
    const scans = [...plans.join("\n").matchAll(/Scan[^\n]* on subscribers[^\n]*actual time=\S+ rows=([\d.]+)/g)];
    expect(scans.map(([, rows]) => Number(rows))).toEqual([100]);
  });
});

test("a reader who is held by somebody else while those behind are planned comes with the next run", async () => {
  const { context, reader } = await prepared(5_200);
  await context.sql.begin(async (holding) => {
    await holding`select from subscribers where id = ${reader} for update`;
    expect(await plan(context)).toEqual({ done: 5_200, left: 1 });
  });
  expect(await plan(context)).toEqual({ done: 1, left: 0 });
});

test("planning starts no processes of the database to share its lookups", async () => {
  const { context } = await prepared(200);
  const [row] = await context.sql<{ name: string }[]>`select quote_ident(current_database()) as name`;
  for (const cheap of [
    "parallel_setup_cost",
    "parallel_tuple_cost",
    "min_parallel_table_scan_size",
    "min_parallel_index_scan_size",
  ])
    await context.sql.unsafe(`alter database ${row?.name} set ${cheap} = 0`);
  await context.sql`analyze`;
  const { sql, plans } = await connectExplained(context.url);
  expect(await plan({ ...context, sql })).toEqual({ done: 201, left: 0 });
  const lookups = plans.filter((it) => /on (digest_papers|query_hits|interests)/.test(it));
  expect(lookups.length).toBeGreaterThan(2);
  expect(lookups.filter((it) => it.includes("Gather"))).toEqual([]);
});

test("more readers than a batch holds are planned in one run, each once", async () => {
  const { context } = await prepared(5_200);
  expect(await plan(context)).toEqual({ done: 5_201, left: 0 });
  const [counts] = await context.sql`
    select count(*)::int as digests, count(distinct subscriber_id)::int as readers, min(number) as first, max(number) as last,
      (select count(*)::int from digest_papers) as papers, (select count(*)::int from outbox where kind = 'digest') as mails
    from digests`;
  expect(counts).toEqual({ digests: 5_201, readers: 5_201, first: 1, last: 1, papers: 5_201, mails: 5_201 });
});

test("a batch that fails leaves the other planned, and is told of", async () => {
  const { context, reader } = await prepared(5_200);
  // Both batches are claimed before either comes to its digests.
  await Promise.all([context.sql`select pg_sleep(0.01)`, context.sql`select pg_sleep(0.01)`]);
  // The database says of one batch that it is out of room, which is no reader's fault.
  await context.sql.unsafe(`
    create function refuse() returns trigger language plpgsql as $$ begin raise 'no room' using errcode = '53100'; end $$;
    create trigger refuse before insert on digests for each row when (new.subscriber_id = ${reader}) execute function refuse()`);
  await expect(plan(context)).rejects.toThrow("readers could not be planned");
  const [counts] = await context.sql<{ planned: number; due: number }[]>`
    select (select count(*)::int from digests) as planned, count(*)::int as due from subscribers where planned_at is null`;
  expect(counts?.planned).toBeGreaterThan(0);
  expect((counts?.planned ?? 0) + (counts?.due ?? 0)).toBe(5_201);
  await context.sql`drop trigger refuse on digests`;
  expect(await plan(context)).toEqual({ done: counts?.due, left: 0 });
});
