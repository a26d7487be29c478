import { spawn } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import { expect, test } from "vitest";
import type { Context } from "../../src/context.ts";
import { claimMails } from "../../src/delivery/claim.ts";
import { deliver } from "../../src/delivery/deliver.ts";
import { becomeHolder, isGone, processNamespace } from "../../src/delivery/holder.ts";
import { createMailer, type Mailer } from "../../src/delivery/smtp.ts";
import { compileTemplates } from "../../src/delivery/templates.ts";
import { plan } from "../../src/digests/plan.ts";
import { housekeeping } from "../../src/housekeeping.ts";
import { match } from "../../src/interests/match.ts";
import { savePapers } from "../../src/papers/save.ts";
import { requestLink } from "../../src/subscribers/privacy.ts";
import { subscribe } from "../../src/subscribers/subscribe.ts";
import { unsubscribe } from "../../src/subscribers/unsubscribe.ts";
import { deriveToken } from "../../src/token.ts";
import { createContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";
import { startSink } from "../support/smtp_sink.ts";

const templates = await compileTemplates();
const sink = await startSink();

async function prepared(readers = 1) {
  sink.mails.length = 0;
  sink.answers = {};
  const context = await createContext();
  await addPapers(context, paper({ arxivId: "2611.95555", title: "Speech in harbours" }));
  const ids = [];
  for (let count = 0; count < readers; count++) ids.push(await addReader(context, { interests: "speech" }));
  await context.sql`delete from outbox where kind = 'confirm'`;
  await match(context);
  await plan(context);
  return { context, ids, mailer: createMailer(context.config, sink.url) };
}

async function deliverAll(context: Context, mailer: Mailer) {
  for (let left = 1; left > 0; ) ({ left } = await deliver(context, mailer, templates));
}

const states = async (context: Context) =>
  (await context.sql<{ state: string }[]>`select state from outbox order by id`).map((row) => row.state);

test("a digest arrives with its papers, and is settled as sent with the server's answer", async () => {
  const { context, mailer } = await prepared();
  await deliverAll(context, mailer);
  expect(sink.mails).toHaveLength(1);
  expect(sink.mails[0]?.parsed.text).toContain("Speech in harbours");
  const [row] = await context.sql`select state, result, attempts from outbox`;
  expect(row).toMatchObject({ state: "sent", attempts: 1, result: expect.stringMatching(/^250/) });
});

test("a server that can't be reached leaves the mail queued, with a pause and the reason", async () => {
  const { context } = await prepared();
  const nowhere = createMailer(context.config, "smtp://127.0.0.1:9");
  await deliverAll(context, nowhere);
  const [row] = await context.sql<
    { state: string; result: string; due_at: Temporal.Instant }[]
  >`select state, result, due_at from outbox`;
  expect(row).toMatchObject({ state: "queued", result: expect.stringContaining("ECONNREFUSED") });
  expect(Temporal.Instant.compare(row?.due_at as Temporal.Instant, context.clock())).toBe(1);
});

test("a refusal for good fails the mail, one for now queues it again", async () => {
  const { context, mailer } = await prepared(2);
  const [first, second] = await context.sql<{ email: string }[]>`select email from outbox order by id`;
  sink.answers.rcpt = (address) =>
    address === first?.email
      ? [550, "5.2.1 mailbox disabled"]
      : address === second?.email
        ? [451, "4.2.1 later"]
        : undefined;
  await deliverAll(context, mailer);
  expect(await states(context)).toEqual(["failed", "queued"]);
  sink.answers = {};
  context.setNow("2026-11-20T06:10:00Z");
  await deliverAll(context, mailer);
  expect(await states(context)).toEqual(["failed", "sent"]);
});

test("a connection lost after the message went out is unknown, and the same mail is sent again after the lease", async () => {
  const { context, mailer } = await prepared();
  sink.answers.data = () => "close";
  await deliver(context, mailer, templates);
  expect(await states(context)).toEqual(["unknown"]);
  sink.answers = {};
  context.setNow("2026-11-20T06:00:01Z");
  // What the mail shows has changed meanwhile, and another source has listed the paper: the second copy must not show it.
  await savePapers(context.sql, context.clock, [
    paper({
      arxivId: "2611.95555",
      title: "Another title",
      version: 2,
      upvotes: 99,
      publishedOn: "2026-11-19",
      listings: [{ source: "huggingface", section: "", kind: "daily", date: "2026-11-20" }],
    }),
  ]);
  await deliver(context, mailer, templates);
  expect(sink.mails).toHaveLength(1);
  context.setNow("2026-11-20T06:06:00Z");
  await deliver(context, mailer, templates);
  expect(await states(context)).toEqual(["sent"]);
  expect(sink.mails).toHaveLength(2);
  expect(sink.mails[1]?.raw).toBe(sink.mails[0]?.raw);
});

test("a mail whose time is over is given up with its last reason", async () => {
  const { context } = await prepared();
  const nowhere = createMailer(context.config, "smtp://127.0.0.1:9");
  context.setNow("2026-11-21T05:59:50Z");
  await deliverAll(context, nowhere);
  const [row] = await context.sql`select state, result from outbox`;
  expect(row).toMatchObject({ state: "failed", result: expect.stringMatching(/^given up: .*ECONNREFUSED/) });
});

test("consent is looked at again when a mail is claimed", async () => {
  const { context, mailer } = await prepared();
  const [reader] = await context.sql<{ email: string }[]>`select email from subscribers`;
  await requestLink(context, reader?.email ?? "");
  await context.sql`update subscribers set status = 'suppressed', next_due_at = null`;
  await deliverAll(context, mailer);
  expect(await states(context)).toEqual(["cancelled", "cancelled"]);
  expect(sink.mails).toHaveLength(0);
});

test("unsubscribing cancels what is queued and what may be sent again", async () => {
  const { context, ids, mailer } = await prepared(2);
  await context.sql`update outbox set state = 'unknown', lease_expires_at = ${context.clock()} where id = (select max(id) from outbox)`;
  for (const id of ids)
    expect(await unsubscribe(context, deriveToken(context.config.secret, "unsubscribe", id))).toBe(true);
  await deliverAll(context, mailer);
  expect(await states(context)).toEqual(["cancelled", "cancelled"]);
  expect(sink.mails).toHaveLength(0);
});

test("four senders at once send each mail once", async () => {
  const { context, mailer } = await prepared(30);
  await Promise.all(Array.from({ length: 4 }, () => deliverAll(context, mailer)));
  expect(sink.mails).toHaveLength(30);
  expect(new Set(sink.mails.map((mail) => mail.to[0])).size).toBe(30);
});

test("a mail held by a process of this machine that is gone is taken over at once", async () => {
  const { context, mailer } = await prepared();
  const child = spawn("true");
  await once(child, "exit");
  const machine = `${hostname()} ${processNamespace()}`;
  await context.sql`
    update outbox set state = 'sending', lease_holder = ${`${machine}/${child.pid}/1`}, lease_expires_at = ${context.clock().add({ hours: 1 })}`;
  await deliverAll(context, mailer);
  expect(await states(context)).toEqual(["sent"]);
});

test("a holder whose processes we can't see, though the host name is ours, is not taken for gone", () => {
  expect(isGone(`${hostname()} pid:[1]/999999/1`)).toBe(false);
  expect(isGone(`elsewhere ${processNamespace()}/999999/1`)).toBe(false);
});

test("what the database gave to a run that never learnt of it is sent by the next, and what a run has at work is left to it", async () => {
  const { context, mailer } = await prepared();
  const run = becomeHolder();
  const now = context.clock();
  await claimMails(context.sql, { now, leaseUntil: now.add({ minutes: 5 }), holder: run.name, limit: 1 });
  await deliver(context, mailer, templates);
  expect(await states(context)).toEqual(["sending"]);
  run.end();
  await deliver(context, mailer, templates);
  expect(await states(context)).toEqual(["sent"]);
});

test("a mail held by another machine waits for its lease", async () => {
  const { context, mailer } = await prepared();
  await context.sql`
    update outbox set state = 'sending', lease_holder = 'elsewhere/1/1', lease_expires_at = ${context.clock().add({ minutes: 5 })}`;
  await deliver(context, mailer, templates);
  expect(sink.mails).toHaveLength(0);
  context.setNow("2026-11-20T06:05:00Z");
  await deliver(context, mailer, templates);
  expect(sink.mails).toHaveLength(1);
});

test("a sender whose lease was taken over does not overwrite what the other wrote", async () => {
  const { context, mailer } = await prepared();
  const slow: Mailer = {
    ...mailer,
    send: async (mail) => {
      await context.sql`update outbox set lease_holder = 'elsewhere/1/1'`;
      return mailer.send(mail);
    },
  };
  await deliver(context, slow, templates);
  expect(await states(context)).toEqual(["sending"]);
});

test("one mail that can't be rendered does not stop the others", async () => {
  const { context, mailer } = await prepared(3);
  const [victim] = await context.sql<
    { id: number; subject_id: number }[]
  >`select id, subject_id from outbox order by id limit 1`;
  await context.sql`update outbox set subject_id = 999999 where id = ${victim?.id as number}`;
  await deliverAll(context, mailer);
  expect(await states(context)).toEqual(["failed", "sent", "sent"]);
});

test("a confirmation goes before digests that were queued earlier", async () => {
  const { context, mailer } = await prepared(25);
  await subscribe(context, { email: "late@example.org" });
  await deliver(context, mailer, templates);
  expect(sink.mails).toHaveLength(26);
  // Ten connections may overtake one another.
  expect(sink.mails.findIndex((mail) => mail.to[0] === "late@example.org")).toBeLessThan(10);
});

test("a digest that could not be sent in its day gives its papers back, and the next one carries them", async () => {
  const { context, mailer } = await prepared();
  const nowhere = createMailer(context.config, "smtp://127.0.0.1:9");
  await deliver(context, nowhere, templates);
  context.setNow("2026-11-21T08:00:00Z");
  await housekeeping(context);
  await addPapers(context, paper({ title: "Speech of the day after" }));
  await match(context);
  await plan(context);
  await deliverAll(context, mailer);
  expect(await states(context)).toEqual(["failed", "sent"]);
  expect(sink.mails).toHaveLength(1);
  expect(sink.mails[0]?.parsed.text).toContain("Speech in harbours");
  expect(sink.mails[0]?.parsed.text).toContain("Speech of the day after");
});

test("a mail whose time is over is not sent any more, though nobody has cleared it away yet", async () => {
  const { context, mailer } = await prepared();
  context.setNow("2026-11-22T08:00:00Z");
  await deliverAll(context, mailer);
  expect(sink.mails).toHaveLength(0);
});

test("a server that takes a mail and hangs up is tried again at growing intervals, not at every lease", async () => {
  const { context, mailer } = await prepared();
  sink.answers.data = () => "close";
  for (let minutes = 0; minutes < 180; minutes += 3) {
    context.setNow(Temporal.Instant.from("2026-11-20T06:00:00Z").add({ minutes }));
    await deliver(context, mailer, templates);
  }
  expect(sink.mails.length).toBeGreaterThan(3);
  expect(sink.mails.length).toBeLessThan(11);
  expect(new Set(sink.mails.map((mail) => mail.parsed.messageId)).size).toBe(1);
});

test("the links of a mail work also when the secret is another than when its reader confirmed", async () => {
  const { context, mailer } = await prepared();
  const changed = {
    ...context,
    config: { ...context.config, secret: "another secret of more than thirty-two characters" },
  };
  await deliver(changed, mailer, templates);
  const link = /unsubscribe\/([\w-]{32})/.exec(sink.mails[0]?.parsed.text ?? "")?.[1] as string;
  expect(await unsubscribe(changed, link)).toBe(true);
});

test("a request that can't be read fails alone", async () => {
  const { context, mailer } = await prepared();
  await subscribe(context, { email: "one@example.org" });
  await subscribe(context, { email: "two@example.org" });
  await context.sql`update subscription_requests set preferences = '{"hour": "noon"}' where id = (select max(id) from subscription_requests)`;
  await deliverAll(context, mailer);
  expect((await states(context)).toSorted()).toEqual(["failed", "sent", "sent"]);
});

test("when two digests of a reader are given up together, the papers of both come with the next", async () => {
  const { context, mailer } = await prepared();
  await context.sql`update outbox set expires_at = '2026-11-22T07:00:00Z'`;
  context.setNow("2026-11-21T08:00:00Z");
  await addPapers(context, paper({ title: "Speech of the day after" }));
  await match(context);
  await plan(context);
  context.setNow("2026-11-22T08:00:00Z");
  await housekeeping(context);
  await match(context);
  await plan(context);
  await deliverAll(context, mailer);
  expect(await states(context)).toEqual(["failed", "failed", "sent"]);
  for (const title of ["Speech in harbours", "Speech of the day after"])
    expect(sink.mails[0]?.parsed.text).toContain(title);
});
