import { expect, test } from "vitest";
import { plain, read, returned } from "../support/report_lines.ts";

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
    "sendmail of old, of several",
    plain("Mail Delivery Subsystem <MAILER-DAEMON@mx.example.net>", "Returned mail: Host unknown", [
      "   ----- Transcript of session follows -----",
      "554 <ada@example.com>... Remote protocol error: Connection reset by peer during result wait with example.com",
      "550 example.net (smtp)... 550 Host unknown",
      "554 <grace@example.net>... 550 Host unknown (Authoritative answer from name server)",
      "While talking to mail.example.org:",
      ">>> QUIT",
      "",
      "   ----- Unsent message follows -----",
      ...returned,
    ]),
    [
      { address: "ada@example.com", hard: false },
      { address: "grace@example.net", hard: true, reason: "there is no such domain" },
    ],
  ],
  [
    "a server whose policy it is to know nobody",
    plain("Mail Delivery System <MAILER-DAEMON@mx.example.net>", "Undelivered Mail Returned to Sender", [
      "<ada@example.com>: host mail.example.com[192.0.2.1] said: 550 5.7.1 <ada@example.com>: User unknown",
      "    (in reply to RCPT TO command)",
      "",
      "--- Below this line is a copy of the message.",
      "",
      ...returned,
    ]),
    [{ address: "ada@example.com", hard: false, reason: "it was refused by policy" }],
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
