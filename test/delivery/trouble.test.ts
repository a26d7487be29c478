import { expect, test } from "vitest";
import { deliver } from "../../src/delivery/deliver.ts";
import { createMailer } from "../../src/delivery/smtp.ts";
import { plan } from "../../src/digests/plan.ts";
import { match } from "../../src/interests/match.ts";
import { readStatus } from "../../src/status.ts";
import { addressHash, subscribe } from "../../src/subscribers/subscribe.ts";
import { addConfirmations, addPapers, addReader, paper } from "../support/make.ts";
import { prepareSending, quick, templates } from "../support/sending.ts";

const all = (answer: string) => (step: string) => (step === "rcpt" ? answer : undefined);

test("a server that is down is tried with one mail at a time, and nobody's attempt counts", async () => {
  const { context, send, later, counts, attempts } = await prepareSending(30);
  const nowhere = createMailer(context.config, "smtp://127.0.0.1:9", quick);
  expect(await deliver(context, nowhere, templates)).toMatchObject({
    held: expect.stringContaining("ECONNREFUSED"),
    left: 24,
  });
  expect([await counts(), await attempts()]).toEqual([{ queued: 30 }, 0]);
  expect(await deliver(context, nowhere, templates)).toMatchObject({ done: 0, left: 24 });
  later(2);
  expect(await deliver(context, nowhere, templates)).toMatchObject({ done: 1, left: 23 });
  later(120);
  await send();
  expect(await counts()).toEqual({ sent: 30 });
});

test("421 for everybody slows the sender and counts against nobody", async () => {
  const { server, send, later, counts, attempts } = await prepareSending(30, (step) =>
    step === "mail" ? "421 4.3.2 too much" : undefined,
  );
  for (let run = 0; run < 5; run++) {
    await send();
    later(120);
  }
  expect([await counts(), await attempts()]).toEqual([{ queued: 30 }, 0]);
  expect(server.connections).toBeLessThan(20);
  server.script = () => undefined;
  for (let run = 0; run < 3; run++) {
    await send();
    later(120);
  }
  expect(await counts()).toEqual({ sent: 30 });
  expect(new Set(server.mails.map((mail) => mail.messageId)).size).toBe(30);
  expect(server.mails).toHaveLength(30);
});

test("an address that is refused twice is suppressed, and what is queued for it is cancelled", async () => {
  const { context, server, send, later } = await prepareSending(2);
  const { sql } = context;
  const [victim] = await sql<{ email: string; subscriber_id: number }[]>`select * from outbox order by id limit 1`;
  const { email, subscriber_id } = victim as { email: string; subscriber_id: number };
  await subscribe(context, { email });
  await sql`update outbox set due_at = due_at + interval '1 day' where id = (select max(id) from outbox)`;
  server.script = (step, said) => (step === "rcpt" && said.includes(email) ? "550 5.1.1 no such user" : undefined);
  await send();
  expect(await sql`select from suppressions`).toHaveLength(0);
  later(15);
  await send();
  const mails = await sql`select state, result from outbox where subscriber_id = ${subscriber_id} order by id`;
  expect(mails).toMatchObject([{ state: "failed" }, { state: "cancelled", result: "suppressed: bounce" }]);
  expect(await sql`select status, next_due_at from subscribers where id = ${subscriber_id}`).toEqual([
    { status: "suppressed", next_due_at: null },
  ]);
  expect(await sql`select address_hash, reason from suppressions`).toEqual([
    { address_hash: addressHash(context.config.secret, email), reason: "bounce" },
  ]);
  expect(server.mails).toHaveLength(1);
});

test("a refusal of us stops all sending with an alarm, suppresses nobody, and one mail is tried later", async () => {
  const { context, server, send, later, counts } = await prepareSending(30, all("550 5.7.1 client host blocked"));
  await send();
  expect(await counts()).toEqual({ queued: 30 });
  const asked = server.connections;
  later(30);
  expect(await send()).toMatchObject({ done: 0, held: expect.stringContaining("5.7.1") });
  const { problems } = await readStatus(context);
  expect(problems[0]).toMatch(/^No mail is sent since 2026-11-20T06:00:00Z: .*5\.7\.1.*--resume$/);
  // Another worker knows it too.
  const other = createMailer(context.config, server.url, quick);
  expect(await deliver(context, other, templates)).toMatchObject({ done: 0 });
  expect(server.connections).toBe(asked);
  later(40);
  expect(await send()).toMatchObject({ done: 1 });
  expect(await context.sql`select times from sending_pause`).toEqual([{ times: 2 }]);
  server.script = () => undefined;
  later(1000);
  await send();
  expect(await counts()).toEqual({ sent: 30 });
  expect((await readStatus(context)).problems).toEqual([]);
  expect(await context.sql`select from subscribers where status = 'suppressed'`).toHaveLength(0);
});

