import { expect, test } from "vitest";
import { plan } from "../../src/digests/plan.ts";
import { housekeeping } from "../../src/housekeeping.ts";
import { match } from "../../src/interests/match.ts";
import { applyPreferences, preferencesSchema, readChoices } from "../../src/subscribers/preferences.ts";
import { receiveFewer, resubscribe, unsubscribe } from "../../src/subscribers/unsubscribe.ts";
import { deriveToken, type Purpose } from "../../src/token.ts";
import { createContext, type TestContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";

/** A reader whose first digest is of Thursday the 19th, at the hour given. It is Friday, and there are new papers. */
async function reader(form: Record<string, unknown> = {}, now = "2026-11-20T10:00:00Z") {
  const context = await createContext({}, "2026-11-19T06:00:00Z");
  await papers(context);
  const id = await addReader(context, { interests: "speech", hour: "20", ...form });
  await match(context);
  await plan(context);
  context.setNow(now);
  await papers(context);
  const token = (purpose: Purpose) => deriveToken(context.config.secret, purpose, id);
  const change = (wanted: Record<string, unknown>) =>
    applyPreferences(
      context.sql,
      context.clock,
      id,
      preferencesSchema.parse(readChoices({ interests: "speech", hour: 20, ...form, ...wanted })),
    );
  return { context, id, token, change };
}

async function papers(context: TestContext): Promise<void> {
  await addPapers(context, paper({ title: "Speech" }));
  await match(context);
}

const dates = async ({ sql }: TestContext) =>
  (await sql<{ date: Temporal.PlainDate }[]>`select local_date as date from digests order by id`).map((row) =>
    row.date.toString(),
  );
const due = async ({ sql }: TestContext) =>
  (await sql<{ at: Temporal.Instant }[]>`select next_due_at as at from subscribers`)[0]?.at.toString();

/** Plans at each of these times, with papers that are new each time. */
async function planAt(context: TestContext, ...times: string[]): Promise<void> {
  for (const time of times) {
    context.setNow(time);
    await papers(context);
    await plan(context);
  }
}

test("moving the hour to one that is over today brings today's digest at once, and tomorrow's at the new hour", async () => {
  const { context, change } = await reader();
  await change({ hour: 8 });
  await planAt(context, "2026-11-20T10:00:03Z", "2026-11-20T20:00:00Z", "2026-11-21T08:00:00Z");
  expect(await dates(context)).toEqual(["2026-11-19", "2026-11-20", "2026-11-21"]);
  expect(await due(context)).toBe("2026-11-22T08:00:00Z");
});

test("moving the hour to and fro after today's digest brings no second one", async () => {
  const { context, change } = await reader({ hour: "8" });
  await planAt(context, "2026-11-20T10:00:00Z");
  for (const hour of [23, 9, 11, 10]) {
    await change({ hour });
    await planAt(context, "2026-11-20T11:30:00Z");
  }
  expect(await dates(context)).toEqual(["2026-11-19", "2026-11-20"]);
  expect(await due(context)).toBe("2026-11-21T10:00:00Z");
});

test("a reader who flies around the world and changes the zone at each stop has a digest for every date", async () => {
  const { context, change } = await reader({ hour: "7" }, "2026-11-19T20:00:00Z");
  const stops = [
    ["America/Los_Angeles", "2026-11-20T16:00:00Z"],
    ["Pacific/Auckland", "2026-11-20T19:00:00Z"],
    ["Asia/Kathmandu", "2026-11-21T12:00:00Z"],
    ["Europe/Berlin", "2026-11-22T12:00:00Z"],
    ["America/St_Johns", "2026-11-23T12:00:00Z"],
  ] as const;
  for (const [timezone, time] of stops) {
    await change({ timezone });
    await planAt(context, time);
  }
  expect(await dates(context)).toEqual([19, 20, 21, 22, 23].map((day) => `2026-11-${day}`));
});

test("a change on a day that brought nothing to read does not look at it again", async () => {
  const { context, change } = await reader({ hour: "8" }, "2026-11-20T07:00:00Z");
  await planAt(context, "2026-11-20T08:00:00Z");
  context.setNow("2026-11-21T08:00:00Z");
  await plan(context);
  await change({ hour: 7 });
  await planAt(context, "2026-11-21T12:00:00Z");
  expect(await dates(context)).toEqual(["2026-11-19", "2026-11-20"]);
  expect(await due(context)).toBe("2026-11-22T07:00:00Z");
});

test("a first digest with nothing in it leaves today's to come at its hour", async () => {
  const context = await createContext({}, "2026-11-20T06:00:00Z");
  await addReader(context, { interests: "speech", hour: "8" });
  await match(context);
  await plan(context);
  expect(await due(context)).toBe("2026-11-20T08:00:00Z");
  await planAt(context, "2026-11-20T08:00:00Z");
  expect(await dates(context)).toEqual(["2026-11-20"]);
  expect(await due(context)).toBe("2026-11-21T08:00:00Z");
});

test("taking the leaving back after the hour has passed brings the digest that was missed", async () => {
  const { context, token } = await reader({ hour: "8" }, "2026-11-20T07:50:00Z");
  await unsubscribe(context, token("unsubscribe"));
  context.setNow("2026-11-20T08:10:00Z");
  expect(await resubscribe(context, token("resubscribe"))).toBe("done");
  await planAt(context, "2026-11-20T08:10:03Z");
  expect(await dates(context)).toEqual(["2026-11-19", "2026-11-20"]);
});

test("fewer mails come on the weekday, also when that is today", async () => {
  const { context, token } = await reader({ hour: "20", weekday: "5" });
  await receiveFewer(context, token("fewer"));
  expect(await due(context)).toBe("2026-11-20T20:00:00Z");
});

test("after a clock that was a year ahead is set right, digests come again, and none twice", async () => {
  const { context } = await reader({ hour: "8" }, "2027-11-20T10:00:00Z");
  await plan(context);
  await housekeeping(context);
  expect(await due(context)).toBe("2027-11-21T08:00:00Z");
  context.setNow("2026-11-20T10:00:00Z");
  await housekeeping(context);
  await planAt(context, "2026-11-20T10:00:03Z", "2026-11-21T08:00:00Z", "2027-11-20T08:00:00Z", "2027-11-21T08:00:00Z");
  expect(await dates(context)).toEqual(["2026-11-19", "2027-11-20", "2026-11-20", "2026-11-21", "2027-11-21"]);
  const lost =
    await context.sql`select from papers p where not exists (select from digest_papers where paper_id = p.id)`;
  expect(lost).toHaveLength(0);
});

test("a clock that is set back some hours or days brings nothing twice", async () => {
  const { context } = await reader({ hour: "8" });
  await planAt(context, "2026-11-20T08:00:00Z", "2026-11-20T06:00:00Z", "2026-11-20T08:00:00Z", "2026-11-18T12:00:00Z");
  await housekeeping(context);
  await planAt(context, "2026-11-19T08:00:00Z", "2026-11-20T08:00:00Z", "2026-11-21T08:00:00Z");
  expect(await dates(context)).toEqual(["2026-11-19", "2026-11-20", "2026-11-21"]);
});
