import { isUtf8 } from "node:buffer";
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import fc from "fast-check";
import PostalMime, { decodeWords } from "postal-mime";
import { expect, test } from "vitest";
import { composeMail, type Mail } from "../../src/delivery/compose.ts";
import { Lines, textOf } from "../../src/delivery/content.ts";
import { whenFileEnds } from "../support/cleanup.ts";

/** With parts in one piece. */
type WholeMail = Mail & { text: string; html: string };

/** A mail with this text everywhere that a text can be. */
function mailOf(text: string, fields: Partial<WholeMail> = {}): WholeMail {
  return {
    messageId: "<1d3f7a52-53f1-4a3c-9a49-5e8fbd9d6a0b@papers.example.org>",
    from: { name: text, address: "digest@papers.example.org" },
    to: "reader@example.org",
    subject: text,
    text,
    html: `<p>${text}</p>\n`,
    date: Temporal.Instant.from("2026-11-20T08:00:00Z"),
    headers: { "X-Text-Of-A-Long-Name": text, "Auto-Submitted": "auto-generated" },
    ...fields,
  };
}

const nasty = [
  "Speech\r\nBcc: victim@example.org\r\n\r\n<p>body</p>",
  "line\rline\nline\r\nline\r\r\n\n",
  "a nul\0, a bell\u0007, an escape\u001b[31m, a delete\u007f, C1 \u0085\u009f",
  "\u202Etxt.exe\u202C \u2066isolated\u2069 \u200F \u061C",
  "🦔 👩‍👩‍👧‍👦 🇪🇺 é e\u0301 ﷽ 田中さんにあげて下さい ÅÍÎÏ˝ÓÔÒÚÆ☃",
  "lone \uD800 halves \uDC00\uD83D, and \uD83E\u202E\uDD94 that must not meet",
  "x".repeat(5000),
  "word ".repeat(1000),
  "é".repeat(2500),
  "🦔".repeat(1250),
  "trailing   ",
  "   leading\t",
  "tabs\tand\t\tspaces   \t\n \n\t\n  end ",
  "From the start\nFrom here\n>From there\nFrom",
  ".\n..\n.dot\nend\n.",
  `${"z".repeat(74)} .\n${"z".repeat(75)}.\n${"z".repeat(76)}From \n${"z".repeat(73)} \n${"z".repeat(72)}é`,
  "=20 =3D =XX = == =\n=",
  "=?utf-8?q?not_a_word?= =?x",
  'Round, Paper "the \\ one" <a@example.org> (comment); group:;',
  "--\n--=_\n-- \n----",
  "\u2028\u2029\u00a0\u3000",
  "&amp; <script>alert(1)</script> {{subject}}",
  "",
];

/** What a header is to hold: one line, with no control characters and no change of direction. */
const inHeader = (text: string) =>
  text
    .toWellFormed()
    .replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    .replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, " ")
    .trim();

/** What a part is to hold: all of it, in lines of one kind. */
const inPart = (text: string) => text.toWellFormed().replace(/\r\n?/g, "\n");

/** Reads as strictly as Python can: a defect is an error. */
const readerInPython = `
import base64, email, email.policy, email.utils, json, sys
from email.header import decode_header, make_header
for line in sys.stdin:
    source = base64.b64decode(line).decode("utf-8")
    policy = email.policy.strict.clone(utf8=True)
    message = email.message_from_string(source, policy=policy)
    name = email.utils.parseaddr(email.message_from_string(source)["From"].replace("\\r", "").replace("\\n", ""))[0]
    parts = list(message.walk())
    people = lambda key: [person.addr_spec for person in message[key].addresses]
    print(json.dumps({
        "defects": [repr(it) for part in parts for it in part.defects]
            + [repr(it) for part in parts for value in part.values() for it in value.defects],
        # The name by the older reader: the newer one of 3.11 leaves the spaces between encoded words in.
        "from": [str(make_header(decode_header(name)))] + people("From"),
        "to": people("To"),
        "date": message["Date"].datetime.isoformat(),
        "headers": [[key, str(value)] for key, value in message.items()],
        "parts": [[part.get_content_type(), part.get_content_charset(), part.get_content()] for part in message.iter_parts()],
    }), flush=True)
`;

const python = spawnSync("python3", ["--version"]).status === 0 ? startPython() : undefined;

type Reading = {
  defects: string[];
  from: string[];
  to: string[];
  date: string;
  headers: [string, string][];
  parts: [string, string, string][];
};

