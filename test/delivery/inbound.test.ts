import nodemailer from "nodemailer";
import { expect, test } from "vitest";
import { deliver } from "../../src/delivery/deliver.ts";
import { makeReturnAddress } from "../../src/delivery/return_address.ts";
import { createMailer } from "../../src/delivery/smtp.ts";
import { compileTemplates } from "../../src/delivery/templates.ts";
import { hand, listening, reports, states, statuses } from "../support/inbound.ts";
import { bounce, complaint, letter } from "../support/reports.ts";
import { dial } from "../support/smtp_client.ts";
import { startSink } from "../support/smtp_sink.ts";

test("a hard bounce suppresses its reader and cancels what is queued, before it is answered", async () => {
  const { context, port, address } = await listening(2);
  expect(await hand(port, address("bounce"), bounce(address("bounce")))).toMatch(/^250/);
  expect(await statuses(context)).toEqual(["suppressed", "active"]);
  expect(await states(context)).toEqual(["sent", "sent", "cancelled", "queued"]);
  expect([...(await context.sql`select reason from suppressions`)]).toEqual([{ reason: "bounce" }]);
  const [report] = await context.sql`select kind, detail from reports`;
  expect(report).toEqual({ kind: "hard", detail: "5.1.1, there is no such mailbox" });
});

test("a complaint suppresses, and the address of another case and a sender that is not null are taken", async () => {
  const { context, port, address } = await listening();
  const client = await dial(port);
  await client.say("EHLO mx.example.net");
  expect(await client.say("MAIL FROM:<feedback@provider.example> SIZE=900")).toMatch(/^250/);
  expect(await client.say(`RCPT TO:<${address("bounce").toUpperCase()}>`)).toMatch(/^250/);
  expect(await client.data(complaint(address("bounce")))).toMatch(/^250/);
  expect(await client.say("QUIT")).toMatch(/^221/);
  expect(await statuses(context)).toEqual(["suppressed"]);
  expect([...(await context.sql`select reason from suppressions`)]).toEqual([{ reason: "complaint" }]);
});

test("a mail to the address in List-Unsubscribe unsubscribes, as a mail program sends it", async () => {
  const { context, port, address } = await listening();
  const transport = nodemailer.createTransport({ host: "127.0.0.1", port, ignoreTLS: true });
  await transport.sendMail({ from: "ada@example.org", to: address("unsubscribe"), subject: "unsubscribe", text: "" });
  transport.close();
  expect(await statuses(context)).toEqual(["unsubscribed"]);
  expect(await states(context)).toEqual(["sent", "cancelled"]);
});

test("who is told to be away by the address for leaving stays", async () => {
  const { context, port, address } = await listening();
  const away = letter(address("unsubscribe"), { subject: "Away", headers: ["Auto-Submitted: auto-replied"] });
  expect(await hand(port, address("unsubscribe"), away)).toMatch(/^250/);
  expect(await statuses(context)).toEqual(["active"]);
});

test("only addresses that we signed, for mails that we sent, are taken", async () => {
  const { context, port, address, mails, ids } = await listening();
  const [queued] = await context.sql<{ id: number }[]>`select id from outbox where state = 'queued'`;
  const bounceAddress = address("bounce");
  for (const to of [
    makeReturnAddress(context.config, "bounce", queued?.id as number),
    makeReturnAddress(context.config, "bounce", 99_999),
    makeReturnAddress(context.config, "unsubscribe", 99_999),
    bounceAddress.replace(/.@/, (it) => (it === "0@" ? "1@" : "0@")),
    bounceAddress.replace(`bounce-${mails[0]?.id}`, `unsubscribe-${ids[0]}`),
    bounceAddress.replace(/@.*/, "@example.org"),
    "postmaster",
    "ada@example.org",
    "round@papers.example.org",
  ])
    expect(await hand(port, to, bounce(to)), to).toMatch(/^550 5\.1\.1/);
  expect(await reports(context)).toEqual([]);
  expect(await statuses(context)).toEqual(["active"]);
});

test("each of two recipients is handled by itself, and a forged one keeps no other from it", async () => {
  const { context, port, address } = await listening(3);
  const client = await dial(port);
  const replies = await client.begin(
    address("bounce", 0),
    address("bounce", 1).replace("-", "-1"),
    address("bounce", 2),
  );
  expect(replies.map((it) => it.slice(0, 3))).toEqual(["250", "550", "250"]);
  expect(await client.data(bounce(address("bounce")))).toMatch(/^250/);
  expect(await statuses(context)).toEqual(["suppressed", "active", "suppressed"]);
});

