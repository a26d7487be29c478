import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { everyMail } from "../support/every_mail.ts";
import type { SinkMail } from "../support/smtp_sink.ts";

const hasPython = spawnSync("python3", ["-c", "import email.policy"]).status === 0;
const hasPerl = spawnSync("perl", ["-MMIME::Parser", "-e", "1"]).status === 0;

/** Reads a mail as strictly as it can; a defect of any part or header raises. Prints what it read as JSON. */
const inPython = `
import email, email.policy, json, sys
policy = email.policy.SMTP.clone(raise_on_defect=True)
mail = email.message_from_bytes(sys.stdin.buffer.read(), policy=policy)
headers = [[name, str(value), [str(d) for d in getattr(value, "defects", [])]] for name, value in mail.items()]
parts = [[part.get_content_type(), part.get_content(), [str(d) for d in part.defects]] for part in mail.iter_parts()]
print(json.dumps({"headers": headers, "parts": parts, "defects": [str(d) for d in mail.defects], "type": mail.get_content_type()}))
`;

const inPerl = `
use MIME::Parser; binmode STDOUT, ":utf8";
my $parser = MIME::Parser->new; $parser->output_to_core(1); $parser->tmp_to_core(1);
my $mail = $parser->parse(\\*STDIN);
die join "; ", $parser->results->msgs if $parser->results->errors || $parser->results->warnings;
print join("\\n", $mail->mime_type, map { $_->mime_type . " " . length($_->bodyhandle->as_string) } $mail->parts), "\\n";
`;

describe("every mail", () => {
  let mails = new Map<string, SinkMail>();
  beforeAll(async () => {
    mails = await everyMail();
  });

  test("is there, in text and HTML", () => {
    expect([...mails.keys()].sort()).toEqual([
      "address-change",
      "address-changed",
      "all-is-well",
      "confirm",
      "digest",
      "goodbye",
      "preferences-link",
      "welcome",
    ]);
    for (const { parsed } of mails.values())
      expect(Math.min(parsed.text?.length ?? 0, parsed.html?.length ?? 0)).toBeGreaterThan(200);
  });

  test("has no line over 998 octets, nothing but ASCII on the way, and lines that end in CRLF", () => {
    for (const [name, { raw }] of mails) {
      for (const line of raw.split("\r\n")) {
        expect(Buffer.byteLength(line), name).toBeLessThanOrEqual(998);
        expect(line, name).toMatch(/^[\t -~]*$/);
      }
    }
  });

  test.skipIf(!hasPython)(
    "is read by Python's strict parser without a defect in any header or part, as it was written",
    () => {
      for (const [name, { raw, parsed }] of mails) {
        const { status, stdout, stderr } = spawnSync("python3", ["-c", inPython], { input: raw });
        expect([name, status, stderr.toString()]).toEqual([name, 0, ""]);
        const read = JSON.parse(stdout.toString()) as {
          headers: [string, string, string[]][];
          parts: [string, string, string[]][];
          defects: string[];
          type: string;
        };
        expect([read.type, read.defects, ...read.headers.map((it) => it[2])].flat()).toEqual(["multipart/alternative"]);
        expect(read.parts.map(([type, , defects]) => [type, defects])).toEqual([
          ["text/plain", []],
          ["text/html", []],
        ]);
        const even = (text = "") => text.replace(/\r\n/g, "\n").trimEnd();
        expect(even(read.parts[0]?.[1])).toBe(even(parsed.text));
        expect(even(read.parts[1]?.[1])).toBe(even(parsed.html));
        const header = (key: string) => read.headers.find(([it]) => it === key)?.[1];
        expect(header("Subject")).toBe(parsed.subject);
        expect(header("From")).toBe("Paper Round <round@papers.example.org>");
        expect(header("Auto-Submitted")).toBe("auto-generated");
        expect(read.headers.filter(([it]) => it === "Message-ID")).toHaveLength(1);
      }
    },
  );

  test.skipIf(!hasPerl)("is read by Perl's MIME::Parser without a warning", () => {
    for (const [name, { raw }] of mails) {
      const { status, stdout, stderr } = spawnSync("perl", ["-e", inPerl], { input: raw });
      expect([name, status, stderr.toString()]).toEqual([name, 0, ""]);
      expect(stdout.toString()).toMatch(/^multipart\/alternative\ntext\/plain \d{3,}\ntext\/html \d{3,}\n$/);
    }
  });
});
