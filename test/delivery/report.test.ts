import fc from "fast-check";
import { expect, test } from "vitest";
import { readReport } from "../../src/delivery/report.ts";

const read = (lines: string[]) => readReport(new TextEncoder().encode(lines.join("\r\n")));

const returned = [
  "Message-ID: <our-own@papers.example.org>",
  "From: Papers <papers@example.org>",
  "To: ada@example.com",
  "Subject: 3 new papers: the user unknown to spam filters, and mailbox full of mail",
  "",
  "User unknown. 550 5.1.1 no such user.",
];

const parts = (type: string, ...bodies: string[][]) => [
  `Content-Type: ${type}; boundary="edge"`,
  "",
  ...bodies.flatMap((body) => ["--edge", ...body]),
  "--edge--",
];

/** As Postfix writes it, with these blocks of recipients and this text for people. */
const postfix = (blocks: string[][], text: string[] = ["I'm sorry to have to inform you."]) => [
  "Return-Path: <>",
  "From: MAILER-DAEMON@mx.example.net (Mail Delivery System)",
  "To: papers@example.org",
  "Subject: Undelivered Mail Returned to Sender",
  "Auto-Submitted: auto-replied",
  "Message-Id: <the-report@mx.example.net>",
  ...parts(
    "multipart/report; report-type=delivery-status",
    ["", ...text],
    [
      "Content-Type: message/delivery-status",
      "",
      "Reporting-MTA: dns; mx.example.net",
      ...blocks.flatMap((block) => ["", ...block]),
    ],
    ["Content-Type: message/rfc822", "", ...returned],
  ),
];

const failed = (address: string, status: string, answer: string) => [
  `Final-Recipient: rfc822; ${address}`,
  `Original-Recipient: rfc822;${address}`,
  "Action: failed",
  `Status: ${status}`,
  `Diagnostic-Code: smtp; ${answer}`,
];

const plain = (from: string, subject: string, lines: string[]) => [
  `From: ${from}`,
  "To: papers@example.org",
  `Subject: ${subject}`,
  "Content-Type: text/plain; charset=utf-8",
  "",
  ...lines,
];

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

test.each([
  [
    "qmail",
    plain("MAILER-DAEMON@mx.example.net", "failure notice", [
      "Hi. This is the qmail-send program at mx.example.net.",
      "I'm afraid I wasn't able to deliver your message to the following addresses.",
      "",
      "<ada@example.com>:",
      "192.0.2.1 does not like recipient.",
      "Remote host said: 550 User unknown",
      "Giving up on 192.0.2.1.",
      "",
      "<grace@example.com>:",
      "user is over quota",
      "",
      "--- Below this line is a copy of the message.",
      "",
      ...returned,
    ]),
    [
      { address: "ada@example.com", hard: true },
      { address: "grace@example.com", hard: false },
    ],
  ],
  [
    "Exim",
    plain("Mail Delivery System <Mailer-Daemon@mx.example.net>", "Mail delivery failed: returning message to sender", [
      "A message that you sent could not be delivered to one or more of its recipients.",
      "",
      "  ada@example.com",
      "    Unrouteable address",
      "",
      "------ This is a copy of the message, including all the headers. ------",
      "",
      ...returned,
    ]),
    [{ address: "ada@example.com", hard: true, reason: "there is no such domain" }],
  ],
  [
    "sendmail of old",
    plain("Mail Delivery Subsystem <MAILER-DAEMON@mx.example.net>", "Returned mail: User unknown", [
      "   ----- Transcript of session follows -----",
      "While talking to mail.example.com:",
      ">>> RCPT To:<ada@example.com>",
      "<<< 550 User unknown",
      "550 <ada@example.com>... User unknown",
      "",
      "   ----- Unsent message follows -----",
      ...returned,
    ]),
    [{ address: "ada@example.com", hard: true }],
  ],
  [
    "Exchange 2003",
    plain("System Administrator <postmaster@example.com>", "Undeliverable: 3 new papers", [
      "did not reach the following recipient(s):",
      "",
      "ada@example.com on Thu, 29 Apr 2010 00:00:00 -0000",
      "    The recipient name is not recognized",
    ]),
    [{ address: "ada@example.com", hard: true }],
  ],
  [
    "Lotus Domino",
    plain("Postmaster@example.com", "DELIVERY FAILURE", [
      "was not delivered to: ada@example.com because:",
      "User ada (ada@example.com) not listed in Domino Directory",
    ]),
    [{ address: "ada@example.com", hard: true }],
  ],
  [
    "Yahoo",
    plain("MAILER-DAEMON@yahoo.example", "Failure Notice", [
      "Sorry, we were unable to deliver your message to the following address.",
      "",
      "<ada@example.com>:",
      "554: 5.7.9 Message not accepted for policy reasons",
    ]),
    [{ address: "ada@example.com", hard: false, reason: "it was refused by policy" }],
  ],
  [
    "a Japanese carrier whose reader has a filter",
    plain("Postmaster@carrier.example.jp", "Mail System Error - Returned Mail", [
      "次のあて先へのメッセージはエラーのため送信できませんでした。",
      "<ada@example.com>: 550 : User unknown (in reply to RCPT TO command)",
    ]),
    [{ address: "ada@example.com", hard: false, reason: "the reader's filter refused it" }],
  ],
  [
    "a server that writes nothing but what it thinks",
    plain("postmaster@example.com", "Undeliverable mail", ["Could not be delivered: ada@example.com, unknown user"]),
    [{ address: "ada@example.com", hard: false, reason: "perhaps there is no such mailbox" }],
  ],
  [
    "Amazon by way of its notifications",
    plain("no-reply@sns.example.com", "AWS Notification Message", [
      '{"Message" : "{\\"notificationType\\":\\"Bounce\\",\\"bounce\\":{\\"bouncedRecipients\\":[{\\"emailAddress\\":\\"ada@example.com\\",\\"status\\":\\"5.1.1\\",\\"diagnosticCode\\":\\"smtp; 550 5.1.1 user unknown\\"}]}}"}',
    ]),
    [{ address: "ada@example.com", hard: true }],
  ],
])("the report of %s is read by its text", async (_name, lines, recipients) => {
  const report = await read(lines);
  expect(report).toMatchObject({ kind: "bounce", recipients });
  if (lines.includes(returned[0] as string))
    expect(report).toMatchObject({ originalMessageId: "<our-own@papers.example.org>" });
});