test("the same report again does nothing more", async () => {
  const { context, port, address } = await listening();
  for (let again = 0; again < 3; again++)
    expect(await hand(port, address("bounce"), bounce(address("bounce"), { status: "4.2.2" }))).toMatch(/^250/);
  expect(await reports(context)).toEqual([{ kind: "soft", times: 3 }]);
  expect(await statuses(context)).toEqual(["active"]);
});

test("a notice of delay changes nothing", async () => {
  const { context, port, address } = await listening();
  const delayed = bounce(address("bounce"), { action: "delayed", status: "4.4.1" });
  expect(await hand(port, address("bounce"), delayed)).toMatch(/^250/);
  expect(await statuses(context)).toEqual(["active"]);
  expect(await reports(context)).toEqual([{ kind: "other", times: 1 }]);
});

test("a mail that breaks off in the middle leaves nothing behind, and the port goes on", async () => {
  const { context, port, address } = await listening();
  for (const how of ["destroy", "end", "resetAndDestroy"] as const) {
    const client = await dial(port);
    await client.begin(address("bounce"));
    await client.say("DATA");
    client.socket.write(bounce(address("bounce")));
    client.socket[how]();
    await client.closed;
  }
  expect(await reports(context)).toEqual([]);
  expect(await hand(port, address("bounce"), bounce(address("bounce")))).toMatch(/^250/);
});

test("when the database fails, the sender is told to come again, and what it says is done then", async () => {
  const { context, port, address } = await listening();
  await context.sql`alter table suppressions rename to elsewhere`;
  expect(await hand(port, address("bounce"), bounce(address("bounce")))).toMatch(/^451/);
  expect(await reports(context)).toEqual([]);
  expect(await statuses(context)).toEqual(["active"]);
  await context.sql`alter table elsewhere rename to suppressions`;
  expect(await hand(port, address("bounce"), bounce(address("bounce")))).toMatch(/^250/);
  expect(await statuses(context)).toEqual(["suppressed"]);
});

test("a complaint of a feedback loop names the mail by its own address, or the reader by theirs; of other mail it is refused", async () => {
  const { context, port, address } = await listening(2);
  const to = makeReturnAddress(context.config, "feedback", 0);
  const returned = (header: string) =>
    complaint(to).replace("Subject: 3 new papers", `${header}\r\nSubject: 3 new papers`);
  expect(await hand(port, to, complaint(to))).toMatch(/^550/);
  expect(await hand(port, to, bounce(to).replace("Papers.", address("bounce")))).toMatch(/^550/);
  expect(await statuses(context)).toEqual(["active", "active"]);
  expect(await hand(port, to, returned(`Return-Path: <${address("bounce")}>`))).toMatch(/^250/);
  const leaving = `List-Unsubscribe: <https://papers.example.org/x>,\r\n <mailto:${address("unsubscribe", 1)}>`;
  expect(await hand(port, to, returned(leaving))).toMatch(/^250/);
  expect(await statuses(context)).toEqual(["suppressed", "suppressed"]);
  expect((await reports(context)).map((it) => it.kind)).toEqual(["complaint", "complaint"]);
});

test("what is being received when it stops is taken, and new connections are not", async () => {
  const { context, inbound, port, address } = await listening();
  const client = await dial(port);
  await client.begin(address("bounce"));
  await client.say("DATA");
  client.socket.write(bounce(address("bounce")));
  const closing = inbound.close();
  const late = await dial(port);
  expect(late.greeting).toBe("closed");
  expect(await client.say("\r\n.")).toMatch(/^250/);
  client.socket.end();
  await closing;
  expect(await statuses(context)).toEqual(["suppressed"]);
});

test("a digest goes out with an address of its own to come back to, and one to leave by; both work", async () => {
  const { context, port } = await listening();
  const sink = await startSink();
  const mailer = createMailer(context.config, sink.url);
  await deliver(context, mailer, await compileTemplates());
  mailer.close();
  const [mail] = sink.mails;
  expect(mail?.parsed.headers.find((it) => it.key === "list-unsubscribe")?.value).toMatch(
    /^<https:\/\/papers\.example\.org\/unsubscribe\/[\w-]{32}>, <mailto:unsubscribe-\d+-[0-9a-v]{26}@papers\.example\.org\?subject=unsubscribe>$/,
  );
  const byMail = /mailto:([^?]+)/.exec(mail?.raw.replace(/\r\n[ \t]/g, " ") ?? "")?.[1] as string;
  expect(mail?.from).toMatch(/^bounce-\d+-[0-9a-v]{26}@papers\.example\.org$/);
  expect(await hand(port, byMail, letter(byMail))).toMatch(/^250/);
  expect(await statuses(context)).toEqual(["unsubscribed"]);
  expect(await hand(port, mail?.from as string, bounce(mail?.from as string))).toMatch(/^250/);
  expect(await statuses(context)).toEqual(["suppressed"]);
});
