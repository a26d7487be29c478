import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeReturnAddress } from "../../src/delivery/return_address.ts";
import { subscribe } from "../../src/subscribers/subscribe.ts";
import { createContext, type TestContext } from "../support/context.ts";
import { temporaryFolder } from "../support/folder.ts";
import { addReader } from "../support/make.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { bounce, complaint, letter } from "../support/reports.ts";
import { dial } from "../support/smtp_client.ts";

const folder = temporaryFolder();

async function file(text: string): Promise<string> {
  const path = join(folder, "returned.eml");
  await writeFile(path, text);
  return path;
}

const environmentOf = (context: TestContext, more = {}) => ({
  DATABASE_URL: context.url,
  SECRET: context.config.secret,
  BASE_URL: context.config.baseUrl,
  MAIL_FROM: "round@papers.example.org",
  SOURCES: "",
  ...more,
});

/** A reader whose confirmation was sent; its number and Message-ID. */
async function withMail() {
  const context = await createContext({ INBOUND_SMTP_PORT: "0" });
  const reader = await addReader(context, { email: "ada@example.org" });
  const [mail] = await context.sql<{ id: number; message_id: string }[]>`
    update outbox set state = 'sent', attempts = 1, settled_at = ${context.clock()} returning id, message_id`;
  const { id, message_id: messageId } = mail as { id: number; message_id: string };
  return { context, reader, messageId, address: makeReturnAddress(context.config, "bounce", id), id };
}

const status = async ({ sql }: TestContext) =>
  (await sql<{ status: string }[]>`select status from subscribers where email = 'ada@example.org'`)[0]?.status;

test("bounce says what a file is and what it would do, and does it when told to", async () => {
  const { context, address, id } = await withMail();
  const path = await file(bounce(address));
  const seen = await runProgram(["bounce", "--file", path], environmentOf(context));
  expect(seen).toMatchObject({ code: 0 });
  expect(seen.output).toBe(`A bounce, hard:
  ada@example.org: hard, 5.1.1, there is no such mailbox

It is about mail ${id}, a confirm for ada@example.org, active.
With --apply: the address is suppressed, and no mail goes there until its owner confirms again.
`);
  expect(await status(context)).toBe("active");
  const done = await runProgram(["bounce", "--file", path, "--apply"], environmentOf(context));
  expect(done.output).toContain("\nThe address is suppressed, and no mail goes there");
  expect(await status(context)).toBe("suppressed");
  const again = await runProgram(["bounce", "--file", path, "--apply"], environmentOf(context));
  expect(again.output).toContain("It came before, and changes nothing more.");
});

test("a report that came back to no address of ours is known by the Message-ID of our mail", async () => {
  const { context, messageId, id } = await withMail();
  const path = await file(complaint("feedback@papers.example.org", { messageId }));
  const { output } = await runProgram(["bounce", "--file", path], environmentOf(context));
  expect(output).toContain(`A complaint: abuse.\n\nIt is about mail ${id}, `);
});

test.each([
  [
    "a letter",
    letter("round@papers.example.org", { subject: "Hello" }),
    "No bounce and no complaint: a mail of somebody.",
  ],
  ["a bounce of somebody else's mail", bounce("round@papers.example.org"), "A bounce, hard:"],
  ["nothing", "", "No bounce and no complaint: a mail of somebody."],
])("%s changes nothing, and it is told", async (_name, text, told) => {
  const context = await createContext();
  const { code, output } = await runProgram(["bounce", "--file", await file(text), "--apply"], environmentOf(context));
  expect(code).toBe(0);
  expect(output).toContain(told);
  expect(output).toContain("It names no mail of ours: it changes nothing.");
});

test("what a file says does not reach the terminal as a command to it", async () => {
  const context = await createContext();
  const hostile = bounce("round@papers.example.org").replace("rfc822; ada@", "rfc822; \x1b]0;gotcha\x07ada@");
  const { output } = await runProgram(["bounce", "--file", await file(hostile)], environmentOf(context));
  expect(output).toContain("gotcha\ufffdada@example.org: hard");
  expect(output).not.toMatch(/[^\P{Cc}\n]/u);
});

test("a file that is none, and a command without one, are told in a line", async () => {
  for (const [args, message] of [
    [["bounce"], "bounce needs --file PATH"],
    [["bounce", "--file", join(folder, "none.eml")], "none.eml can't be read (ENOENT)."],
    [["bounce", "--file", folder], "can't be read (EISDIR)."],
    [["lift"], "lift needs --email ADDRESS."],
  ] as [string[], string][]) {
    const { code, output } = await runProgram(args, { DATA_DIR: folder });
    expect(code, output).toBe(1);
    expect(output).toContain(message);
    expect(output).not.toMatch(/\n\s+at /);
  }
});

test("lift lets the owner of an address that complained ask again, and resume says when nothing is paused", async () => {
  const { context, address } = await withMail();
  await runProgram(["bounce", "--file", await file(complaint(address)), "--apply"], environmentOf(context));
  await subscribe(context, { email: "ada@example.org" });
  const waiting = () => context.sql`select from outbox where kind = 'confirm' and state = 'queued'`;
  expect(await waiting()).toHaveLength(0);
  const lifted = await runProgram(["lift", "--email", "ADA@example.org"], environmentOf(context));
  expect(lifted.output).toMatch(/^ADA@example\.org was suppressed since \S+ \(complaint\)/);
  context.setNow("2026-11-22T06:00:00Z");
  await subscribe(context, { email: "ada@example.org" });
  expect(await waiting()).toHaveLength(1);
  const again = await runProgram(["lift", "--email", "ada@example.org"], environmentOf(context));
  expect(again).toMatchObject({ code: 1, output: "ada@example.org is not suppressed.\n" });
  expect((await runProgram(["resume"], environmentOf(context))).output).toBe("Digests are not paused.\n");
});

test("a worker listens for returned mail where it is told to, says so, and ends while a client idles", async () => {
  const { context, address } = await withMail();
  const environment = environmentOf(context, {
    INBOUND_SMTP_PORT: "0",
    INBOUND_SMTP_HOST: "127.0.0.1",
    ADMIN_PORT: "0",
    SMTP_URL: "smtp://127.0.0.1:9",
  });
  const program = startProgram(["worker"], environment);
  const [, port] = await program.printed(/comes back to papers\.example\.org is received on port (\d+)/);
  const idle = await dial(Number(port));
  const client = await dial(Number(port));
  await client.begin(address);
  expect(await client.data(bounce(address))).toMatch(/^250/);
  expect(await status(context)).toBe("suppressed");
  const { output } = await runProgram(["status"], { ...environment, INBOUND_SMTP_PORT: "2525" });
  expect(output).toMatch(
    /Returned 1 hard in the last week\nFeedback loops of providers report to feedback-0-[0-9a-v]{26}@/,
  );
  const second = await runProgram(["worker"], { ...environment, INBOUND_SMTP_PORT: port as string });
  expect(second.output).toMatch(
    /^Port \d+ on 127\.0\.0\.1 is taken by another program\. Set INBOUND_SMTP_PORT to another/m,
  );
  program.process.kill("SIGTERM");
  expect(await program.ended()).toBe(0);
  expect(await idle.reply()).toMatch(/^421|^closed/);
});