test("what our own mail says is not taken for what the server says", async () => {
  const lines = plain("MAILER-DAEMON@mx.example.net", "failure notice", [
    "<ada@example.com>:",
    "something went wrong",
    "",
    "--- Below this line is a copy of the message.",
    "",
    ...returned,
  ]);
  expect(await read(lines)).toMatchObject({ kind: "bounce", hard: false, recipients: [{ reason: "it was refused" }] });
});

test("a notice of delay in plain text is no bounce", async () => {
  const lines = plain("MAILER-DAEMON@mx.example.net", "Delivery Status Notification (Delay)", [
    "THIS IS A WARNING MESSAGE ONLY.",
    "Delivery to ada@example.com has been delayed: 550 no such user",
  ]);
  expect(await read(lines)).toEqual({ kind: "other", why: "a notice of delay" });
});

const feedback = (fields: string[]) => [
  "From: feedback@provider.example",
  "Subject: FW: 3 new papers",
  ...parts(
    "multipart/report; report-type=feedback-report",
    ["", "This is an email abuse report."],
    ["Content-Type: message/feedback-report", "", ...fields],
    ["Content-Type: message/rfc822", "", ...returned],
  ),
];

test.each(["abuse", "fraud", "opt-out", "other"])("feedback of the type %s is a complaint", async (type) => {
  expect(await read(feedback([`Feedback-Type: ${type}`, "Original-Rcpt-To: <ada@example.com>"]))).toEqual({
    kind: "complaint",
    feedbackType: type,
    recipients: ["ada@example.com"],
    originalMessageId: "<our-own@papers.example.org>",
  });
});

test.each([
  ["Abuse; urgent", "abuse"],
  ["\0\x1b[31m", "other"],
  ["", "other"],
])("feedback of a type that is written %j is taken as %s", async (written, type) => {
  expect(await read(feedback([`Feedback-Type: ${written}`]))).toMatchObject({ kind: "complaint", feedbackType: type });
});

test.each(["not-spam", "auth-failure", "virus"])("feedback of the type %s is no complaint", async (type) => {
  expect(await read(feedback([`Feedback-Type: ${type}`]))).toEqual({
    kind: "other",
    why: `feedback of the type ${type}`,
  });
});

test("a complaint in Hotmail's older form is one", async () => {
  const lines = [
    "From: staff@provider.example",
    "Subject: complaint about message from 192.0.2.1",
    ...parts("multipart/mixed", [
      "Content-Type: message/rfc822",
      "",
      "X-HmXmrOriginalRecipient: ada@example.com",
      ...returned,
    ]),
  ];
  expect(await read(lines)).toMatchObject({
    kind: "complaint",
    recipients: ["ada@example.com"],
    originalMessageId: "<our-own@papers.example.org>",
  });
});

test.each([
  ["unsubscribe", "This message was written by a program."],
  ["Re: Unsubscribe me", ""],
  ["3 new papers", "Please unsubscribe me.\r\n\r\n> 3 new papers"],
])("a mail %j that says %j asks to be unsubscribed", async (subject, text) => {
  expect(await read(plain("Ada <ada@example.com>", subject, [text]))).toEqual({ kind: "unsubscribe" });
});

