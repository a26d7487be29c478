import { expect, test } from "vitest";
import type { Context } from "../../src/context.ts";
import { housekeeping } from "../../src/housekeeping.ts";
import { confirm, readConfirmation } from "../../src/subscribers/confirm.ts";
import { FormError } from "../../src/subscribers/preferences.ts";
import { addressHash, subscribe } from "../../src/subscribers/subscribe.ts";
import { suppress } from "../../src/subscribers/suppress.ts";
import { unsubscribe } from "../../src/subscribers/unsubscribe.ts";
import { deriveToken } from "../../src/token.ts";
import { createContext } from "../support/context.ts";
import { addReader } from "../support/make.ts";

const email = "ada@example.org";
const rows = (context: Context) =>
  context.sql<{ status: string; cadence: string; hour: number; interests: number }[]>`
    select status, cadence, hour, (select count(*)::int from interests i where i.subscriber_id = s.id) as interests from subscribers s`;
const mails = async (context: Context) =>
  (await context.sql<{ state: string }[]>`select state from outbox where kind = 'confirm' order by id`).map(
    (row) => row.state,
  );

async function newestToken(context: Context): Promise<string> {
  const [row] = await context.sql<{ id: number }[]>`select max(id) as id from subscription_requests`;
  return deriveToken(context.config.secret, "confirm", row?.id as number);
}

test("a form changes nothing but to queue a confirmation, until its owner confirms", async () => {
  const context = await createContext();
  await subscribe(context, { email, interests: "speech", hour: "6", timezone: "Europe/Berlin" });
  expect([...(await rows(context))]).toEqual([{ status: "pending", cadence: "daily", hour: 8, interests: 0 }]);
  expect(await mails(context)).toEqual(["queued"]);
  const token = await newestToken(context);
  expect(await readConfirmation(context, token)).toMatchObject({ confirmed: false });
  await confirm(context, token);
  expect([...(await rows(context))]).toEqual([{ status: "active", cadence: "daily", hour: 6, interests: 1 }]);
});

test("a form for an active reader changes nothing until the owner confirms it", async () => {
  const context = await createContext();
  await addReader(context, { email, interests: "speech" });
  await subscribe(context, { email: "ADA@example.org", interests: "robots\nboats", cadence: "weekly" });
  expect([...(await rows(context))]).toEqual([{ status: "active", cadence: "daily", hour: 8, interests: 1 }]);
  await confirm(context, await newestToken(context));
  expect([...(await rows(context))]).toEqual([{ status: "active", cadence: "weekly", hour: 8, interests: 2 }]);
});

test("a confirmation may be repeated, and does not undo an unsubscription that came later", async () => {
  const context = await createContext();
  const id = await addReader(context, { email, interests: "speech" });
  const token = await newestToken(context);
  await confirm(context, token);
  await unsubscribe(context, deriveToken(context.config.secret, "unsubscribe", id));
  expect(await confirm(context, token)).toMatchObject({ confirmed: true });
  expect((await rows(context))[0]?.status).toBe("unsubscribed");
});

test("a confirmation link expires after seven days", async () => {
  const context = await createContext();
  await subscribe(context, { email });
  context.setNow("2026-11-27T06:00:01Z");
  expect(await confirm(context, await newestToken(context))).toBeUndefined();
  expect((await rows(context))[0]?.status).toBe("pending");
});

test("a reader who left can come back by the form, and gets a first digest again", async () => {
  const context = await createContext();
  const id = await addReader(context, { email, interests: "speech" });
  await unsubscribe(context, deriveToken(context.config.secret, "unsubscribe", id));
  context.setNow("2026-12-20T06:00:00Z");
  await addReader(context, { email, interests: "speech" });
  const [row] = await context.sql<
    { next_due_at: Temporal.Instant }[]
  >`select next_due_at from subscribers where status = 'active'`;
  expect(row?.next_due_at).toEqual(context.clock());
});

test("every answer writes the same rows; only the mail differs", async () => {
  const context = await createContext();
  await addReader(context, { email: "active@example.org" });
  const gone = await addReader(context, { email: "gone@example.org" });
  await unsubscribe(context, deriveToken(context.config.secret, "unsubscribe", gone));
  await subscribe(context, { email: "pending@example.org" });
  await context.sql`
    insert into suppressions values (${addressHash(context.config.secret, "angry@example.org")}, 'complaint', ${context.clock()})`;
  const before = await context.sql`select id from outbox`;
  const answers = [];
  for (const name of ["new", "pending", "active", "gone", "angry"])
    answers.push(await subscribe(context, { email: `${name}@example.org` }));
  expect(answers.map((answer) => Object.keys(answer))).toEqual(Array(5).fill(["email"]));
  expect(await context.sql`select from outbox`).toHaveLength(before.length + 5);
  const withheld =
    await context.sql`select email from outbox where state = 'cancelled' and id <> all (${before.map((row) => row.id)}::bigint[])`;
  expect([...withheld]).toEqual([{ email: "angry@example.org" }]);
});

