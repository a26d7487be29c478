import { expect, test } from "vitest";
import { forecastReport, receiveReport } from "../../src/delivery/receive_report.ts";
import type { Report } from "../../src/delivery/report.ts";
import type { ReturnAddress } from "../../src/delivery/return_address.ts";
import { plan } from "../../src/digests/plan.ts";
import { housekeeping } from "../../src/housekeeping.ts";
import { match } from "../../src/interests/match.ts";
import { addressHash } from "../../src/subscribers/subscribe.ts";
import { unsubscribe } from "../../src/subscribers/unsubscribe.ts";
import { deriveToken } from "../../src/token.ts";
import { createContext, type TestContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";

const bounced = (hard: boolean): Report => ({
  kind: "bounce",
  hard,
  recipients: [{ address: undefined, status: undefined, hard, reason: "the mailbox is full" }],
  originalMessageId: undefined,
});
const complained: Report = { kind: "complaint", feedbackType: "abuse", recipients: [], originalMessageId: undefined };

/** A day on which papers come, are planned and sent. Answers the address that the reader's digest comes back to. */
async function day(context: TestContext, now: string, reader: number): Promise<ReturnAddress> {
  context.setNow(now);
  await addPapers(context, paper({ title: "Speech in harbours" }));
  await match(context);
  await plan(context);
  await context.sql`update outbox set state = 'sent', attempts = 1, settled_at = ${context.clock()} where state = 'queued'`;
  const [mail] = await context.sql<{ id: number }[]>`
    select id from outbox where kind = 'digest' and subscriber_id = ${reader} order by id desc limit 1`;
  return { kind: "bounce", id: mail?.id as number };
}

const morning = (number: number) => `2026-12-${String(number).padStart(2, "0")}T09:00:00Z`;

const statusOf = async ({ sql }: TestContext, reader: number) =>
  (await sql<{ status: string }[]>`select status from subscribers where id = ${reader}`)[0]?.status;

async function withReader(form: Record<string, unknown> = {}) {
  const context = await createContext({}, morning(1));
  const reader = await addReader(context, { interests: "speech", email: "ada@example.org", ...form });
  return { context, reader };
}

test("a mailbox that is full for a week is passed over; nine digests that come back in a row end the mails", async () => {
  const { context, reader } = await withReader();
  const scores = [];
  for (let number = 1; number <= 9; number++) {
    expect(await statusOf(context, reader)).toBe("active");
    const address = await day(context, morning(number), reader);
    scores.push((await receiveReport(context, [address], bounced(false)))[0]?.score?.toFixed(2));
  }
  expect(scores).toEqual(["1.00", "1.90", "2.71", "3.44", "4.10", "4.69", "5.22", "5.70", "6.13"]);
  expect(await statusOf(context, reader)).toBe("suppressed");
});

test("a weekly reader has as many chances as a daily one", async () => {
  const { context, reader } = await withReader({ cadence: "weekly" });
  for (let week = 0; week < 9; week++) {
    expect(await statusOf(context, reader)).toBe("active");
    const address = await day(
      context,
      Temporal.Instant.from(morning(1))
        .add({ hours: 168 * week })
        .toString(),
      reader,
    );
    await receiveReport(context, [address], bounced(false));
  }
  expect(await statusOf(context, reader)).toBe("suppressed");
});

test("digests that arrive between those that come back make the score less", async () => {
  const { context, reader } = await withReader();
  let score: number | undefined;
  for (let number = 1; number <= 28; number++) {
    const address = await day(context, morning(number), reader);
    if (number % 3 === 0) score = (await receiveReport(context, [address], bounced(false)))[0]?.score;
  }
  expect(score).toBeLessThan(4);
  expect(await statusOf(context, reader)).toBe("active");
});

test("reports that come days late, and out of order, weigh as much", async () => {
  const { context, reader } = await withReader();
  const addresses = [];
  for (let number = 1; number <= 14; number++) addresses.push(await day(context, morning(number), reader));
  for (const address of addresses.slice(0, 9).reverse()) await receiveReport(context, [address], bounced(false));
  expect(await statusOf(context, reader)).toBe("suppressed");
});

test("what came back before the reader confirmed anew is forgotten", async () => {
  const { context, reader } = await withReader();
  const before = [];
  for (let number = 1; number <= 8; number++) before.push(await day(context, morning(number), reader));
  for (const address of before) await receiveReport(context, [address], bounced(false));
  await unsubscribe(context, deriveToken(context.config.secret, "unsubscribe", reader));
  context.setNow(morning(9));
  await addReader(context, { interests: "speech", email: "ada@example.org" });
  const address = await day(context, morning(10), reader);
  expect((await receiveReport(context, [address], bounced(false)))[0]?.score).toBe(1);
  // A hard bounce that was long on its way is about the mailbox of then.
  expect((await receiveReport(context, [before[3] as ReturnAddress], bounced(true)))[0]?.suppressed).toBe(false);
  expect(await statusOf(context, reader)).toBe("active");
});

test("suppressing takes the reader, the address and what is queued together, or nothing of it", async () => {
  const { context, reader } = await withReader();
  const address = await day(context, morning(2), reader);
  await context.sql`alter table outbox add constraint stop check (state <> 'cancelled')`;
  await context.sql`update outbox set state = 'queued' where kind = 'confirm'`;
  await expect(receiveReport(context, [address], complained)).rejects.toThrow();
  expect(await statusOf(context, reader)).toBe("active");
  for (const table of ["suppressions", "reports"])
    expect(await context.sql`select from ${context.sql(table)}`).toHaveLength(0);
  await context.sql`alter table outbox drop constraint stop`;
  await receiveReport(context, [address], complained);
  const [row] = await context.sql`select address_hash, reason from suppressions`;
  expect(row).toEqual({ address_hash: addressHash(context.config.secret, "Ada@example.org"), reason: "complaint" });
  expect([...(await context.sql`select state, result from outbox where kind = 'confirm'`)]).toEqual([
    { state: "cancelled", result: "suppressed: a complaint: abuse" },
  ]);
});

test("a complaint stands, whether a bounce came before or after it", async () => {
  const { context, reader } = await withReader();
  const first = await day(context, morning(2), reader);
  const second = await day(context, morning(3), reader);
  for (const report of [bounced(true), complained]) await receiveReport(context, [first], report);
  await receiveReport(context, [second], bounced(true));
  expect([...(await context.sql`select reason from suppressions`)]).toEqual([{ reason: "complaint" }]);
});

test("a reader who left and then complains is suppressed, and can't take the leaving back", async () => {
  const { context, reader } = await withReader();
  const address = await day(context, morning(2), reader);
  await unsubscribe(context, deriveToken(context.config.secret, "unsubscribe", reader));
  await receiveReport(context, [address], complained);
  expect(await statusOf(context, reader)).toBe("suppressed");
});

test("twenty reports about one reader at once are kept as one, and the score counts it once", async () => {
  const { context, reader } = await withReader();
  const address = await day(context, morning(2), reader);
  const all = await Promise.all(Array.from({ length: 20 }, () => receiveReport(context, [address], bounced(false))));
  expect(all.flat().filter((it) => !it.again)).toHaveLength(1);
  expect([...(await context.sql`select kind, times from reports`)]).toEqual([{ kind: "soft", times: 20 }]);
});

test("replies of the absent are kept for a month, what counts for longer", async () => {
  const { context, reader } = await withReader();
  const address = await day(context, morning(2), reader);
  await receiveReport(context, [address], { kind: "other", why: "an automatic reply" });
  await receiveReport(context, [address], bounced(false));
  const kinds = async () => (await context.sql`select kind from reports order by kind`).map((row) => row.kind);
  context.setNow("2027-01-01T09:00:00Z");
  await housekeeping(context);
  expect(await kinds()).toEqual(["other", "soft"]);
  context.setNow("2027-01-02T09:00:00Z");
  await housekeeping(context);
  expect(await kinds()).toEqual(["soft"]);
  context.setNow("2028-01-15T09:00:00Z");
  await housekeeping(context);
  expect(await kinds()).toEqual([]);
});

test("what a report would do can be seen without doing it", async () => {
  const { context, reader } = await withReader();
  const address = await day(context, morning(2), reader);
  expect(await forecastReport(context, [address], bounced(true))).toMatchObject([{ suppressed: true, again: false }]);
  expect(await statusOf(context, reader)).toBe("active");
  expect(await context.sql`select from reports`).toHaveLength(0);
});
