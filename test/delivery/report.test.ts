import { expect, test } from "vitest";
import { failed, parts, postfix, read } from "../support/report_lines.ts";

test("a delivery status tells the recipient, the code, our words and the mail that came back", async () => {
  expect(
    await read(postfix([failed("ada@example.com", "5.1.1", "550 5.1.1 <ada@example.com>: User unknown")])),
  ).toEqual({
    kind: "bounce",
    hard: true,
    recipients: [{ address: "ada@example.com", status: "5.1.1", hard: true, reason: "there is no such mailbox" }],
    originalMessageId: "<our-own@papers.example.org>",
  });
});

test.each([
  ["5.1.2", "550 5.1.2 bad destination system"],
  ["5.1.3", "501 5.1.3 bad address syntax"],
  ["5.1.6", "550 5.1.6 recipient no longer on server"],
  ["5.1.10", "550 5.1.10 domain has a null MX"],
  ["5.0.0", "550 No such user here"],
  ["5.0.0", "550 5.1.1 <ada@example.com>... User Unknown"],
  ["5.4.4", "Host or domain name not found. Name service error for name=example.com type=MX: Host not found"],
  ["5.0.0", "556 the domain takes no mail"],
  ["5.3.0", "553 5.3.0 <ada@example.com>... Unknown E-Mail Address"],
  ["5.1.0", "550 #5.1.0 Address rejected ada@example.com"],
  ["5.0.0", "550 ada@example.com is not a valid mailbox"],
  ["5.0.0", "550 No such local user"],
  ["5.0.0", "550 This recipient is not in our valid recipients list"],
  ["5.0.0", "550 Utilisateur inconnu"],
  ["5.0.0", "550 Benutzer unbekannt"],
  ["5.0.0", "550 Usuário inexistente"],
  ["5.0.0", "550 Пользователь не найден"],
  ["5.0.0", "550 用户不存在"],
])("a failure of %s is hard when the server says %j", async (status, answer) => {
  expect(await read(postfix([failed("ada@example.com", status, answer)]))).toMatchObject({
    kind: "bounce",
    hard: true,
  });
});

test.each([
  ["5.2.2", "552 5.2.2 mailbox full", "the mailbox is full"],
  ["5.1.1", "552 5.1.1 ada@example.com is over quota", "the mailbox is full"],
  ["5.2.1", "550 5.2.1 The email account that you tried to reach is disabled", "the mailbox is suspended"],
  [
    "5.7.1",
    "554 5.7.1 Client host [192.0.2.1] blocked using a list",
    "it was taken for spam, or our server for a bad one",
  ],
  ["5.7.26", "550 5.7.26 does not pass DMARC", "our mail could not be authenticated"],
  ["5.7.1", "554 5.7.1 Relay access denied", "it was refused by policy"],
  ["5.1.8", "553 5.1.8 Domain of sender address does not exist", "our sender was refused"],
  ["4.4.1", "connect to example.com: Connection timed out", "it could not be delivered in time"],
  ["4.4.3", "Host not found, try again", "the name could not be looked up"],
  ["4.1.1", "450 4.1.1 User unknown", "perhaps there is no such mailbox"],
  ["4.4.4", "no MX found for example.com", "perhaps there is no such domain"],
  ["5.0.0", "554 something of its own", "it was refused"],
  ["5.0.0", "554 your host is not in our white list", "it was refused"],
])("a failure of %s is soft when the server says %j", async (status, answer, reason) => {
  expect(await read(postfix([failed("ada@example.com", status, answer)]))).toMatchObject({
    kind: "bounce",
    hard: false,
    recipients: [{ hard: false, reason }],
  });
});

test.each([
  ["in reply to RCPT TO command", true],
  ["in reply to end of DATA command", false],
  ["in reply to MAIL FROM command", false],
])(
  "an unknown user without a code is hard only when it was the recipient that was refused: %s",
  async (stage, hard) => {
    const text = ["<ada@example.com>: host mx.example.com said: 550", `    <ada@example.com>: User unknown (${stage})`];
    const answer = "550 <ada@example.com>: User unknown";
    expect(await read(postfix([failed("ada@example.com", "5.0.0", answer)], text))).toMatchObject({
      kind: "bounce",
      hard,
    });
  },
);

test("a domain that is not found is ours when it was our sender that was refused", async () => {
  const text = ["<ada@example.com>: host mx.example.com said: 550 No such domain (in reply to MAIL FROM command)"];
  expect(await read(postfix([failed("ada@example.com", "5.0.0", "550 No such domain")], text))).toMatchObject({
    kind: "bounce",
    hard: false,
  });
});

test("of several recipients only those that failed count, and the whole is hard when all of them are", async () => {
  const gone = failed("ada@example.com", "5.1.1", "550 5.1.1 User unknown");
  const full = failed("grace@example.com", "5.2.2", "552 5.2.2 Mailbox full");
  const delayed = ["Final-Recipient: rfc822; alan@example.com", "Action: delayed", "Status: 4.4.1"];
  expect(await read(postfix([gone, delayed, full]))).toMatchObject({
    hard: false,
    recipients: [
      { address: "ada@example.com", hard: true },
      { address: "grace@example.com", hard: false },
    ],
  });
  expect(await read(postfix([delayed, gone]))).toMatchObject({
    hard: true,
    recipients: [{ address: "ada@example.com" }],
  });
});

test.each(["delayed", "delivered", "relayed", "expanded"])("a status of what was %s is no bounce", async (action) => {
  const block = ["Final-Recipient: rfc822; ada@example.com", `Action: ${action}`, "Status: 4.0.0"];
  expect(await read(postfix([block]))).toEqual({ kind: "other", why: "a notice of delay or delivery" });
});

test("a status that names no recipient leaves what is said to people", async () => {
  const text = ["<ada@example.com>: host mx.example.com said: 550 5.1.1 User unknown"];
  expect(await read(postfix([], text))).toMatchObject({ hard: true, recipients: [{ address: "ada@example.com" }] });
});

test("a status that broken MIME leaves in the text is read", async () => {
  const lines = postfix([failed("ada@example.com", "5.1.1", "550 5.1.1 User unknown")]);
  const broken = lines.map((line) => line.replace('boundary="edge"', 'boundary="another"'));
  expect(await read(broken)).toMatchObject({
    hard: true,
    recipients: [{ address: "ada@example.com", status: "5.1.1" }],
  });
});

test("a report within the report of a gateway is read", async () => {
  const inner = postfix([failed("ada@example.com", "5.1.1", "550 5.1.1 User unknown")]).map((line) =>
    line.replace("edge", "inner"),
  );
  const outer = [
    "From: Mail Delivery Subsystem <MAILER-DAEMON@gateway.example.net>",
    "Subject: Returned mail: User unknown",
    ...parts("multipart/mixed", ["", "There were errors."], ["Content-Type: message/rfc822", "", ...inner]),
  ];
  expect(await read(outer)).toMatchObject({
    hard: true,
    recipients: [{ address: "ada@example.com", status: "5.1.1" }],
  });
});
