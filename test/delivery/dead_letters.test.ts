import { expect, test } from "vitest";
import { listFailed, requeueFailed } from "../../src/delivery/dead_letters.ts";
import { deliver } from "../../src/delivery/deliver.ts";
import { createMailer } from "../../src/delivery/smtp.ts";
import { compileTemplates } from "../../src/delivery/templates.ts";
import { plan } from "../../src/digests/plan.ts";
import { match } from "../../src/interests/match.ts";
import { createContext } from "../support/context.ts";
import { addConfirmations, addPapers, addReader, paper } from "../support/make.ts";
import { runProgram } from "../support/program.ts";
import { startScriptedServer } from "../support/scripted_smtp.ts";

const templates = await compileTemplates();

/** A digest and a confirmation that the server has refused for good; now it takes everything. */
async function refused() {
  const context = await createContext();
  const { sql } = context;
  await addPapers(context, paper({ title: "Speech in harbours" }));
  const reader = await addReader(context, { interests: "speech" });
  await sql`delete from outbox`;
  await match(context);
  await plan(context);
  await addConfirmations(context, 1);
  const server = await startScriptedServer((step) => (step === "rcpt" ? "550 5.2.0 not today" : undefined));
  const mailer = createMailer(context.config, server.url);
  const send = () => deliver(context, mailer, templates);
  await send();
  server.script = () => undefined;
  return { context, sql, reader, server, send };
}

test("mails that have failed are listed with the reason", async () => {
  const { sql } = await refused();
  expect(await listFailed(sql, 10)).toMatchObject([
    { kind: "confirm", attempts: 1, reason: "550 5.2.0 not today" },
    { kind: "digest", attempts: 1, reason: "550 5.2.0 not today" },
  ]);
});

test("requeued, a confirmation is sent as it was and a digest is planned anew with its papers, once", async () => {
  const { context, sql, server, send } = await refused();
  const [digest] = await sql<{ message_id: string }[]>`select message_id from outbox where kind = 'digest'`;
  const [confirmation] = await sql<{ message_id: string }[]>`select message_id from outbox where kind = 'confirm'`;
  expect(await requeueFailed(sql, "all", context.clock())).toEqual({ queued: 1, planned: 1, passed: 0 });
  expect(await requeueFailed(sql, "all", context.clock())).toEqual({ queued: 0, planned: 0, passed: 0 });
  await plan(context);
  await send();
  expect(server.mails).toHaveLength(2);
  expect(server.mails.find((mail) => mail.messageId === confirmation?.message_id)).toBeDefined();
  const sent = server.mails.find((mail) => mail.messageId !== confirmation?.message_id);
  expect(sent?.raw).toContain("Speech in harbours");
  expect(sent?.messageId).not.toBe(digest?.message_id);
  expect(await sql`select count(*)::int from digests`).toEqual([{ count: 1 }]);
});

test("what nobody waits for any more stays as it is: the reader has left, or a later digest has the papers", async () => {
  const { context, sql, reader } = await refused();
  context.setNow("2026-11-21T08:00:00Z");
  await plan(context);
  expect(await requeueFailed(sql, "all", context.clock())).toEqual({ queued: 1, planned: 0, passed: 1 });
  await sql`delete from digests where local_date = '2026-11-21'`;
  await sql`update subscribers set status = 'unsubscribed', next_due_at = null where id = ${reader}`;
  expect(await requeueFailed(sql, "all", context.clock())).toEqual({ queued: 0, planned: 0, passed: 1 });
});

test("the command shows what has failed and what to do, and requeues one or all", async () => {
  const { context, sql } = await refused();
  const run = (...args: string[]) =>
    runProgram(["outbox", ...args], { DATABASE_URL: context.url, SECRET: context.config.secret });
  const [id] = (await listFailed(sql, 1)).map((letter) => letter.id);
  expect((await run()).output).toMatch(/^2 failed: could not be sent: npm run cli -- outbox --failed$/m);
  const { output } = await run("--failed");
  expect(output).toMatch(/^\d+ {2}digest to r…@example\.org, 2026-11-20T06:00:00Z, attempts: 1$/m);
  expect(output).toContain("550 5.2.0 not today");
  expect(output).toContain("outbox --requeue all");
  expect(output).not.toMatch(/reader\d+@/);
  expect(JSON.parse((await run("--failed", "--json")).output)).toHaveLength(2);
  // The program's own clock is later than the confirmation's link.
  await sql`update outbox set expires_at = '2100-01-01T00:00:00Z'`;
  expect((await run("--requeue", String(id))).output).toContain("1 mails queued again");
  expect(await run("--requeue", "7777")).toMatchObject({ code: 1, output: expect.stringContaining("No mail 7777") });
  expect(await run("--requeue", "some")).toMatchObject({ code: 1, output: expect.stringContaining("or all") });
  expect((await run("--resume")).output).toContain("Sending was not paused.");
});