test("an address that bounced is asked again once a day, and its owner's confirming lifts it", async () => {
  const context = await createContext();
  const reader = await addReader(context, { email, interests: "speech" });
  const { sql, config, clock } = context;
  await sql`update outbox set state = 'sent'`;
  await sql.begin((it) =>
    suppress(it, config.secret, { emails: [email], reason: "bounce", result: "gone", now: clock() }),
  );
  expect((await rows(context))[0]?.status).toBe("suppressed");
  await subscribe(context, { email });
  expect(await mails(context)).toEqual(["sent", "cancelled"]);
  context.setNow("2026-11-21T06:00:01Z");
  for (let count = 0; count < 3; count++) await subscribe(context, { email: "ADA@example.org", interests: "robots" });
  expect((await mails(context)).slice(2)).toEqual(["queued", "cancelled", "cancelled"]);
  expect((await rows(context))[0]?.status).toBe("suppressed");
  expect(await sql`select from suppressions`).toHaveLength(1);
  const [asked] = await sql<{ id: number }[]>`select subject_id as id from outbox where state = 'queued'`;
  await confirm(context, deriveToken(config.secret, "confirm", asked?.id as number));
  expect([...(await rows(context))]).toEqual([{ status: "active", cadence: "daily", hour: 8, interests: 1 }]);
  expect(await sql`select from suppressions`).toHaveLength(0);
  expect(await sql`select from subscribers where id = ${reader}`).toHaveLength(1);
});

test("an address that was typed for somebody and bounced is not kept for longer than one that was not confirmed", async () => {
  const context = await createContext();
  const { sql, config, clock } = context;
  await subscribe(context, { email });
  await addReader(context, { email: "grace@example.org" });
  for (const it of [email, "grace@example.org"])
    await suppress(sql, config.secret, { emails: [it], reason: "bounce", result: "gone", now: clock() });
  context.setNow("2026-12-21T06:00:00Z");
  await housekeeping(context);
  expect([...(await sql`select email from subscribers`)]).toEqual([{ email: "grace@example.org" }]);
  expect(await sql`select from suppressions`).toHaveLength(2);
});

test("nobody's mailbox can be flooded by the form: four confirmations a day are mailed", async () => {
  const context = await createContext();
  for (let count = 0; count < 7; count++) await subscribe(context, { email });
  expect(await mails(context)).toEqual([...Array(4).fill("queued"), ...Array(3).fill("cancelled")]);
});

test("everything wrong with a form is told at once, by field, and nothing is written", async () => {
  const context = await createContext();
  const form = {
    email: "ada",
    interests: 'speech\n"unclosed\n-only',
    cadence: "hourly",
    hour: "24",
    weekday: "x",
    timezone: "Mars/Base",
    limit: "0",
  };
  const error = await subscribe(context, form).catch((it) => it);
  expect(error).toBeInstanceOf(FormError);
  expect(Object.keys(error.fields).sort()).toEqual([
    "cadence",
    "email",
    "hour",
    "interests",
    "limit",
    "timezone",
    "weekday",
  ]);
  expect(error.fields.interests).toContain('“"unclosed”: This quotation mark is not closed.');
  expect(await rows(context)).toHaveLength(0);
});

test("an interest made of words that are in every paper is refused", async () => {
  const context = await createContext();
  for (const interests of ["the of", "the -survey"]) {
    const error = await subscribe(context, { email, interests }).catch((it) => it);
    expect(error.fields?.interests, interests).toMatch(/Add a rarer one/);
  }
});

test("an address and nothing else gets the trending papers", async () => {
  const context = await createContext();
  await addReader(context, { email, timezone: "", hour: "" });
  const [row] = await context.sql`select trending, cadence, hour, timezone, paper_limit from subscribers`;
  expect(row).toEqual({ trending: true, cadence: "daily", hour: 8, timezone: "UTC", paper_limit: 10 });
});

test("an address that asks again after a month is not cleared away before its new link expires", async () => {
  const context = await createContext();
  await subscribe(context, { email });
  context.setNow("2026-12-19T06:00:00Z");
  await subscribe(context, { email });
  const token = await newestToken(context);
  context.setNow("2026-12-21T06:00:00Z");
  await housekeeping(context);
  expect(await confirm(context, token)).toMatchObject({ confirmed: true });
  context.setNow("2027-03-01T06:00:00Z");
  await subscribe(context, { email: "never@example.org" });
  context.setNow("2027-04-02T06:00:00Z");
  await housekeeping(context);
  expect(await context.sql`select from subscribers where email = 'never@example.org'`).toHaveLength(0);
});

test("digests go to the address as its owner confirmed it, not as somebody typed it before", async () => {
  const context = await createContext();
  await subscribe(context, { email: "ADA@example.org" });
  await subscribe(context, { email });
  await confirm(context, await newestToken(context));
  const [row] = await context.sql`select email from subscribers`;
  expect(row?.email).toBe(email);
});
