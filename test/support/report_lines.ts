import { readReport } from "../../src/delivery/report.ts";

/** What lines say, read as a mail that came back. */
export const read = (lines: string[]) => readReport(new TextEncoder().encode(lines.join("\r\n")));

/** The mail of ours that came back. */
export const returned = [
  "Message-ID: <our-own@papers.example.org>",
  "From: Papers <papers@example.org>",
  "To: ada@example.com",
  "Subject: 3 new papers: the user unknown to spam filters, and mailbox full of mail",
  "",
  "User unknown. 550 5.1.1 no such user.",
];

/** A mail in parts. */
export const parts = (type: string, ...bodies: string[][]) => [
  `Content-Type: ${type}; boundary="edge"`,
  "",
  ...bodies.flatMap((body) => ["--edge", ...body]),
  "--edge--",
];

/** As Postfix writes it, with these blocks of recipients and this text for people. */
export const postfix = (blocks: string[][], text: string[] = ["I'm sorry to have to inform you."]) => [
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

/** What a status says of a recipient whom it failed for. */
export const failed = (address: string, status: string, answer: string) => [
  `Final-Recipient: rfc822; ${address}`,
  `Original-Recipient: rfc822;${address}`,
  "Action: failed",
  `Status: ${status}`,
  `Diagnostic-Code: smtp; ${answer}`,
];

/** A mail in plain text. */
export const plain = (from: string, subject: string, lines: string[]) => [
  `From: ${from}`,
  "To: papers@example.org",
  `Subject: ${subject}`,
  "Content-Type: text/plain; charset=utf-8",
  "",
  ...lines,
];

/** A report of a feedback loop (RFC 5965) with these fields. */
export const feedback = (fields: string[]) => [
  "From: feedback@provider.example",
  "Subject: FW: 3 new papers",
  ...parts(
    "multipart/report; report-type=feedback-report",
    ["", "This is an email abuse report."],
    ["Content-Type: message/feedback-report", "", ...fields],
    ["Content-Type: message/rfc822", "", ...returned],
  ),
];
