import type { Sql } from "../db.ts";

/** A feature, and a paper that has it. */
export type WantedWords = { name: string; paper: number };

/** Others have their turn in between. */
const wordsAtOnce = 25;

/**
 * Features in words that people read, by their names: a lexeme as its paper writes it, `polici` as "policies", `languagemodel` as
 * "language models"; authors and categories by their own names.
 */
export async function readFeatureWords(sql: Sql, wanted: WantedWords[]): Promise<Map<string, string>> {
  const named = wanted.map(({ name, paper }) => ({ name, paper, kind: kindOf(name), own: ownName(name) }));
  const lexemes = named.filter(({ kind }) => kind === "word");
  const written = new Map<string, string>();
  for (let at = 0; at < lexemes.length; at += wordsAtOnce) {
    for (const { lexeme, text, forms } of await selectForms(sql, lexemes.slice(at, at + wordsAtOnce)))
      written.set(lexeme, asWritten(lexeme, text, forms ?? []));
  }
  return new Map(named.map(({ name, kind, own }) => [name, (kind === "word" ? written.get(own) : own) ?? own]));
}

/** What stands in papers at the places of lexemes, without endings taken off. */
async function selectForms(
  sql: Sql,
  lexemes: { paper: number; own: string }[],
): Promise<{ lexeme: string; text: string; forms: string[] | null }[]> {
  return sql`
    select w.lexeme, p.title || '. ' || p.abstract as text, (
      select array_agg(distinct substr(said.lexeme, 2)) from unnest(p.vector) as own
      join unnest(p.vector) as said on said.lexeme ^@ '=' and said.positions && own.positions
      where own.lexeme = w.lexeme
    ) as forms
    from unnest(${lexemes.map((it) => it.paper)}::bigint[], ${lexemes.map((it) => it.own)}::text[]) as w (paper, lexeme)
    join papers p on p.id = w.paper`;
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
  ].map((words) => ({ words, shared: sharedLength(words.join(""), lexeme) }));
  const most = Math.max(...readings.map((it) => it.shared));
  const found = readings
    .filter((it) => it.shared === most && it.words.join("").length <= lexeme.length + 8)
    .map(({ words }) => ({ words, places: [...text.matchAll(patternOf(words))] }))
    .sort(
      (one, other) => other.places.length - one.places.length || one.words.join().length - other.words.join().length,
    )[0];
  if (!found) return lexeme;
  const [place] = found.places;
  if (!place) return found.words.join(" ");
  return place[0]
    .split(/(\s+|-)/)
    .map((word) => (/\p{Lu}/u.test(word.slice(1)) ? word : word.toLowerCase()))
    .join("")
    .replace(/\s+/g, " ");
}

function sharedLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}

/** The s of `LLMs` is no part of what is folded, and a word that is indexed as one may have been written with hyphens. */
function patternOf(words: string[]): RegExp {
  const written = words.map((word) => Array.from(word, (sign) => RegExp.escape(sign)).join("-?")).join("[\\s-]+");
  return new RegExp(`(?<![\\p{L}\\p{N}])${written}s?(?![\\p{L}\\p{N}])`, "giu");
}
