import { expect, test } from "vitest";
import { addressesOf, receiveReport } from "../src/delivery/receive_report.ts";
import type { Report } from "../src/delivery/report.ts";
import { makeReturnAddress } from "../src/delivery/return_address.ts";
import { plan } from "../src/digests/plan.ts";
import { housekeeping } from "../src/housekeeping.ts";
import { explain } from "../src/interests/explain.ts";
import { match } from "../src/interests/match.ts";
import { addUpCounts, countRows } from "../src/row_counts.ts";
import { readStatus } from "../src/status.ts";
import { pause, resume } from "../src/subscribers/pause.ts";
import { deriveToken } from "../src/token.ts";
import { createApp } from "../src/web/app.ts";
import { queueFiller } from "./bench/queue_filler.ts";
import { createContext, type TestContext } from "./support/context.ts";
import { addConfirmations, addPapers, addReader, paper } from "./support/make.ts";
import { connectExplained } from "./support/plans.ts";
import { prepareSending } from "./support/sending.ts";

const after = (context: TestContext, days: number) => context.setNow(context.clock().add({ hours: 24 * days }));

async function settleHouse(context: TestContext): Promise<void> {
  while ((await housekeeping(context)).done > 0);
}

/** A reader who was sent a digest of two papers, of which one had room. */
async function withDigest() {
  const it = await prepareSending(0);
  const { context } = it;
  const reader = await addReader(context, { email: "ada@example.org", interests: "speech", limit: "1", trending: "" });
  await addPapers(context, paper({ title: "Speech in harbours" }), paper({ title: "Speech on quays" }));
  await match(context);
  await plan(context);
  await it.send();
  const [digest] = await context.sql<{ id: number; mail: number }[]>`
    select d.id, o.id as mail from digests d join outbox o on o.kind = 'digest' and o.subject_id = d.id`;
  return { ...it, reader, digest: digest as { id: number; mail: number } };
}

test("mails that were sent go after a month; the digest, its papers and its links stay", async () => {
  const { context, reader, digest } = await withDigest();
  const { sql, config } = context;
  const app = createApp(context);
  const ask = async (path: string) => (await app.request(path)).status;
  const view = `/digests/${deriveToken(config.secret, "digest", digest.id)}`;
  const vote = `/more/${deriveToken(config.secret, "vote", digest.id)}/1`;
  const leave = `/unsubscribe/${deriveToken(config.secret, "unsubscribe", reader)}`;
  after(context, 29);
  await settleHouse(context);
  expect(await countRows(sql, "outbox")).toEqual({ sent: 2 });
  after(context, 2);
  await settleHouse(context);
  expect(await countRows(sql, "outbox")).toEqual({});
  expect(await Promise.all([view, vote, leave].map(ask))).toEqual([200, 200, 200]);
  after(context, 365);
  await settleHouse(context);
  expect(await Promise.all([view, vote, leave].map(ask))).toEqual([200, 404, 200]);
  expect(await sql`select from digest_papers`).toHaveLength(1);
});

test("matches go after a hundred days, and what is asked of them then is told", async () => {
  const { context } = await withDigest();
  const { sql } = context;
  after(context, 99);
  await settleHouse(context);
  expect(await sql`select from matches`).toHaveLength(2);
  after(context, 2);
  await addPapers(context, paper({ title: "Weather" }));
  await match(context);
  await settleHouse(context);
  expect(await sql`select from matches`).toHaveLength(0);
  expect(await sql`select from query_hits`).toHaveLength(0);
  const [passed] = await sql<{ slug: string }[]>`
    select slug from papers where title like 'Speech%' and id not in (select paper_id from digest_papers)`;
  const { decision } = await explain(sql, "ada@example.org", passed?.slug ?? "");
  expect(decision).toBe("It was matched more than 100 days ago, and what came of that is not kept so long.");
  await addReader(context, { email: "grace@example.org", interests: "speech" });
  expect((await explain(sql, "grace@example.org", passed?.slug ?? "")).decision).toMatch(
    /^It arrived more than a week before the reader had an interest that hits it/,
  );
});

test("a reader who pauses for most of a year gets the best of all of it", async () => {
  const { context, reader } = await withDigest();
  await pause(context, reader, "2027-10-01");
  after(context, 1);
  await addPapers(context, paper({ title: "Speech of the first day" }));
  await match(context);
  after(context, 200);
  await settleHouse(context);
  await resume(context, reader);
  await plan(context);
  const [digest] = await context.sql<{ title: string }[]>`
    select e.title from digest_entries e join digests d on d.id = e.digest_id where d.number = 2`;
  expect(digest?.title).toBe("Speech of the first day");
});

test("a complaint of a mail that is not kept any more is about its reader", async () => {
  const { context, reader, digest } = await withDigest();
  const { sql, clock, config } = { ...context, config: { ...context.config, takesReturns: true } };
  const returned = `Return-Path: <${makeReturnAddress(config, "bounce", digest.mail)}>\r\nList-Unsubscribe: <mailto:${makeReturnAddress(config, "unsubscribe", reader)}>\r\n`;
  after(context, 60);
  await settleHouse(context);
  const report: Report = { kind: "complaint", feedbackType: "abuse", recipients: [], originalMessageId: undefined };
  const to = addressesOf(config, [makeReturnAddress(config, "feedback", 0)], report, Buffer.from(returned));
  const done = await receiveReport({ ...context, config }, to, report);
  expect(done).toMatchObject([{ subscriberId: reader, suppressed: true }]);
  expect(await sql`select from subscribers where status = 'suppressed'`).toHaveLength(1);
  expect((await readStatus({ sql, clock })).returned).toEqual({ complaint: 1 });
  // Known to be of that mail, it tells nothing of those that were sent of late.
  expect(await sql`select outbox_id from reports`).toEqual([{ outbox_id: digest.mail }]);
});