test("one reader whose server minds us stops nobody else, and is tried until its time is over", async () => {
  const { context, server, send, later, counts } = await prepareSending(10);
  const [victim] = await context.sql<{ id: number; email: string }[]>`select id, email from outbox order by id limit 1`;
  server.script = (step, said) =>
    step === "rcpt" && said.includes(victim?.email as string) ? "550 5.7.1 not you" : undefined;
  await send();
  later(2);
  await send();
  expect(await counts()).toEqual({ queued: 1, sent: 9 });
  for (let hour = 0; hour < 30; hour++) {
    later(3600);
    await send();
  }
  expect((await readStatus(context)).problems[0]).toMatch(/^A mail was refused .* "550 5\.7\.1 not you"/);
  await addConfirmations(context, 1);
  await send();
  expect(await counts()).toEqual({ queued: 1, sent: 10 });
  expect(await context.sql`select from sending_pause`).toHaveLength(0);
  later(7 * 24 * 3600);
  await send();
  expect(await context.sql`select state, result from outbox where id = ${victim?.id as number}`).toEqual([
    { state: "failed", result: "given up: 550 5.7.1 not you" },
  ]);
});

test("a server that hangs up on every mail gets few copies, not one for each mail at each trial", async () => {
  const { server, send, later, counts } = await prepareSending(40, (step) => (step === "dot" ? "close" : undefined));
  for (let run = 0; run < 4; run++) {
    await send();
    later(2);
  }
  expect((await counts()).unknown).toBe(server.mails.length);
  expect(server.mails.length).toBeLessThan(12);
  server.script = () => undefined;
  for (let run = 0; run < 4; run++) {
    later(600);
    await send();
  }
  expect(await counts()).toEqual({ sent: 40 });
});

test("a worker that stops lets what is under way arrive and leaves the rest queued", async () => {
  const stopping = new AbortController();
  const { context, server, mailer, counts, attempts } = await prepareSending(30, async (step) => {
    if (step === "dot") stopping.abort();
    return undefined;
  });
  expect(await deliver(context, mailer, templates, stopping.signal)).toMatchObject({ left: 30 - server.mails.length });
  expect(server.mails.length).toBeLessThanOrEqual(6);
  expect(await counts()).toEqual({ sent: server.mails.length, queued: 30 - server.mails.length });
  expect(await attempts()).toBe(server.mails.length);
});

test("when the database is away for a moment, what became of a mail is written when it is back", async () => {
  const { context, server, send, counts } = await prepareSending(3);
  let cut = false;
  server.script = async (step) => {
    if (step === "dot" && !cut) {
      cut = true;
      await context.sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
    }
    return undefined;
  };
  await send();
  expect(await counts()).toEqual({ sent: 3 });
  expect(server.mails).toHaveLength(3);
});

test("an address that the server can't take fails, and status says what would do", async () => {
  const { context, server, send } = await prepareSending(0);
  server.extensions = [];
  await subscribe(context, { email: "jürgen@example.org" });
  await send();
  const { problems } = await readStatus(context);
  expect(problems).toEqual([expect.stringMatching(/^1 mails failed .*SMTPUTF8.*Name a server in SMTP_URL/)]);
  expect(await context.sql`select status from subscribers`).toEqual([{ status: "pending" }]);
});

test("failures that differ only in their words are told together", async () => {
  let number = 0;
  const { context, send } = await prepareSending(5, (step) =>
    step === "rcpt" ? `550 5.2.1 disabled (${number++})` : undefined,
  );
  await send();
  expect((await readStatus(context)).problems).toEqual([
    expect.stringMatching(/^5 mails failed in the last day: 550 5\.2\.1 .*--requeue all$/),
  ]);
});

test("a confirmation is not kept waiting by a thousand digests", async () => {
  const { context, server, send } = await prepareSending(0);
  await addPapers(context, paper({ title: "Speech in harbours" }));
  await addReader(context, { interests: "speech" });
  await match(context);
  await plan(context);
  await context.sql`delete from outbox where kind = 'confirm'`;
  await context.sql`
    insert into outbox (kind, subscriber_id, subject_id, email, message_id, priority, created_at, due_at, expires_at)
    select kind, subscriber_id, 1000 + n, 'reader' || n || '@example.org', '<' || n || '@example.org>', priority, created_at, due_at, expires_at
    from outbox, generate_series(1, 200) as n`;
  await addConfirmations(context, 1);
  await send();
  expect(server.mails.findIndex((mail) => mail.to.startsWith("visitor"))).toBeLessThan(3);
});
