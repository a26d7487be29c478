import { expect, test } from "vitest";
import type { Context } from "../../src/context.ts";
import { claimMails } from "../../src/delivery/claim.ts";
import { plan } from "../../src/digests/plan.ts";
import { match } from "../../src/interests/match.ts";
import { receiveFewer, resubscribe, unsubscribe } from "../../src/subscribers/unsubscribe.ts";
import { deriveToken, type Purpose } from "../../src/token.ts";
import { createContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";

async function readerWithMail() {
  const context = await createContext();
  await addPapers(context, paper({ title: "Speech" }));
  const id = await addReader(context, { interests: "speech" });
  await match(context);
  await plan(context);
  const token = (purpose: Purpose) => deriveToken(context.config.secret, purpose, id);
  return { context, token };
}

const states = async (context: Context) =>
  (await context.sql<{ state: string }[]>`select state from outbox order by id`).map((row) => row.state);
const status = async (context: Context) =>
  (await context.sql<{ status: string }[]>`select status from subscribers`)[0]?.status;

test("unsubscribing may be repeated, and says so without a link that works for nothing else", async () => {
  const { context, token } = await readerWithMail();
  expect(await unsubscribe(context, token("preferences"))).toBe(false);
  expect(await status(context)).toBe("active");
  for (let again = 0; again < 3; again++) expect(await unsubscribe(context, token("unsubscribe"))).toBe(true);
  expect(await status(context)).toBe("unsubscribed");
  expect(await states(context)).toEqual(["cancelled", "cancelled"]);
});

test("after unsubscribing nothing is planned any more", async () => {
  const { context, token } = await readerWithMail();
  await unsubscribe(context, token("unsubscribe"));
  await addPapers(context, paper({ title: "Speech again" }));
  context.setNow("2026-12-20T09:00:00Z");
  await match(context);
  expect((await plan(context)).done).toBe(0);
});

test("taking it back within the hour brings the cancelled mail back, and no digest is doubled", async () => {
  const { context, token } = await readerWithMail();
  await context.sql`update outbox set state = 'sent' where kind = 'confirm'`;
  await unsubscribe(context, token("unsubscribe"));
  context.setNow("2026-11-20T06:59:00Z");
  expect(await resubscribe(context, token("resubscribe"))).toBe("done");
  expect(await status(context)).toBe("active");
  expect(await states(context)).toEqual(["sent", "queued"]);
  const [row] = await context.sql<{ next_due_at: Temporal.Instant }[]>`select next_due_at from subscribers`;
  expect(row?.next_due_at.toString()).toBe("2026-11-21T08:00:00Z");
});

test("an hour later it can't be taken back, however often the link was pressed", async () => {
  const { context, token } = await readerWithMail();
  await unsubscribe(context, token("unsubscribe"));
  context.setNow("2026-11-20T06:59:00Z");
  await unsubscribe(context, token("unsubscribe"));
  context.setNow("2026-11-20T07:01:00Z");
  expect(await resubscribe(context, token("resubscribe"))).toBe("too late");
  expect(await status(context)).toBe("unsubscribed");
});

test("fewer mails instead of none: one a week", async () => {
  const { context, token } = await readerWithMail();
  expect(await receiveFewer(context, token("fewer"))).toBe(true);
  const [row] = await context.sql<
    { cadence: string; next_due_at: Temporal.Instant }[]
  >`select cadence, next_due_at from subscribers`;
  expect(row?.cadence).toBe("weekly");
  expect(row?.next_due_at.toString()).toBe("2026-11-23T08:00:00Z");
});

test("a reader who left does not come back by asking for fewer", async () => {
  const { context, token } = await readerWithMail();
  await unsubscribe(context, token("unsubscribe"));
  await receiveFewer(context, token("fewer"));
  expect(await status(context)).toBe("unsubscribed");
});

test("a mail whose cancelling was left to its claim comes back, too", async () => {
  const { context, token } = await readerWithMail();
  const gone = context.clock().subtract({ minutes: 1 });
  await context.sql`update outbox set state = 'sending', lease_holder = 'elsewhere/1/1', lease_expires_at = ${gone} where kind = 'digest'`;
  await unsubscribe(context, token("unsubscribe"));
  await claimMails(context.sql, { now: context.clock(), leaseUntil: context.clock(), holder: "test", limit: 10 });
  expect(await states(context)).toEqual(["cancelled", "cancelled"]);
  await resubscribe(context, token("resubscribe"));
  expect((await states(context)).at(-1)).toBe("queued");
});

test("who leaves before a digest was sent and subscribes anew gets its papers, at once", async () => {
  const context = await createContext();
  await addPapers(context, paper({ title: "Speech" }));
  const form = { email: "ada@example.org", interests: "speech" };
  const id = await addReader(context, form);
  await match(context);
  await plan(context);
  await unsubscribe(context, deriveToken(context.config.secret, "unsubscribe", id));
  await addReader(context, form);
  await plan(context);
  const [digest] = await context.sql`select count(*)::int as papers from digest_papers`;
  expect(digest?.papers).toBe(1);
  expect((await states(context)).at(-1)).toBe("queued");
});