test("forms that nobody confirmed and wishes for a link leave nothing behind after a month", async () => {
  const context = await createContext();
  await addReader(context);
  await context.sql`delete from outbox`;
  await addConfirmations(context, 3);
  after(context, 31);
  await settleHouse(context);
  for (const table of ["subscription_requests", "outbox"])
    expect(await context.sql`select from ${context.sql(table)}`, table).toHaveLength(0);
  expect(await countRows(context.sql, "subscribers")).toEqual({ active: 1 });
});

test("an interest that nobody holds goes, however many that are held were marked so in passing", async () => {
  const context = await createContext();
  const { sql } = context;
  await addReader(context, { interests: "speech" });
  await sql`
    insert into queries overriding system value
    select (jsonb_populate_record(q, jsonb_build_object('id', q.id + n, 'canonical', n::text, 'unheld_since', to_timestamp(0)))).*
    from queries q, generate_series(1, 1001) as n`;
  await sql`
    insert into interests overriding system value
    select (jsonb_populate_record(i, jsonb_build_object('id', i.id + n, 'query_id', i.query_id + n, 'position', n))).*
    from interests i, generate_series(1, 1000) as n`;
  await settleHouse(context);
  expect(await sql`select from queries`).toHaveLength(1001);
});

const young = 60_000;
const old = 6000;

/** How many rows the greediest scan of a table read. */
function mostRead(plans: string[], table: string): number {
  const scans = plans
    .join("\n")
    .matchAll(new RegExp(`Scan[^\\n]* on ${table}\\b[^\\n]*actual time=\\S+ rows=([\\d.]+) loops=(\\d+)`, "g"));
  return Math.max(0, ...[...scans].map(([, rows, loops]) => Number(rows) * Number(loops)));
}

test("however many mails there are, housekeeping reads those that are to go, some thousand at a time, and status none", async () => {
  const context = await createContext();
  const reader = await addReader(context);
  await context.sql`delete from outbox`;
  const add = async (count: number, state: string, at: Temporal.Instant) => {
    await queueFiller(context.sql, reader, at, count);
    // Each of a reader of its own, as a site has them.
    await context.sql`
      update outbox set state = ${state}, settled_at = ${at}, subscriber_id = id where state = 'queued' and due_at = ${at}`;
  };
  const now = context.clock();
  await add(old, "sent", now.subtract({ hours: 24 * 40 }));
  await add(old, "cancelled", now.subtract({ hours: 24 * 40 }));
  await add(young, "sent", now.subtract({ hours: 24 }));
  await queueFiller(context.sql, reader, now, young);
  const { sql, plans } = await connectExplained(context.url);
  const ran: number[] = [];
  for (const statement of ["select", "analyze outbox"]) {
    await context.sql.unsafe(statement);
    plans.length = 0;
    ran.push((await housekeeping({ ...context, sql })).left);
    expect(plans.join("\n")).not.toContain("Seq Scan on outbox");
    expect(mostRead(plans, "outbox")).toBeLessThanOrEqual(old);
  }
  expect(ran).toEqual([5000, 0]);
  plans.length = 0;
  const status = await readStatus({ ...context, sql });
  expect(status.outbox).toEqual({ queued: young, sent: young });
  expect(plans.join("\n")).not.toContain("Seq Scan on outbox");
  expect(mostRead(plans, "outbox")).toBe(0);
});

test("what is counted is what is there, whatever became of mails and readers", async () => {
  const { context, send } = await withDigest();
  const { sql } = context;
  await addConfirmations(context, 3);
  await sql`update outbox set state = 'failed' where kind = 'confirm'`;
  await sql`delete from outbox where id in (select id from outbox where state = 'failed' limit 1)`;
  await sql`update subscribers set status = 'unsubscribed' where status = 'active'`;
  await send();
  const check = async () => {
    for (const [table, column] of [["outbox", "state"] as const, ["subscribers", "status"] as const]) {
      const rows = await sql<{ state: string; count: number }[]>`
        select ${sql(column)} as state, count(*) as count from ${sql(table)} group by 1`;
      expect(await countRows(sql, table)).toEqual(Object.fromEntries(rows.map((row) => [row.state, row.count])));
    }
  };
  await check();
  await Promise.all([housekeeping(context), housekeeping(context), addConfirmations(context, 2)]);
  await check();
  await housekeeping(context);
  expect((await sql`select from row_counts`).length).toBeLessThan(7);
  await sql`truncate outbox`;
  await check();
});

test("nothing is counted any more of a table that is emptied while counts are added up", async () => {
  const context = await createContext();
  const { sql } = context;
  await addConfirmations(context, 3);
  let truncated: Promise<unknown> | undefined;
  await sql.begin(async (transaction) => {
    await addUpCounts(transaction);
    let isDone = false;
    truncated = sql`truncate outbox`.then(() => {
      isDone = true;
    });
    for (let waits = 0; waits === 0 && !isDone; )
      waits = (await transaction`select from pg_locks where not granted`).length;
  });
  await truncated;
  expect(await countRows(sql, "outbox")).toEqual({});
});

test("rows are counted whatever schemas the session looks in", async () => {
  const context = await createContext();
  await addConfirmations(context, 3);
  await context.sql.begin(async (transaction) => {
    await transaction`set local search_path = ''`;
    await transaction`delete from public.outbox`;
  });
  expect(await countRows(context.sql, "outbox")).toEqual({});
});