function startPython(): (bytes: Buffer) => Promise<Reading> {
  const child = spawn("python3", ["-c", readerInPython], { stdio: ["pipe", "pipe", "inherit"] });
  whenFileEnds(() => child.kill());
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async (bytes) => {
    child.stdin.write(`${bytes.toString("base64")}\n`);
    return JSON.parse((await lines.next()).value ?? "null");
  };
}

async function expectPostalMimeReads(mail: WholeMail): Promise<void> {
  const read = await PostalMime.parse(composeMail(mail));
  const header = (name: string) => decodeWords(read.headers.find((it) => it.key === name)?.value ?? "");
  expect(read.subject ?? "").toBe(inHeader(mail.subject));
  expect(read.from).toMatchObject({ name: inHeader(mail.from.name), address: mail.from.address });
  expect(read.to).toEqual([{ name: "", address: mail.to }]);
  expect(read.messageId).toBe(mail.messageId);
  expect(read.date).toBe("2026-11-20T08:00:00.000Z");
  expect(header("x-text-of-a-long-name")).toBe(inHeader(mail.headers["X-Text-Of-A-Long-Name"] ?? ""));
  // It adds a line break to each part, and takes U+FEFF for a mark of byte order.
  expect(read.text).toBe(`${inPart(mail.text).replace(/^\uFEFF/, "")}\n`);
  expect(read.html).toBe(`${inPart(mail.html).replace(/^\uFEFF/, "")}\n`);
}

async function expectPythonReads(mail: WholeMail): Promise<void> {
  const read = await python?.(composeMail(mail));
  const lines = (text: string) => inPart(text).replaceAll("\n", "\r\n");
  expect(read).toMatchObject({
    defects: [],
    from: [inHeader(mail.from.name), mail.from.address],
    to: [mail.to],
    date: "2026-11-20T08:00:00+00:00",
    parts: [
      ["text/plain", "utf-8", lines(mail.text)],
      ["text/html", "utf-8", lines(mail.html)],
    ],
  });
  expect(read?.headers.slice(2, -1)).toEqual([
    ["Subject", inHeader(mail.subject)],
    ["Message-ID", mail.messageId],
    ["Date", "Fri, 20 Nov 2026 08:00:00 +0000"],
    ...Object.entries(mail.headers).map(([name, value]) => [name, inHeader(value)]),
    ["MIME-Version", "1.0"],
  ]);
}

/** RFC 5322, 2045 and 2047 on lines; a body that is in DKIM's relaxed form (RFC 6376, 3.4.4); no code point in two of them; no header but ours; nothing that would need SMTPUTF8. */
function expectCleanLines(mail: Mail): void {
  const source = composeMail(mail).toString("latin1");
  expect(source).toMatch(/^([\t -~]*\r\n)+$/);
  const lines = source.split("\r\n");
  const head = lines.slice(0, lines.indexOf(""));
  expect(source).toMatch(/\S\r\n$/);
  for (const line of lines.slice(head.length)) {
    expect(line.length).toBeLessThanOrEqual(76);
    expect(line).not.toMatch(/^(From |\.)|\t| {2}| $/);
    expect(isUtf8(unescapedBytes(line))).toBe(true);
  }
  for (const line of head) {
    expect(line.length).toBeLessThanOrEqual(line.includes("=?") ? 76 : 998);
    if (line.length > 78) expect(line).toMatch(/^([\w-]+:)? \S+$/);
    expect(line).toMatch(/\S/);
    for (const [, method, text = ""] of line.matchAll(/=\?UTF-8\?([QB])\?([^?]*)\?=/g))
      expect(isUtf8(method === "B" ? Buffer.from(text, "base64") : unescapedBytes(text))).toBe(true);
  }
  expect(head.filter((line) => /^\S/.test(line)).map((line) => line.split(":")[0])).toEqual([
    ..."From To Subject Message-ID Date".split(" "),
    ...Object.keys(mail.headers),
    ..."MIME-Version Content-Type".split(" "),
  ]);
}

function unescapedBytes(text: string): Buffer {
  const unescaped = text.replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(unescaped, "latin1");
}

const named = nasty.map((text) => [JSON.stringify(text).slice(0, 60), text] as const);

test.each(named)("%s comes back whole", async (_, text) => {
  expectCleanLines(mailOf(text));
  await expectPostalMimeReads(mailOf(text));
});

test.skipIf(!python).each(named)("Python reads %s back", async (_, text) => {
  await expectPythonReads(mailOf(text));
});

