import type { Sql } from "../db.ts";
import { Recent } from "../recent.ts";

export type Lexemes = {
  /** The folded words of a text, in order; a hyphen parts two. */
  words: (text: string) => string[];
  /** A text that is one hyphenated word, without its hyphens. */
  joined: (text: string) => string | undefined;
  stem: (word: string) => string;
};

/** Papers are read so far into a word (see `sql/0005_lexemes.sql`). */
const longestWord = 100;

/** Two of so many words, at most, are taken for one compound: with more, nobody means one, and what to look for stays small. */
export const mostJoined = 8;

/**
 * What the database makes of texts: their words, and the stems of these and of neighbours joined. `groups` are texts
 * whose words may be joined in any order, where they are of one word, or a number. Two statements, however many texts.
 */
export async function readLexemes(sql: Sql, texts: string[], groups: string[][] = []): Promise<Lexemes> {
  const folded = await foldTexts(sql, [...new Set([...texts, ...groups.flat()])]);
  const words = new Map([...folded].map(([text, whole]) => [text, whole.split(/[ -]+/).filter(Boolean).map(cut)]));
  const joined = (text: string) => {
    const whole = folded.get(text) ?? "";
    return whole.includes("-") && !whole.includes(" ") ? cut(whole.replaceAll("-", "")) : undefined;
  };
  const wanted = new Set<string>();
  for (const text of texts) {
    const list = words.get(text) as string[];
    for (const word of [...list, joined(text) ?? ""]) if (word) wanted.add(word);
    if (list.length > mostJoined) continue;
    for (const [at, word] of list.entries()) wanted.add(word + (list[at + 1] ?? ""));
    wanted.add(cut(list.join("")));
  }
  for (const group of groups) {
    const lists = group.map((text) => words.get(text) as string[]);
    const single = [...new Set(lists.filter((it) => it.length === 1).flat())];
    if (single.length > mostJoined) continue;
    const numbers = lists.filter((it) => it.length > 1 && /^[0-9]/.test(it[0] as string)).map((it) => it[0] as string);
    for (const one of single) for (const other of [...single, ...numbers]) if (one !== other) wanted.add(one + other);
  }
  const stems = await readStems(sql, [...wanted]);
  return {
    words: (text) => words.get(text) ?? [],
    joined,
    stem: (word) => stems.get(word) ?? word,
  };
}

function cut(word: string): string {
  return word.length > longestWord ? [...word].slice(0, longestWord).join("") : word;
}

const wordsKept = 20_000;

/** Papers have the same words over and over: what the database makes of one is kept, for each database apart. */
type Kept = Recent<string, string>;
const kept = new WeakMap<Sql, { folded: Kept; stems: Kept }>();

function keptOf(sql: Sql): { folded: Kept; stems: Kept } {
  return kept.getOrInsertComputed(sql, () => ({ folded: new Recent(wordsKept), stems: new Recent(wordsKept) }));
}

function foldTexts(sql: Sql, texts: string[]): Promise<Map<string, string>> {
  return readOnce(keptOf(sql).folded, texts, async (missing) => {
    const rows = await sql<{ text: string; folded: string }[]>`
      select text, fold_text(text) as folded from unnest(${missing}::text[]) as text`;
    return rows.map((row) => [row.text, row.folded]);
  });
}

/** The stems of folded words. */
export function readStems(sql: Sql, words: string[]): Promise<Map<string, string>> {
  return readOnce(keptOf(sql).stems, words, async (missing) => {
    const rows = await sql<{ word: string; stem: string }[]>`
      select word, lexeme(word) as stem from unnest(${missing}::text[]) as word`;
    return rows.map((row) => [row.word, row.stem]);
  });
}

/** What is not kept is read, all at once, and then kept unless it is long. */
async function readOnce(
  recent: Kept,
  texts: string[],
  read: (missing: string[]) => Promise<[text: string, made: string][]>,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const missing: string[] = [];
  for (const text of new Set(texts)) {
    const known = recent.get(text);
    if (known === undefined) missing.push(text);
    else found.set(text, known);
  }
  if (missing.length === 0) return found;
  for (const [text, made] of await read(missing)) {
    found.set(text, made);
    if (text.length <= longestWord) recent.set(text, made);
  }
  return found;
}