test.each([
  [
    "an automatic reply",
    ["Auto-Submitted: auto-replied", ...plain("ada@example.com", "Away until May", ["I am away."])],
  ],
  [
    "an automatic reply",
    ["Return-Path: <>", ...plain("ada@example.com", "Automatic reply: papers", ["not delivered"])],
  ],
  ["an automatic reply", ["Precedence: bulk", ...plain("ada@example.com", "Thank you", ["We have got your mail."])]],
  [
    "a mail of somebody",
    plain("Ada <ada@example.com>", "Undelivered mail?", ["Yours could not be delivered: 550 5.1.1"]),
  ],
  ["a mail of somebody", plain("postmaster@example.com", "Hello", ["Do you still mail ada@example.com?"])],
  ["a mail of somebody", plain("Ada <ada@example.com>", "Fwd: bounce", failed("ada@example.com", "5.1.1", "550 gone"))],
  ["a mail of somebody", plain("Ada <ada@example.com>", "Papers", ["How do I unsubscribe?"])],
  [
    "a read receipt",
    [
      "From: ada@example.com",
      "Subject: Not read: 3 new papers",
      ...parts(
        "multipart/report; report-type=disposition-notification",
        ["", "Your message was not read."],
        ["Content-Type: message/disposition-notification", "", "Disposition: automatic-action; deleted"],
      ),
    ],
  ],
])("%s is neither a bounce nor a wish", async (why, lines) => {
  expect(await read(lines)).toEqual({ kind: "other", why });
});

const megabyte = 1 << 20;
const fill = (text: string) => text.repeat(Math.ceil(megabyte / text.length));
const head = "From: MAILER-DAEMON@example.net\r\nSubject: Undelivered\r\n";
const report = `${head}Content-Type: multipart/report; report-type=delivery-status; boundary="edge"\r\n\r\n`;
const block = "Final-Recipient: rfc822;ada@example.com\nAction: failed\n\n";

test.each([
  ["nothing at all", ""],
  ["nothing but NUL", fill("\0")],
  ["nothing but line ends", fill("\n")],
  ["nothing but a header's line", `Subject: ${fill("=?utf-8?q?a?= ")}`],
  ["a hundred thousand headers", `${fill("X-A: b\r\n")}${head}`],
  ["a header folded without end", `From: a\r\n${fill(" b\r\n")}`],
  ["a type of nothing but brackets", `${head}Content-Type: ${"(".repeat(megabyte / 3)}\r\n\r\nx`],
  ["a hundred thousand parts", report + fill("--edge\r\n\r\nx\r\n")],
  ["parts that are all mails", report + fill("--edge\r\nContent-Type: message/rfc822\r\n\r\nx\r\n")],
  ["parts within parts", fill('Content-Type: multipart/mixed; boundary="a"\r\n\r\n--a\r\n')],
  ["reports within reports", fill(`${report}--edge\r\nContent-Type: message/rfc822\r\n\r\n`)],
  ["thousands of recipients", `${report}--edge\r\nContent-Type: message/delivery-status\r\n\r\n${fill(block)}`],
  ["thousands of addresses", `${head}\r\n${fill("<ada@example.com>: x\n<grace@example.com>: y\n")}`],
  ["a charset that is none", `${head}Content-Type: text/plain; charset="\0!"\r\n\r\nundelivered \x80\xff`],
  ["a charset that is cut off", `${head}Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n${fill("\x1b$B")}`],
  ["markup that never ends", `${head}Content-Type: text/html\r\n\r\n${fill("<a <!-- &lt")}`],
  ["flowed text", `${head}Content-Type: text/plain; format=flowed\r\n\r\n${fill("a \r\n")}`],
  ["an address without end", `${head}\r\n${fill("a@")}`],
  [
    "the words of refusals over and over",
    `${head}\r\n${fill("user address 550 5.1. mailbox message sender exceed a a ")}`,
  ],
])("%s takes bounded time and does not throw", async (_name, text) => {
  const source = Buffer.from(text, "latin1").subarray(0, megabyte);
  const start = performance.now();
  expect(["bounce", "other"]).toContain((await readReport(source)).kind);
  expect(performance.now() - start).toBeLessThan(3000);
});

test("of thousands of recipients a hundred are told", async () => {
  const source = `${report}--edge\r\nContent-Type: message/delivery-status\r\n\r\n${block.repeat(5000)}`;
  expect(await read([source])).toMatchObject({ recipients: { length: 100 } });
});

test("random bytes, and reports with random changes, are read without a throw", async () => {
  const reports = [
    postfix([failed("ada@example.com", "5.1.1", "550 5.1.1 User unknown")]),
    feedback(["Feedback-Type: abuse"]),
    plain("MAILER-DAEMON@mx.example.net", "failure notice", ["<ada@example.com>:", "no such user", ...returned]),
  ].map((lines) => Buffer.from(lines.join("\r\n")));
  const changed = fc
    .tuple(
      fc.constantFrom(...reports),
      fc.array(fc.tuple(fc.nat(2000), fc.nat(40), fc.uint8Array({ maxLength: 40 })), { minLength: 1, maxLength: 20 }),
    )
    .map(([source, changes]) =>
      changes.reduce(
        (bytes, [at, cut, put]) => Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)]),
        source as Buffer,
      ),
    );
  const random = fc.uint8Array({ maxLength: 5000 });
  await fc.assert(
    fc.asyncProperty(fc.oneof(random, changed), async (source) => {
      const start = performance.now();
      expect(["bounce", "complaint", "unsubscribe", "other"]).toContain((await readReport(source)).kind);
      expect(performance.now() - start).toBeLessThan(1000);
    }),
    { numRuns: 1000 },
  );
});
