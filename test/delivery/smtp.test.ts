import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { createMailer, type Message } from "../../src/delivery/smtp.ts";
import { testConfig } from "../support/context.ts";
import { type Answer, type ScriptedServer, type Step, startScriptedServer } from "../support/scripted_smtp.ts";

const config = testConfig({ SMTP_CONNECTIONS: "3" });
const quick = { connect: 400, greeting: 400, silence: 400, mail: 1500 };

function message(number = 1, fields: Partial<Message> = {}): Message {
  return {
    messageId: `<${number}@papers.example.org>`,
    from: { name: "Paper Round", address: "round@papers.example.org" },
    to: `reader${number}@example.org`,
    subject: "The papers",
    text: "Some text.\n.\n",
    html: "<p>Some text.</p>\n",
    date: Temporal.Instant.from("2026-11-20T08:00:00Z"),
    headers: {},
    ...fields,
  };
}

/** A server that answers one step as it is told, and the mailer that sends to it. */
async function serverThat(at?: Step, answer?: Answer): Promise<{ server: ScriptedServer; send: Sender }> {
  const server = await startScriptedServer((step) => (step === at ? answer : undefined));
  const mailer = createMailer(config, server.url, quick);
  return { server, send: (mail = message()) => mailer.send(mail) };
}
type Sender = (mail?: Message) => ReturnType<ReturnType<typeof createMailer>["send"]>;

test("a mail goes out with its envelope and its text, and the server's answer comes back", async () => {
  const { server, send } = await serverThat();
  expect(await send()).toEqual({ verdict: "sent", answer: "250 2.0.0 taken" });
  const [mail] = server.mails;
  expect(mail).toMatchObject({ from: "round@papers.example.org", to: "reader1@example.org", taken: true });
  expect(mail?.raw).toContain("\r\nSubject: The papers\r\n");
});

test("mail that can't be delivered comes back to an address of its own where there is one", async () => {
  const { server, send } = await serverThat();
  await send(message(1, { envelopeFrom: "return+1@papers.example.org" }));
  expect(server.mails[0]?.from).toBe("return+1@papers.example.org");
  expect(server.mails[0]?.raw).toContain("From: Paper Round <round@papers.example.org>");
});

test("many mails share a few connections, and each goes out once", async () => {
  const { server, send } = await serverThat();
  const outcomes = await Promise.all(Array.from({ length: 40 }, (_, index) => send(message(index))));
  expect(outcomes.every((it) => it.verdict === "sent")).toBe(true);
  expect(new Set(server.mails.map((mail) => mail.messageId)).size).toBe(40);
  expect(server.mails).toHaveLength(40);
  expect(server.connections).toBe(3);
});

test.each<[what: string, at: Step, answer: Answer, verdict: string]>([
  ["closes before the greeting", "connect", "close", "slow"],
  ["says nothing at all", "connect", "silence", "slow"],
  ["greets with 554", "connect", "554 5.3.2 no", "pause"],
  ["closes at EHLO", "ehlo", "close", "slow"],
  ["closes before DATA", "data", "close", "slow"],
  ["stalls before DATA", "rcpt", "silence", "slow"],
  ["trickles lines before DATA", "mail", "trickle", "slow"],
  ["closes in the middle of the mail", "content", "close", "unknown"],
  ["closes behind the final dot", "dot", "close", "unknown"],
  ["stalls behind the final dot", "dot", "silence", "unknown"],
  ["trickles lines behind the final dot", "dot", "trickle", "unknown"],
  ["says 421", "mail", "421 4.3.2 closing", "slow"],
  ["says 421 behind the final dot", "dot", "421 4.3.2 closing", "slow"],
  ["says 454", "rcpt", "454 4.7.0 throttled", "slow"],
  ["greylists", "rcpt", "450 4.2.0 later", "retry"],
  ["knows no such reader", "rcpt", "550 5.1.1 <reader1@example.org>: no such user", "suppress"],
  ["refuses the sender", "mail", "550 5.7.1 not you", "pause"],
  ["refuses what it has read", "dot", "554 5.6.0 bad mail", "refused"],
])("a server that %s", async (_what, at, answer, verdict) => {
  const { server, send } = await serverThat(at, answer);
  expect((await send()).verdict).toBe(verdict);
  server.script = () => undefined;
  expect((await send(message(2))).verdict).toBe("sent");
});

