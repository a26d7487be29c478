import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { PassThrough, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { describeError, UserError } from "../errors.ts";
import { parseArxivId, parseDoi } from "../papers/identity.ts";
import { readArxivXml } from "./arxiv_xml.ts";
import { readDailyPapers } from "./huggingface.ts";
import { authority, isoDate, oneLine, type PaperRecord, paragraphs, type Reading, webAddress } from "./source.ts";

const linesInAPage = 500;
/** No paper is longer; a line that is belongs to no paper. */
const longestLine = 8 * 1024 * 1024;
/** A document (all but JSON Lines) is held in memory whole. */
const largestDocument = 512 * 1024 * 1024;

/**
 * Reads papers from a file of any known form, plain or gzipped, told by its content: a Hugging Face daily-papers array, arXiv
 * RSS, Atom or OAI-PMH, JSON Lines (`id`, `title`, `summary` or `abstract`, `authors`, `categories`, `day` ...), or an HTTP answer
 * recorded as `{ "url", "status_code", "body" }`. Throws a `UserError` when the file can't be read or is none of these.
 */
export async function* readFile(path: string): AsyncGenerator<Reading> {
  try {
    const { content, beginning } = await open(path);
    if (/^\s*\{/.test(beginning) && !isRecording(beginning)) yield* readLines(content);
    else yield readDocument(await whole(content));
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError("invalid", `${path}: ${describeError(error)}`);
  }
}

async function open(path: string): Promise<{ content: Readable; beginning: string }> {
  const info = await stat(path).catch(() => undefined);
  if (!info?.isFile())
    throw new UserError("not_found", `${path} is ${info ? "a folder" : "not there"}: name a file to read.`);
  const magic = await firstBytes(createReadStream(path, { end: 1 }));
  const content = new PassThrough();
  const raw = createReadStream(path);
  // A broken stream ends `content` with its error, which reaches whoever reads it.
  const zipped = magic[0] === 0x1f && magic[1] === 0x8b;
  (zipped ? pipeline(raw, createGunzip(), content) : pipeline(raw, content)).catch(() => {});
  const bytes = await firstBytes(content);
  const beginning = bytes.subarray(bytes.indexOf("\ufeff") === 0 ? 3 : 0);
  content.unshift(beginning);
  return { content, beginning: beginning.toString("utf8") };
}

async function firstBytes(stream: Readable): Promise<Buffer> {
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) return chunk;
  return Buffer.alloc(0);
}

async function whole(content: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    if (bytes > largestDocument)
      throw new UserError("too_large", "The file is larger than 512 MB: split it, or write it as JSON Lines.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function isRecording(beginning: string): boolean {
  return /^\s*\{\s*"url"\s*:/.test(beginning);
}

function readDocument(text: string): Reading {
  if (!text.trim()) throw new Error("the file is empty");
  if (/^\s*</.test(text)) return readArxivXml(text.trimStart());
  if (/^\s*[[{]/.test(text)) {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return readDailyPapers(value);
    const { body } = value as { body?: unknown };
    if (typeof body === "string") return readDocument(body);
  }
  throw new Error("this is none of the forms that are read: daily-papers JSON, JSON Lines, RSS, Atom or OAI-PMH");
}

async function* readLines(content: Readable): AsyncGenerator<Reading> {
  let reading: Reading = { papers: [], skipped: [] };
  let number = 0;
  for await (const line of linesOf(content)) {
    number++;
    if (!line.trim()) continue;
    const result = readLine(line);
    if (typeof result === "string") reading.skipped.push({ entry: `line ${number}`, reason: result });
    else reading.papers.push(result);
    if (reading.papers.length >= linesInAPage) {
      yield reading;
      reading = { papers: [], skipped: [] };
    }
  }
  yield reading;
}

/** Not readline's: for it U+2028 ends a line, too, which stands in the texts of JSON as it is. */
async function* linesOf(content: Readable): AsyncGenerator<string> {
  let line = "";
  for await (const chunk of content.setEncoding("utf8")) {
    const [first, ...others] = (chunk as string).split("\n");
    line += first;
    for (const other of others) {
      yield line;
      line = other;
    }
  }
  yield line;
}

function readLine(line: string): PaperRecord | string {
  if (line.length > longestLine) return "it is longer than 8 MB";
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(line);
  } catch (error) {
    return `it is not JSON: ${describeError(error)}`;
  }
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) return "it is not a JSON object";
  const title = oneLine(text(fields.title));
  if (!title) return "it has no title";
  const given = text(fields.id) || text(fields.arxiv_id);
  const arxiv = parseArxivId(given);
  const doi = parseDoi(text(fields.doi) || given);
  if (given && !arxiv && !doi) return `its id ${JSON.stringify(given.slice(0, 60))} is neither an arXiv id nor a DOI`;
  const categories = texts(fields.categories, /[\s,]+/);
  const day = isoDay(text(fields.day));
  return {
    arxivId: arxiv?.id,
    version: arxiv?.version,
    doi,
    title,
    abstract: paragraphs(text(fields.summary) || text(fields.abstract)),
    authors: texts(fields.authors, /\s*,\s*|\s+and\s+/),
    organization: oneLine(text(fields.organization)) || undefined,
    categories,
    comment: oneLine(text(fields.comment)) || undefined,
    publishedOn: isoDay(text(fields.published) || text(fields.date)),
    upvotes: count(fields.upvotes),
    comments: count(fields.comments),
    codeUrl: webAddress(fields.code_url),
    projectUrl: webAddress(fields.project_url),
    authority: arxiv ? authority.arxiv : authority.unidentified,
    listings: arxiv && day ? [{ source: "arxiv", section: categories[0] ?? "", kind: "new", date: day }] : [],
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function texts(value: unknown, separator: RegExp): string[] {
  const items = typeof value === "string" ? value.split(separator) : Array.isArray(value) ? value.map(text) : [];
  return [...new Set(items.map(oneLine).filter(Boolean))];
}

function count(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value < 2 ** 31 ? value : undefined;
}

/** A calendar date written `2026-07-26...` or `Jul 26, 2023`; one without a year is no date. */
function isoDay(written: string): string | undefined {
  const named = /^([A-Z][a-z]{2})[a-z]* (\d{1,2}), (\d{4})$/.exec(written.trim());
  const month = "JanFebMarAprMayJunJulAugSepOctNovDec".indexOf(named?.[1] ?? "?") / 3 + 1;
  const iso = named ? `${named[3]}-${String(month).padStart(2, "0")}-${String(named[2]).padStart(2, "0")}` : written;
  return isoDate(iso);
}
