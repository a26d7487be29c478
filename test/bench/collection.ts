import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";

/** What is searched: `id` is only for the judgements. */
export type Document = { id: string; title: string; abstract: string; authors: string[]; keywords: string[] };

/** What is asked, and the documents (by place) that answer it. */
export type Question = { text: string; relevant: Set<number> };

/**
 * The documents of a file, or of all files of a folder (not of those below it), each once: entries of a JSON array or JSON Lines, plain
 * or gzipped, with `id` or `_id`, `title`, `abstract`, `summary` or `text`, `authors`, `keywords` or `ai_keywords`, either in the
 * entry or in its `paper`, as Hugging Face has them. What has no id and no title is passed over.
 */
export async function readDocuments(path: string): Promise<Document[]> {
  const paths = (await stat(path)).isDirectory()
    ? (await readdir(path)).sort().map((name) => join(path, name))
    : [path];
  const documents = new Map<string, Document>();
  for (const file of paths.filter((name) => /\.jsonl?(\.gz)?$/.test(name)))
    for await (const entry of readEntries(file)) {
      const document = toDocument(entry);
      if (!document) continue;
      const keywords = [...(documents.get(document.id)?.keywords ?? []), ...document.keywords];
      documents.set(document.id, { ...document, keywords: [...new Set(keywords)] });
    }
  return [...documents.values()];
}

/** Judgements as JSON Lines: `{ "query": "...", "relevant": ["id", ...] }`. Those without a relevant document are passed over. */
export async function readJudgements(path: string, documents: Document[]): Promise<Question[]> {
  const places = new Map(documents.map((document, place) => [document.id, place]));
  const questions: Question[] = [];
  for await (const entry of readEntries(path)) {
    const { query, relevant } = entry as { query?: unknown; relevant?: unknown };
    const found = texts(relevant).map((id) => places.get(id));
    const judged = new Set(found.filter((place) => place !== undefined));
    if (typeof query === "string" && judged.size > 0) questions.push({ text: query, relevant: judged });
  }
  return questions;
}

/**
 * A question for each keyword that at least `fewest` documents carry; those are what answers it. Keywords that differ in case and
 * spacing are one, written as most documents write it.
 */
export function keywordQuestions(documents: Document[], fewest: number): Question[] {
  const carriers = new Map<string, { relevant: Set<number>; written: Map<string, number> }>();
  for (const [place, { keywords }] of documents.entries())
    for (const keyword of keywords.map((it) => it.replace(/\s+/g, " ").trim()).filter(Boolean)) {
      const { relevant, written } = carriers.getOrInsertComputed(keyword.toLowerCase(), () => ({
        relevant: new Set(),
        written: new Map(),
      }));
      relevant.add(place);
      written.set(keyword, (written.get(keyword) ?? 0) + 1);
    }
  return [...carriers.values()]
    .filter(({ relevant }) => relevant.size >= fewest)
    .map(({ relevant, written }) => ({
      text: ([...written].sort(([, one], [, other]) => other - one)[0] as [string, number])[0],
      relevant,
    }))
    .sort((one, other) => (one.text < other.text ? -1 : 1));
}

async function* readEntries(path: string): AsyncGenerator<unknown> {
  const content = new PassThrough();
  const read = path.endsWith(".gz")
    ? pipeline(createReadStream(path), createGunzip(), content)
    : pipeline(createReadStream(path), content);
  read.catch(() => {});
  if (!/\.jsonl(\.gz)?$/.test(path)) {
    const entries: unknown = JSON.parse(await readFile(path, "utf8"));
    yield* Array.isArray(entries) ? entries : [];
    return;
  }
  for await (const line of createInterface({ input: content })) if (line.trim()) yield JSON.parse(line);
}

function toDocument(entry: unknown): Document | undefined {
  if (typeof entry !== "object" || entry === null) return undefined;
  const fields = { ...entry, ...("paper" in entry ? (entry.paper as object) : {}) } as Record<string, unknown>;
  const document = {
    id: text(fields.id) || text(fields._id),
    title: text(fields.title),
    abstract: text(fields.abstract) || text(fields.summary) || text(fields.text),
    authors: texts(fields.authors),
    keywords: [...texts(fields.keywords), ...texts(fields.ai_keywords)],
  };
  return document.id && (document.title || document.abstract) ? document : undefined;
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value).replaceAll("\0", " ") : "";
}

function texts(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.map((it) => text((it as { name?: unknown } | null)?.name ?? it)).filter(Boolean);
}
