import type { Sql } from "../db.ts";
import { lettersShared } from "../papers/words.ts";

/** A feature, and a paper that has it. */
export type WantedWords = { name: string; paper: number };

/** Others have their turn in between. */
const wordsAtOnce = 100;

/**
 * Features in words that people read, by their names: a lexeme as its paper writes it, `polici` as "policies", `languagemodel` as
 * "language models"; authors and categories by their own names.
 */
export async function readFeatureWords(sql: Sql, wanted: WantedWords[]): Promise<Map<string, string>> {
  const named = wanted.map(({ name, paper }) => ({ name, paper, kind: kindOf(name), own: ownName(name) }));
  const lexemes = named.filter(({ kind }) => kind === "word");
  const words = new Map(named.map(({ name, own }) => [name, own]));
  for (let at = 0; at < lexemes.length; at += wordsAtOnce) {
    const some = lexemes.slice(at, at + wordsAtOnce);
    const texts = await selectTexts(sql, [...new Set(some.map((it) => it.paper))]);
    for (const { name, paper, own } of some) {
      const { text, vector } = texts.get(paper) ?? { text: "", vector: "" };
      words.set(name, asWritten(own, text, formsOf(vector, own)));
    }
  }
  return words;
}

async function selectTexts(sql: Sql, papers: number[]): Promise<Map<number, { text: string; vector: string }>> {
  const rows = await sql<{ id: number; text: string; vector: string }[]>`
    select id, title || '. ' || abstract as text, ts_filter(vector, '{a,d}')::text as vector
    from papers where id = any(${papers}::bigint[])`;
  return new Map(rows.map((row) => [row.id, row]));
}

/** The words as written, folded, that stand at the places of a lexeme, by `tsvector::text`. */
function formsOf(vector: string, lexeme: string): string[] {
  const at = vector.indexOf(`'${lexeme}':`);
  if (at < 0) return [];
  const placesOf = (written: string) => written.split(",").map((place) => Number.parseInt(place, 10));
  const own = new Set(placesOf(vector.slice(at + lexeme.length + 3).split(" ", 1)[0] as string));
  return Array.from(vector.matchAll(/'=([^']+)':(\S+)/g))
    .filter(([, , places = ""]) => placesOf(places).some((place) => own.has(place)))
    .map(([, form = ""]) => form);
}

export type FeatureKind = "word" | "author" | "category";

export function kindOf(name: string): FeatureKind {
  return name.slice(0, name.indexOf(" ")) as FeatureKind;
}

export function ownName(name: string): string {
  return name.slice(name.indexOf(" ") + 1);
}

/**
 * What stands at the places of a lexeme: a word, or two that it joins. Of the forms that come nearest to it, the one that the text
 * has most often. Capitals stay where they are more than the beginning of a sentence.
 */
function asWritten(lexeme: string, text: string, forms: string[]): string {
  const readings = [
    ...forms.map((form) => [form]),
    ...forms.flatMap((first) => forms.map((second) => [first, second])),
  ].map((words) => ({ words, shared: lettersShared(words.join(""), lexeme) }));
  const most = Math.max(...readings.map((it) => it.shared));
  const [found] = readings
    .filter((it) => it.shared === most && it.words.join("").length <= lexeme.length + 8)
    .map(({ words }) => ({ words, written: findWritten(text, words) }))
    .sort(
      (one, other) => other.written.length - one.written.length || one.words.join().length - other.words.join().length,
    );
  if (!found) return lexeme;
  const written = found.written[0] ?? found.words.join(" ");
  return written
    .split(/(\s+|-)/)
    .map((word) => (/\p{Lu}/u.test(word.slice(1)) ? word : word.toLowerCase()))
    .join("")
    .replace(/\s+/g, " ");
}

/**
 * Where a text has the words: between others, however it writes them. The s of `LLMs` is no part of what is folded, and hyphens may
 * stand in what is indexed as one. A pattern is tried only where it may fit: at every letter it would take a millisecond.
 */
function findWritten(text: string, words: string[]): string[] {
  const [first = ""] = words;
  const pattern = (letters: (word: string) => string) =>
    new RegExp(`${words.map(letters).join("[\\s-]+")}s?(?![\\p{L}\\p{N}])`, "iuy");
  const plain = findAt(text, pattern(RegExp.escape), first);
  return plain.length > 0
    ? plain
    : findAt(
        text,
        pattern((word) => Array.from(word, RegExp.escape).join("-?")),
        first[0] ?? "",
      );
}

function findAt(text: string, pattern: RegExp, beginning: string): string[] {
  const found: string[] = [];
  const lower = text.toLowerCase();
  for (let at = lower.indexOf(beginning); at >= 0; at = lower.indexOf(beginning, at + 1)) {
    if (/[\p{L}\p{N}]/u.test(text[at - 1] ?? "")) continue;
    pattern.lastIndex = at;
    const [written] = pattern.exec(text) ?? [];
    if (written) found.push(written);
  }
  return found;
}
