const parts = (type: string, ...bodies: string[][]) => [
  `Content-Type: ${type}; boundary="edge"`,
  "",
  ...bodies.flatMap((body) => ["--edge", ...body]),
  "--edge--",
];

/** A delivery status as servers send it (RFC 3464), about one recipient. */
export function bounce(
  to: string,
  { status = "5.1.1", action = "failed", messageId = "<unknown@example.org>" } = {},
): string {
  return [
    "Return-Path: <>",
    "From: MAILER-DAEMON@mx.example.net (Mail Delivery System)",
    `To: ${to}`,
    "Subject: Undelivered Mail Returned to Sender",
    "Auto-Submitted: auto-replied",
    ...parts(
      "multipart/report; report-type=delivery-status",
      ["", "It could not be delivered."],
      [
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.example.net",
        "",
        "Final-Recipient: rfc822; ada@example.org",
        `Action: ${action}`,
        `Status: ${status}`,
        `Diagnostic-Code: smtp; 550 ${status} it could not be taken`,
      ],
      ["Content-Type: message/rfc822", "", `Message-ID: ${messageId}`, "Subject: 3 new papers", "", "Papers."],
    ),
  ].join("\r\n");
}

/** A complaint as providers send it (RFC 5965). */
export function complaint(to: string, { type = "abuse", messageId = "<unknown@example.org>" } = {}): string {
  return [
    "From: feedback@provider.example",
    `To: ${to}`,
    "Subject: FW: 3 new papers",
    ...parts(
      "multipart/report; report-type=feedback-report",
      ["", "This is an email abuse report."],
      ["Content-Type: message/feedback-report", "", `Feedback-Type: ${type}`, "Version: 1", "User-Agent: Test/1"],
      ["Content-Type: message/rfc822", "", `Message-ID: ${messageId}`, "Subject: 3 new papers", "", "Papers."],
    ),
  ].join("\r\n");
}

/** A mail that a person, or a program for them, writes. */
export function letter(to: string, { subject = "unsubscribe", text = "", headers = [] as string[] } = {}): string {
  return [`From: Ada <ada@example.org>`, `To: ${to}`, `Subject: ${subject}`, ...headers, "", text].join("\r\n");
}
