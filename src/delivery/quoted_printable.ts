import { type Content, type Lines, piecesOf } from "./content.ts";

/** Of a line, with the sign that breaks it softly. */
const lineWidth = 76;

/** Bytes for one unit of a text: three of UTF-8, each of three, and a soft line break after every 25. */
const worstGrowth = 12;

/**
 * RFC 2045, 6.7: writes a part into `output`, which has `roomFor` it, from `start` on, and answers where it ends. There is no tab in
 * what it writes, no two spaces side by side and none at the end of a line, so that DKIM's relaxed form of it is the same.
 */
export function writeQuotedPrintable(content: Content, output: Buffer, start: number): number {
  let length = start;
  for (const piece of piecesOf(content)) {
    if (typeof piece === "string") length = writeText(piece, output, length);
    else length += encodedLines(piece).copy(output, length);
  }
  return length;
}

/** Bytes that a part takes at most. */
export function roomFor(content: Content): number {
  return piecesOf(content).reduce(
    (sum, piece) => sum + (typeof piece === "string" ? worstGrowth * piece.length : encodedLines(piece).length),
    0,
  );
}

const encoded = new WeakMap<Lines, Buffer>();

/** Every line stands for itself, so that lines are encoded once for all the mails that have them. */
function encodedLines(lines: Lines): Buffer {
  return encoded.getOrInsertComputed(lines, ({ text }) => {
    const output = Buffer.allocUnsafe(worstGrowth * text.length);
    const length = writeText(text, output, 0);
    const kept = Buffer.allocUnsafeSlow(length); // not a piece of Node's pool, which would be kept as a whole
    output.copy(kept, 0, 0, length);
    return kept;
  });
}

function writeText(text: string, output: Buffer, start: number): number {
  if (bytes.length < 3 * text.length) bytes = Buffer.allocUnsafe(3 * text.length);
  return encode(bytes, bytes.write(text), output, start);
}

/** Where the bytes of a text are looked at. */
let bytes: Buffer = Buffer.allocUnsafe(64 * 1024);

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const dot = 0x2e;
const equalsSign = 0x3d;
const letterF = 0x46;
const hexDigits = Buffer.from("0123456789ABCDEF");

/** What a byte takes of a line: 1 when it stands for itself, but where a line begins; the first of a code point asks for the whole of it. */
const widthOf = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte > space && byte < 0x7f && byte !== equalsSign) return 1;
  return byte >= 0xf0 ? 12 : byte >= 0xe0 ? 9 : byte >= 0xc0 ? 6 : 3;
});

/** What is plain goes over in runs, with one question to each byte; strings and patterns take ten times as long. */
function encode(input: Buffer, end: number, output: Buffer, start: number): number {
  let length = start;
  let lineStart = start;
  let at = 0;
  while (at < end) {
    let byte = input[at] as number;
    if (length > lineStart || !beginsBadly(input, at, end, byte)) {
      const stop = length + Math.min(lineWidth - 1 - (length - lineStart), end - at);
      while (length < stop) {
        byte = input[at] as number;
        if (widthOf[byte] !== 1 && (byte !== space || (length > lineStart && output[length - 1] === space))) break;
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
  if (length === lineStart || last !== space) return length;
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
function beginsBadly(input: Buffer, at: number, end: number, byte: number): boolean {
  return byte === dot || (byte === letterF && input.toString("latin1", at, Math.min(at + 5, end)) === "From ");
}
