import { hash } from "node:crypto";
import { domainToASCII } from "node:url";
import type { Content } from "./content.ts";
import { roomFor, writeQuotedPrintable } from "./quoted_printable.ts";

export type Mail = {
  messageId: string;
  from: { name: string; address: string };
  to: string;
  subject: string;
  text: Content;
  html: Content;
  date: Temporal.Instant;
  headers: Record<string, string>;
};

/** Lines with encoded words end here (RFC 2047, 2); others might go on to 78. */
const lineWidth = 76;

/** Fits into a line behind the longest name of a header of ours. */
const encodedWordWidth = 52;

/** Of the 998 octets of a line (RFC 5322, 2.1.1). A web address that is shorter must stay as it is, though it can't be folded. */
const longestToken = 900;

/**
 * Writes a mail as it goes over the wire: multipart/alternative, quoted-printable, lines that end in CRLF, and a body that is in
 * DKIM's relaxed form. The same mail gives the same bytes. What a header can't hold becomes a space or goes; a line break in the
 * parts is CRLF, and all else in them is kept. Throws where an address, the Message-ID or the name of a header is none, as nobody
 * could tell what was meant.
 */
export function composeMail(mail: Mail): Buffer {
  return Buffer.from(composeDraft(mail));
}

/** The same, good until the next mail is composed. */
export function composeDraft(mail: Mail): Buffer {
  // "=_" is never quoted-printable, so no part can hold the boundary.
  const boundary = `=_${hash("sha256", mail.messageId).slice(0, 24)}`;
  const head = [
    field("From", mailbox(mail.from)),
    field("To", addrSpec("To", mail.to)),
    field("Subject", text(mail.subject, encodedWordWidth)),
    field("Message-ID", `<${addrSpec("Message-ID", mail.messageId.replace(/^<(.*)>$/s, "$1"))}>`),
    field("Date", new Date(mail.date.epochMilliseconds).toUTCString().replace("GMT", "+0000")),
    ...Object.entries(mail.headers).map(([name, value]) => field(name, text(value, longestToken))),
    field("MIME-Version", "1.0"),
    field("Content-Type", `multipart/alternative; boundary="${boundary}"`),
  ].join("");
  const room = 3 * (head.length + 500) + roomFor(mail.text) + roomFor(mail.html);
  if (draft.length < room) draft = Buffer.allocUnsafe(room);
  let length = draft.write(head + partHead(boundary, "plain"));
  length = writeQuotedPrintable(mail.text, draft, length);
  length += draft.write(partHead(boundary, "html"), length);
  length = writeQuotedPrintable(mail.html, draft, length);
  length += draft.write(`\r\n--${boundary}--\r\n`, length);
  return draft.subarray(0, length);
}

/** Where every mail is written, and copied out of: pages that are new to the process cost more than the writing. */
let draft: Buffer = Buffer.allocUnsafe(256 * 1024);

/**
 * Folds between words. The value has single spaces only, so that no line is blank; and its first word stays beside the name,
 * as Python's reader would keep the space of a fold there.
 */
function field(name: string, value: string): string {
  if (!/^[!-9;-~]+$/.test(name)) throw new Error(`${JSON.stringify(name)} is no name of a header`);
  const [first, ...others] = value.split(" ");
  const lines: string[] = [];
  let line = `${name}: ${first}`;
  for (const word of others) {
    if (line.length + 1 + word.length > lineWidth) {
      lines.push(line);
      line = "";
    }
    line += ` ${word}`;
  }
  return [...lines, line, ""].join("\r\n");
}

function mailbox({ name, address }: Mail["from"]): string {
  const words = text(name, encodedWordWidth);
  const spec = addrSpec("From", address);
  if (!words) return spec;
  const bare = words.startsWith("=?") || /^[\w !#$%&'*+/=?^`{|}~-]+$/.test(words);
  return `${bare ? words : `"${words.replace(/["\\]/g, "\\$&")}"`} <${spec}>`;
}

const addressPattern =
  /^([\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*)@([\p{L}\p{M}\p{N}._-]+|\[[\w.:-]+\])$/u;

/** In ASCII where it can be. With a local part that can't, it takes SMTPUTF8 anyway (RFC 6531) and stays as it is. */
function addrSpec(header: string, address: string): string {
  const [, local, domain] = addressPattern.exec(address) ?? [];
  if (!local || !domain) throw new Error(`the ${header} of a mail is no address`);
  return isAscii(local) && !isAscii(domain) ? `${local}@${domainToASCII(domain) || domain}` : address;
}

/** As it is, or whole in encoded words, when a reader would not get it back else or a word is longer than `longest`. */
function text(value: string, longest: number): string {
  const line = oneLine(value);
  const plain = isAscii(line) && !line.includes("=?") && line.split(" ").every((word) => word.length <= longest);
  return plain ? line : encodedWords(line);
}

/** No line break, control character or change of direction gets into a header, and no half of a surrogate pair. */
function oneLine(value: string): string {
  return value
    .toWellFormed()
    .replace(/\p{Bidi_Control}/gu, "")
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim();
}

function isAscii(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

/** RFC 2047: in "Q" or in "B", whichever is shorter, and no code point in two words. */
function encodedWords(line: string): string {
  const inQ = quoted(line).length <= base64(line).length;
  const encode = inQ ? quoted : base64;
  const room = encodedWordWidth - "=?UTF-8?Q??=".length;
  const words: string[] = [];
  let word = "";
  let width = 0;
  for (const character of line) {
    const more = inQ ? quotedWidth(character) : (Buffer.byteLength(character) * 4) / 3;
    if (width + more > room) {
      words.push(word);
      word = "";
      width = 0;
    }
    word += character;
    width += more;
  }
  return [...words, word].map((it) => `=?UTF-8?${inQ ? "Q" : "B"}?${encode(it)}?=`).join(" ");
}

function quotedWidth(character: string): number {
  return /^[A-Za-z0-9!*+/ -]$/.test(character) ? 1 : 3 * Buffer.byteLength(character);
}

/** Only the signs that may stand in a display name too stay as they are (RFC 2047, 5). */
function quoted(text: string): string {
  return text.replace(/[^A-Za-z0-9!*+/-]/gu, (character) =>
    character === " " ? "_" : Buffer.from(character).toString("hex").toUpperCase().replace(/../g, "=$&"),
  );
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function partHead(boundary: string, subtype: "plain" | "html"): string {
  return [
    "",
    `--${boundary}`,
    `Content-Type: text/${subtype}; charset=utf-8`,
    "Content-Transfer-Encoding: quoted-printable",
    "",
    "",
  ].join("\r\n");
}