const anything = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.string({
    unit: fc.constantFrom(...'aé🦔 \t\r\n\0\uD800\u202E=?_.,<>()"\\@-', "From ", "=?UTF-8?Q?", "x".repeat(70)),
  }),
);
const mails = fc
  .tuple(anything, anything, anything, anything)
  .map(([subject, name, text, html]) =>
    mailOf(subject, { from: { name, address: "digest@papers.example.org" }, text, html }),
  );

test("any text comes back whole", async () => {
  await fc.assert(
    fc.asyncProperty(mails, async (mail) => {
      expectCleanLines(mail);
      await expectPostalMimeReads(mail);
    }),
    { numRuns: 500 },
  );
});

test("a part in pieces is written as it is in one", () => {
  const lines = fc.array(anything).map((list) => new Lines(list.map((text) => `${text}\n`).join("")));
  const pieces = fc.array(
    fc.oneof(
      lines,
      anything.map((text) => `${text}\n`),
    ),
  );
  fc.assert(
    fc.property(pieces, anything, (list, end) => {
      const content = [...list, end];
      const again = mailOf("", { text: textOf(content), html: "" });
      expect(composeMail({ ...again, text: content })).toEqual(composeMail(again));
      expect(composeMail({ ...again, text: content })).toEqual(composeMail(again)); // with lines that were written before
    }),
    { numRuns: 300 },
  );
});

test.skipIf(!python)("Python reads any text back", async () => {
  await fc.assert(fc.asyncProperty(mails, expectPythonReads), { numRuns: 500 });
});

test("a part that holds the boundary does not end there", async () => {
  const boundary = /boundary="(.*)"/.exec(composeMail(mailOf("")).toString())?.[1];
  await expectPostalMimeReads(mailOf("", { text: `before\n--${boundary}\nbetween\n--${boundary}--\nafter` }));
});

test("the same mail is the same bytes, and another one has another boundary", () => {
  const boundary = (mail: Mail) => /boundary="(.*)"/.exec(composeMail(mail).toString())?.[1];
  expect(composeMail(mailOf("Speech 🦔"))).toEqual(composeMail(mailOf("Speech 🦔")));
  expect(boundary(mailOf("a", { messageId: "<other@example.org>" }))).not.toBe(boundary(mailOf("a")));
});

test("the headers of a digest are written as they are", () => {
  const headers = {
    "List-Id": "Paper Round <digest.papers.example.org>",
    "List-Unsubscribe": `<https://papers.example.org/unsubscribe/${"t".repeat(80)}>`,
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
  };
  const from = { name: "Paper Round", address: "digest@papers.example.org" };
  const source = composeMail(mailOf("The papers", { from, headers })).toString();
  for (const [name, value] of Object.entries(headers)) expect(source).toContain(`\r\n${name}: ${value}\r\n`);
  expect(source).toMatch(/^From: Paper Round <digest@papers\.example\.org>\r\nTo: reader@example\.org\r\n/);
});

test.each([
  ["reader@example.org", "reader@example.org"],
  ["o'brien+papers@example.org", "o'brien+papers@example.org"],
  ["reader@bücher.example", "reader@xn--bcher-kva.example"],
  ["jürgen@bücher.example", "jürgen@bücher.example"],
  ["用户@xn--fsqu00a.example", "用户@xn--fsqu00a.example"],
  ["reader@[192.0.2.1]", "reader@[192.0.2.1]"],
])("mail to %s is addressed to %s", (to, written) => {
  expect(composeMail(mailOf("a", { to })).toString()).toContain(`\r\nTo: ${written}\r\n`);
});

test.each([
  "",
  "reader",
  "a@example.org, b@example.org",
  "reader@example.org\r\nBcc: victim@example.org",
  "<reader@example.org>",
  "Reader <reader@example.org>",
  '"a b"@example.org',
  "a@b@example.org",
  "a..b@example.org",
  "reader@example.org\0",
  "reader\u202E@example.org",
  "reader@exa\uD800mple.org",
])("%j is not written where an address belongs", (address) => {
  expect(() => composeMail(mailOf("a", { to: address }))).toThrow("the To of a mail is no address");
  expect(() => composeMail(mailOf("a", { from: { name: "", address } }))).toThrow("the From of a mail");
  expect(() => composeMail(mailOf("a", { messageId: `<${address}>x` }))).toThrow("the Message-ID of a mail");
});

test("a header's name that is none is refused", () => {
  for (const name of ["", "X Text", "X:", "X\r\nBcc", "Ü"])
    expect(() => composeMail(mailOf("a", { headers: { [name]: "a" } }))).toThrow("is no name of a header");
});
