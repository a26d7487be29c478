import { hash } from "node:crypto";
import { domainToASCII } from "node:url";

export type Mail = {
  messageId: string;
  from: { name: string; address: string };
  to: string;
  subject: string;
  text: string;
  html: string;
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
 * Writes a mail as it goes over the wire: multipart/alternative, quoted-printable, lines that end in CRLF. The same mail gives
 * the same bytes. What a header can't hold becomes a space or goes; a line break in the parts is CRLF, and all else in them is
 * kept. Throws where an address, the Message-ID or the name of a header is none, as nobody could tell what was meant.
 */
export function composeMail(mail: Mail): Buffer {
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
  const textPart = Buffer.from(mail.text);
  const htmlPart = Buffer.from(mail.html);
  const room = 3 * (head.length + 500) + worstGrowth * (textPart.length + htmlPart.length);
  if (draft.length < room) draft = Buffer.allocUnsafe(room);
  let length = draft.write(head + partHead(boundary, "plain"));
  length = quotedPrintable(textPart, draft, length);
  length += draft.write(partHead(boundary, "html"), length);
  length = quotedPrintable(htmlPart, draft, length);
  length += draft.write(`\r\n--${boundary}--\r\n`, length);
  return Buffer.from(draft.subarray(0, length));
}

/** Where every mail is written, and copied out of: pages that are new to the process cost more than the writing. */
let draft: Buffer = Buffer.allocUnsafe(256 * 1024);

/** Bytes for one of a part: three, and a soft line break after every 25. */
const worstGrowth = 4;

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
    const more = inQ ? quoted(character).length : (Buffer.byteLength(character) * 4) / 3;
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

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const dot = 0x2e;
const equalsSign = 0x3d;
const letterF = 0x46;
const hexDigits = Buffer.from("0123456789ABCDEF");

/** What a byte takes of a line: 1 when it stands for itself; the first byte of a code point asks for the whole of it. */
const widthOf = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === tab || (byte >= space && byte < 0x7f && byte !== equalsSign)) return 1;
  return byte >= 0xf0 ? 12 : byte >= 0xe0 ? 9 : byte >= 0xc0 ? 6 : 3;
});

/** Bytes that stand for themselves, but where a line begins or ends. */
const isPlain = widthOf.map((width) => Number(width === 1));

/**
 * RFC 2045, 6.7: writes `input` into `output` from `start` on, and answers where it ends. What is plain goes over in runs, with one
 * question to each byte; strings and patterns take ten times as long.
 */
function quotedPrintable(input: Buffer, output: Buffer, start: number): number {
  const end = input.length;
  let length = start;
  let lineStart = start;
  let at = 0;
  while (at < end) {
    let byte = input[at] as number;
    if (length > lineStart || !beginsBadly(input, at, byte)) {
      const stop = length + Math.min(lineWidth - 1 - (length - lineStart), end - at);
      while (length < stop) {
        byte = input[at] as number;
        if (isPlain[byte] === 0) break;
        output[length++] = byte;
        at++;
      }
      if (at === end) break;
      byte = input[at] as number;
    }
    if (byte === lineFeed || byte === carriageReturn) {
      length = endLine(output, lineStart, length);
      output[length++] = carriageReturn;
      output[length++] = lineFeed;
      lineStart = length;
      at += byte === carriageReturn && at + 1 < end && input[at + 1] === lineFeed ? 2 : 1;
    } else if (length - lineStart + (widthOf[byte] as number) >= lineWidth) {
      length = breakSoftly(output, length);
      lineStart = length;
    } else {
      length = escapeByte(output, length, byte);
      at++;
    }
  }
  return endLine(output, lineStart, length);
}

/** A space at the end of a line would be lost on the way. */
function endLine(output: Buffer, lineStart: number, length: number): number {
  const last = output[length - 1] as number;
  if (length === lineStart || (last !== space && last !== tab)) return length;
  const before = length - 1;
  return escapeByte(output, before - lineStart + 3 >= lineWidth ? breakSoftly(output, before) : before, last);
}

function breakSoftly(output: Buffer, length: number): number {
  output[length] = equalsSign;
  output[length + 1] = carriageReturn;
  output[length + 2] = lineFeed;
  return length + 3;
}

function escapeByte(output: Buffer, length: number, byte: number): number {
  output[length] = equalsSign;
  output[length + 1] = hexDigits[byte >> 4] as number;
  output[length + 2] = hexDigits[byte & 15] as number;
  return length + 3;
}

/** What programs on the way change at the beginning of a line: a dot (SMTP), and "From " (files of mail). RFC 2049, 3. */
function beginsBadly(input: Buffer, at: number, byte: number): boolean {
  return byte === dot || (byte === letterF && input.toString("latin1", at, at + 5) === "From ");
}