test("a refused mail leaves the connection to the next", async () => {
  const { server, send } = await serverThat("rcpt", "550 5.1.1 no");
  await send();
  server.script = () => undefined;
  await send(message(2));
  expect(server.connections).toBe(1);
});

test("a kept connection that the server has closed meanwhile is replaced without a word", async () => {
  const { server, send } = await serverThat();
  await send();
  let calls = 0;
  server.script = (step) => (step === "mail" && calls++ === 0 ? "close" : undefined);
  expect((await send(message(2))).verdict).toBe("sent");
  server.script = (step) => (step === "mail" && calls++ === 1 ? "421 4.4.2 idle for too long" : undefined);
  expect((await send(message(3))).verdict).toBe("sent");
  expect(server.mails).toHaveLength(3);
});

test("nothing listens: the mail is known as unsent", async () => {
  const mailer = createMailer(config, "smtp://127.0.0.1:9", quick);
  expect(await mailer.send(message())).toMatchObject({
    verdict: "slow",
    answer: expect.stringContaining("ECONNREFUSED"),
  });
});

test("an address beyond ASCII goes only to a server that takes it", async () => {
  const { server, send } = await serverThat();
  expect((await send(message(1, { to: "jürgen@example.org" }))).verdict).toBe("sent");
  const other = await serverThat();
  other.server.extensions = ["PIPELINING"];
  expect(await other.send(message(1, { to: "jürgen@example.org" }))).toMatchObject({
    verdict: "impossible",
    answer: expect.stringContaining("SMTPUTF8"),
  });
  expect((await other.send(message(2))).verdict).toBe("sent");
  expect([server.mails.length, other.server.mails.length, other.server.connections]).toEqual([1, 1, 1]);
});

test("what is under way ends when it is abandoned", async () => {
  const { send, mailer, server } = await (async () => {
    const server = await startScriptedServer((step) => (step === "dot" ? "silence" : undefined));
    const mailer = createMailer(config, server.url);
    return { server, mailer, send: () => mailer.send(message()) };
  })();
  const sending = send();
  await expect.poll(() => server.mails.length).toBe(1);
  mailer.abandon();
  expect((await sending).verdict).toBe("unknown");
});

test("a mail that can't be composed has failed by no server's fault, and stops no other", async () => {
  const { send } = await serverThat();
  expect(await send(message(1, { to: "nobody at all" }))).toMatchObject({
    verdict: "impossible",
    answer: expect.stringContaining("could not be composed"),
  });
  expect((await send(message(2))).verdict).toBe("sent");
});

test("an answer is kept on one line, without the address in it", async () => {
  const { send } = await serverThat(
    "rcpt",
    "550-5.1.1 <ada.okafor@example.org>:\r\n550 5.1.1 no \u0007such\u0000 user",
  );
  expect((await send()).answer).toBe("550-5.1.1 <a…@example.org>: 550 5.1.1 no such user");
});

test("settings that can't sign are refused before a mail is sent", () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const dkim = { DKIM_DOMAIN: "papers.example.org", DKIM_SELECTOR: "round", DKIM_PRIVATE_KEY: key };
  expect(() => testConfig(dkim)).toThrow("DKIM_PRIVATE_KEY can't sign mails");
  expect(() =>
    createMailer({ ...config, dkimDomain: "a", dkimSelector: "b", dkimPrivateKey: key }, "smtp://a"),
  ).toThrow("DKIM_PRIVATE_KEY can't sign mails");
});
