import { expect, test } from "vitest";
import { failed, feedback, parts, plain, read, returned } from "../support/report_lines.ts";

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
