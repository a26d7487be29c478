import fc from "fast-check";
import { expect, test } from "vitest";
import { readReport } from "../../src/delivery/report.ts";
import { failed, feedback, plain, postfix, read, returned } from "../support/report_lines.ts";

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
  expect(performance.now() - start).toBeLessThan(20_000);
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
      expect(performance.now() - start).toBeLessThan(10_000);
    }),
    { numRuns: 1000 },
  );
});
