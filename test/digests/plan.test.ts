import { expect, test } from "vitest";
import type { Context } from "../../src/context.ts";
import { type PlanMemory, plan } from "../../src/digests/plan.ts";
import { match } from "../../src/interests/match.ts";
import { applyPreferences, preferencesSchema } from "../../src/subscribers/preferences.ts";
import { unsubscribe } from "../../src/subscribers/unsubscribe.ts";
import { deriveToken } from "../../src/token.ts";
import { createContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";

const onSpeech = (fields = {}) => paper({ title: "Speech recognition for small harbours", ...fields });

async function run(context: Context) {
  await match(context);
  return plan(context);
}

async function contents(context: Context, reader: number) {
  return context.sql<
    {
      local_date: Temporal.PlainDate;
      number: number;
      paper_id: number;
      query_id: number | null;
      interest: string | null;
    }[]
  >`
    select d.local_date, d.number, e.paper_id, e.query_id, e.interest from digests d join digest_entries e on e.digest_id = d.id
    where d.subscriber_id = ${reader} order by d.id, e.place`;
}

test("a newly confirmed reader gets a first digest at once, from the last seven days", async () => {
  const context = await createContext({}, "2026-11-10T10:00:00Z");
  await addPapers(context, onSpeech());
  await match(context);
  context.setNow("2026-11-18T09:59:00Z");
  const [recent] = await addPapers(context, onSpeech());
  await match(context);
  context.setNow("2026-11-20T13:00:00Z");
  const reader = await addReader(context, { interests: "speech recognition" });
  await run(context);
  const rows = await contents(context, reader);
  expect(rows.map((row) => row.paper_id)).toEqual([recent]);
  expect(rows[0]).toMatchObject({ number: 1, interest: "speech recognition" });
});

test("the first digest looks back the same week when somebody else has the interest already", async () => {
  const context = await createContext({}, "2026-11-10T10:00:00Z");
  await addReader(context, { interests: "speech" });
  await addPapers(context, onSpeech());
  await run(context);
  context.setNow("2026-11-19T10:00:00Z");
  const [recent] = await addPapers(context, onSpeech());
  await run(context);
  context.setNow("2026-11-20T13:00:00Z");
  const second = await addReader(context, { interests: "Speech" });
  await run(context);
  expect((await contents(context, second)).map((row) => row.paper_id)).toEqual([recent]);
});

test("the next digest comes at the reader's hour and has only what is new", async () => {
  const context = await createContext();
  await addPapers(context, onSpeech());
  const reader = await addReader(context, { interests: "speech", timezone: "Asia/Tokyo", hour: "7" });
  await run(context);
  const [fresh] = await addPapers(context, onSpeech());
  context.setNow("2026-11-20T21:59:59Z");
  expect((await run(context)).done).toBe(0);
  context.setNow("2026-11-20T22:00:00Z");
  expect((await run(context)).done).toBe(1);
  const rows = await contents(context, reader);
  expect(rows.map((row) => row.local_date.toString())).toEqual(["2026-11-20", "2026-11-21"]);
  expect(rows[1]?.paper_id).toBe(fresh);
});

test("a paper reaches a reader at most once, though two interests and two batches bring it", async () => {
  const context = await createContext();
  const [one] = await addPapers(context, onSpeech());
  const reader = await addReader(context, { interests: 'speech\nharbours\n"speech recognition"' });
  await run(context);
  await context.sql`update papers set batch_id = null`;
  context.setNow("2026-11-21T09:00:00Z");
  await run(context);
  expect((await contents(context, reader)).map((row) => row.paper_id)).toEqual([one]);
});

test("no papers, no mail: and what comes the day after is not lost", async () => {
  const context = await createContext();
  const reader = await addReader(context, { interests: "speech" });
  await run(context);
  context.setNow("2026-11-21T08:00:00Z");
  await run(context);
  expect(await context.sql`select from outbox where kind = 'digest'`).toHaveLength(0);
  const [fresh] = await addPapers(context, onSpeech());
  context.setNow("2026-11-22T08:00:00Z");
  await run(context);
  expect((await contents(context, reader)).map((row) => row.paper_id)).toEqual([fresh]);
});

test("after three weeks of downtime a reader gets one digest, not twenty-one", async () => {
  const context = await createContext();
  const reader = await addReader(context, { interests: "speech" });
  await run(context);
  const ids = await addPapers(context, onSpeech(), onSpeech());
  context.setNow("2026-12-11T07:00:00Z");
  for (let again = 0; again < 3; again++) await run(context);
  const rows = await contents(context, reader);
  expect(new Set(rows.map((row) => row.paper_id))).toEqual(new Set(ids));
  expect(new Set(rows.map((row) => row.local_date.toString()))).toEqual(new Set(["2026-12-10"]));
  const [row] = await context.sql<{ next_due_at: Temporal.Instant }[]>`select next_due_at from subscribers`;
  expect(row?.next_due_at.toString()).toBe("2026-12-11T08:00:00Z");
});

test("a reader's limit keeps the best, and the digest says how many more matched", async () => {
  const context = await createContext();
  await addPapers(context, ...Array.from({ length: 7 }, () => onSpeech()));
  const reader = await addReader(context, { interests: "speech", limit: "3" });
  await run(context);
  expect(await contents(context, reader)).toHaveLength(3);
  const [digest] = await context.sql<{ matched: number }[]>`select matched from digests`;
  expect(digest?.matched).toBe(7);
});

test("planning leaves nothing half done when it fails", async () => {
  const context = await createContext();
  await addPapers(context, onSpeech());
  await addReader(context, { interests: "speech" });
  await match(context);
  // The last statement of the transaction fails: the clock of the reader can't move.
  await context.sql`alter table subscribers add constraint stop check (planned_at is null)`;
  await plan(context);
  for (const table of ["digests", "digest_papers"])
    expect(await context.sql`select from ${context.sql(table)}`).toHaveLength(0);
  expect(await context.sql`select from outbox where kind = 'digest'`).toHaveLength(0);
  await context.sql`alter table subscribers drop constraint stop`;
  context.setNow("2026-11-20T06:05:00Z");
  expect((await plan(context)).done).toBe(1);
  expect(await context.sql`select from outbox where kind = 'digest'`).toHaveLength(1);
});

test("four planners at once make one digest for each reader", async () => {
  const context = await createContext();
  await addPapers(context, onSpeech());
  for (let count = 0; count < 12; count++) await addReader(context, { interests: "speech" });
  await match(context);
  await Promise.all([plan(context), plan(context), plan(context), plan(context)]);
  while ((await plan(context)).left > 0);
  expect(await context.sql`select from digests`).toHaveLength(12);
  expect(await context.sql`select from outbox where kind = 'digest'`).toHaveLength(12);
});

test("a reader waits until their interests have been matched", async () => {
  const context = await createContext();
  await addPapers(context, onSpeech());
  await match(context);
  const reader = await addReader(context, { interests: "speech" });
  expect((await plan(context)).done).toBe(0);
  await run(context);
  expect(await contents(context, reader)).toHaveLength(1);
});

test("a reader waits while the batch that matches their interest is not complete", async () => {
  const context = await createContext();
  await addPapers(context, onSpeech());
  await match(context);
  const reader = await addReader(context, { interests: "speech" });
  await match(context);
  await context.sql`update batches set completed_at = null where id = (select max(id) from batches)`;
  expect((await plan(context)).done).toBe(0);
  await context.sql`update batches set completed_at = matched_at`;
  await plan(context);
  expect(await contents(context, reader)).toHaveLength(1);
});

test("what a worker keeps from run to run does not go stale when there are new matches", async () => {
  const context = await createContext();
  const memory: PlanMemory = [];
  const reader = await addReader(context, { interests: "speech" });
  const [one] = await addPapers(context, onSpeech());
  await match(context);
  await plan(context, memory);
  const [two] = await addPapers(context, onSpeech());
  context.setNow("2026-11-21T08:00:00Z");
  await match(context);
  await plan(context, memory);
  expect((await contents(context, reader)).map((row) => row.paper_id)).toEqual([one, two]);
});

test("what a second batch had read is let go of once there is only one to plan", async () => {
  const context = await createContext();
  await addReader(context, { interests: "speech" });
  await addPapers(context, onSpeech());
  await match(context);
  const memory: PlanMemory = [];
  await plan(context, memory);
  memory[1] = memory[0];
  await plan(context, memory);
  expect(memory).toEqual([memory[0]]);
});

test("trending papers come with matches, once, and alone to who has no interests", async () => {
  const context = await createContext();
  const [voted] = await addPapers(context, paper({ upvotes: 90 }));
  const without = await addReader(context);
  const quiet = await addReader(context, { interests: "speech", trending: "off" });
  const both = await addReader(context, { interests: "speech", trending: "on" });
  const [matched] = await addPapers(context, onSpeech());
  await run(context);
  expect((await contents(context, without)).map((row) => row.paper_id)).toEqual([voted]);
  expect((await contents(context, quiet)).map((row) => row.paper_id)).toEqual([matched]);
  expect((await contents(context, both)).map((row) => row.paper_id)).toEqual([matched, voted]);
  context.setNow("2026-11-21T09:00:00Z");
  await run(context);
  expect(await contents(context, both)).toHaveLength(2);
});

test("a reader who changes the hour gets neither two digests for a date nor loses a paper", async () => {
  const context = await createContext();
  await addPapers(context, onSpeech());
  const reader = await addReader(context, { interests: "speech", hour: "7" });
  await run(context);
  const [fresh] = await addPapers(context, onSpeech());
  await context.sql`update subscribers set hour = 10, next_due_at = '2026-11-20T10:00:00Z'`;
  context.setNow("2026-11-20T10:00:00Z");
  await run(context);
  context.setNow("2026-11-21T10:00:00Z");
  await run(context);
  const rows = await contents(context, reader);
  expect(rows.map((row) => row.local_date.toString())).toEqual(["2026-11-20", "2026-11-21"]);
  expect(rows[1]?.paper_id).toBe(fresh);
});

test("an interest that is added later looks back a week, and the others are not sent again", async () => {
  const context = await createContext();
  const [speech, robots] = await addPapers(context, onSpeech(), paper({ title: "Robots that fold laundry" }));
  const reader = await addReader(context, { interests: "speech" });
  await run(context);
  context.setNow("2026-11-20T12:00:00Z");
  await applyPreferences(context.sql, context.clock, reader, preferencesSchema.parse({ interests: "speech\nrobots" }));
  context.setNow("2026-11-21T09:00:00Z");
  await run(context);
  expect((await contents(context, reader)).map((row) => row.paper_id)).toEqual([speech, robots]);
});

test("a reader without interests is given the trending papers in turn, and has them all in the end", async () => {
  const context = await createContext();
  await addPapers(context, ...Array.from({ length: 120 }, (_, index) => paper({ upvotes: 500 - index })));
  const reader = await addReader(context, { limit: "50" });
  for (const now of ["2026-11-20T09:00:00Z", "2026-11-21T09:00:00Z", "2026-11-22T09:00:00Z"]) {
    context.setNow(now);
    await run(context);
  }
  const rows = await contents(context, reader);
  expect(rows).toHaveLength(120);
  expect(new Set(rows.map((row) => row.paper_id)).size).toBe(120);
});

test("preferences saved before the first digest is planned do not push it away", async () => {
  const context = await createContext();
  const [one] = await addPapers(context, onSpeech());
  const reader = await addReader(context, { interests: "speech" });
  const wanted = preferencesSchema.parse({ interests: "speech", cadence: "weekly" });
  await applyPreferences(context.sql, context.clock, reader, wanted);
  await run(context);
  expect((await contents(context, reader)).map((row) => row.paper_id)).toEqual([one]);
});

test("who comes back after half a year gets the last week, not half a year", async () => {
  const context = await createContext({}, "2026-05-01T06:00:00Z");
  const form = { email: "ada@example.org", interests: "speech" };
  const reader = await addReader(context, form);
  await run(context);
  await unsubscribe(context, deriveToken(context.config.secret, "unsubscribe", reader));
  for (const month of ["06", "07", "08"]) {
    context.setNow(`2026-${month}-01T06:00:00Z`);
    await addPapers(context, onSpeech());
    await match(context);
  }
  context.setNow("2026-11-18T06:00:00Z");
  const [recent] = await addPapers(context, onSpeech());
  await match(context);
  context.setNow("2026-11-20T06:00:00Z");
  await addReader(context, form);
  await run(context);
  expect((await contents(context, reader)).map((row) => row.paper_id)).toEqual([recent]);
});

test("a reader with a time zone that is not known does not keep the others waiting", async () => {
  const context = await createContext();
  await addPapers(context, onSpeech());
  const odd = await addReader(context, { interests: "speech" });
  const other = await addReader(context, { interests: "speech" });
  await context.sql`update subscribers set timezone = 'Mars/Base' where id = ${odd}`;
  await run(context);
  for (const reader of [odd, other]) expect(await contents(context, reader)).toHaveLength(1);
});
