import { expect, test } from "vitest";
import { claimDueReaders, countDueReaders } from "../../src/digests/due.ts";
import { plan } from "../../src/digests/plan.ts";
import { match } from "../../src/interests/match.ts";
import { createContext, type TestContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";
import { connectExplained } from "../support/plans.ts";

/** A Thursday; its announcement is there at 05:00 in UTC, midnight in New York. */
const announced = { thursday: "2026-11-19T05:00:00Z", friday: "2026-11-20T05:00:00Z" };

/** One reader who had a first digest long ago and is due at this hour (UTC), and a source that has read Wednesday's announcement. */
async function prepared(hour: string, settings: Record<string, string> = {}) {
  const context = await createContext(
    { SOURCES: "arxiv", ARXIV_CATEGORIES: "cs.CL", ...settings },
    "2026-11-17T12:00:00Z",
  );
  await addPapers(context, paper({ title: "Speech" }));
  await addReader(context, { interests: "speech", hour, trending: "off" });
  await context.sql`insert into sources (name, next_poll_at, succeeded_at, seen, expected) values ('arxiv cs.CL', ${announced.thursday}, ${announced.thursday}::timestamptz - interval '1 day', 9, 9)`;
  await match(context);
  await runAt(context, "2026-11-17T12:00:00Z");
  await addPapers(context, paper({ title: "Speech of Wednesday" }));
  await match(context);
  await runAt(context, "2026-11-18T12:00:00Z");
  await addPapers(context, paper({ title: "Speech of Wednesday afternoon" }));
  await match(context);
  return context;
}

async function runAt(context: TestContext, now: string): Promise<number> {
  context.setNow(now);
  return (await plan(context)).done;
}

/** Thursday's announcement is read: the next is Friday's. */
async function readAnnouncement(context: TestContext, title: string): Promise<void> {
  await addPapers(context, paper({ title }));
  await context.sql`update sources set next_poll_at = ${announced.friday}::timestamptz + interval '10 minutes'`;
}

async function lastDigest({ sql }: TestContext): Promise<string[]> {
  const rows = await sql<{ title: string }[]>`
    select title from digest_entries where digest_id = (select max(id) from digests) order by title`;
  return rows.map((row) => row.title);
}

test.each(["4", "5", "6"])(
  "a reader whose hour is %s:00, about midnight in New York, gets the announcement as soon as it is read and matched",
  async (hour) => {
    const context = await prepared(hour);
    const at = Temporal.Instant.from(`2026-11-19T0${hour}:00:00Z`);
    expect(await runAt(context, at.toString())).toBe(0);
    expect(await runAt(context, at.add({ minutes: 50 }).toString())).toBe(0);
    await readAnnouncement(context, "Speech of Thursday");
    expect(await runAt(context, at.add({ minutes: 51 }).toString())).toBe(0);
    await match(context);
    expect(await runAt(context, at.add({ minutes: 51 }).toString())).toBe(1);
    expect(await lastDigest(context)).toContain("Speech of Thursday");
  },
);

test.each([
  ["4", "2026-11-19T06:00:00Z"],
  ["6", "2026-11-19T07:00:00Z"],
])(
  "a reader whose hour is %s:00 waits until %s at most, as on a holiday, and the mail says what is missing",
  async (hour, until) => {
    const context = await prepared(hour);
    const last = Temporal.Instant.from(until);
    expect(await runAt(context, last.subtract({ seconds: 1 }).toString())).toBe(0);
    expect(await runAt(context, until)).toBe(1);
    const [row] = await context.sql`
    select r.problems from digests d join receipts r on r.id = d.receipt_id order by d.id desc limit 1`;
    expect(row?.problems).toEqual(["arXiv cs.CL has not announced its papers yet; they come with a later edition."]);
  },
);

test.each(["2", "3", "7", "8", "20"])("a reader whose hour is %s:00 waits for nothing", async (hour) => {
  const context = await prepared(hour);
  const day = Number(hour) === 20 ? "18" : "19";
  expect(await runAt(context, `2026-11-${day}T${hour.padStart(2, "0")}:00:00Z`)).toBe(1);
});

test("nobody waits where the setting says so, or where arXiv is not read", async () => {
  for (const settings of [{ ANNOUNCEMENT_WAIT: "0" }, { SOURCES: "huggingface" }] as Record<string, string>[])
    expect(await runAt(await prepared("5", settings), announced.thursday)).toBe(1);
});

test("a first digest waits for nothing", async () => {
  const context = await prepared("12");
  context.setNow(announced.thursday);
  await addReader(context, { interests: "speech" });
  expect(await runAt(context, "2026-11-19T05:01:00Z")).toBe(1);
});

test("readers who wait are not read to find those who are new, however many they are", async () => {
  const context = await prepared("4");
  context.setNow(announced.thursday);
  await context.sql`
    insert into subscribers (email, email_key, status, next_due_at, planned_at, created_at)
    select email, email, 'active', ${announced.thursday}, ${announced.thursday}, ${announced.thursday}
    from (select 'held' || n || '@example.org' as email from generate_series(1, 20000) n) as made`;
  const [timely] = await context.sql<{ id: number }[]>`
    update subscribers set next_due_at = '2026-11-19T03:00:00Z' where id = (select min(id) from subscribers) returning id`;
  const first = await addReader(context, { interests: "speech" });
  await match(context);
  const now = Temporal.Instant.from("2026-11-19T05:01:00Z");
  const due = { now, through: now.subtract({ hours: 2 }) };
  const { sql, plans } = await connectExplained(context.url);
  for (const statement of ["select", "analyze subscribers"]) {
    await context.sql.unsafe(statement);
    plans.length = 0;
    const batch = Number.MAX_SAFE_INTEGER;
    const claimed = await claimDueReaders(sql, context.log, { ...due, batch, most: 2500 });
    expect(claimed.map(({ id }) => id)).toEqual([timely?.id, first]);
    const one = await claimDueReaders(sql, context.log, { ...due, batch, most: 1 });
    expect(one.map(({ id }) => id)).toEqual([timely?.id]);
    expect(await countDueReaders(sql, { ...due, most: 2500 })).toBe(2);
    expect(plans).toHaveLength(3);
    const scans = plans
      .join("\n")
      .matchAll(/Scan[^\n]* on subscribers[^\n]*actual time=\S+ rows=([\d.]+)|Rows Removed by Filter: (\d+)/g);
    for (const [, rows, removed] of scans) expect(Number(rows ?? removed)).toBeLessThan(10);
  }
});

test("on a Sunday nobody waits, as there is no announcement", async () => {
  const context = await prepared("5");
  expect(await runAt(context, "2026-11-22T05:00:00Z")).toBe(1);
});

test.each([null, "2026-11-12T05:30:00Z"])("nobody waits for a source that was last read at %s", async (succeeded) => {
  const context = await prepared("5");
  await context.sql`update sources set succeeded_at = ${succeeded}::timestamptz`;
  expect(await runAt(context, "2026-11-19T05:00:00Z")).toBe(1);
});
