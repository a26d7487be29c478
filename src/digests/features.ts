import type { Sql } from "../db.ts";
import { type Rarity, readRarity } from "../interests/rarity.ts";
import { isLinking } from "../interests/tokens.ts";

/**
 * What a paper is about, as a vector: the numbers of the features that it has, and how much it has of each. Its words make a
 * vector of length 1, its authors and its categories one each of the lengths below.
 */
export type Features = { ids: Uint32Array; weights: Float32Array };

/** Papers' features, read once for many readers. A feature is named `word policy`, `author Ada Okafor` or `category cs.RO`. */
export type FeatureTable = {
  papers: Map<number, Features>;
  names: string[];
  ids: Map<string, number>;
  rarity: Rarity | undefined;
  /** Features in words, as far as they were asked for. */
  words: Map<string, string>;
};

/** Lengths beside that of the words, which is 1: who shares all authors, or all categories, is so much like another. */
const authorLength = 0.5;
const categoryLength = 0.4;
/** The words of a paper that say most; the rest only makes papers alike that are not. */
const wordsKept = 60;
const authorsKept = 20;
/** A word in more papers than this tells nothing of any. None is taken for rarer than the least. */
const greatestShare = 0.25;
const leastShare = 1e-4;
/** About 30 MB. */
const mostPapers = 20_000;

export function noFeatures(): FeatureTable {
  return { papers: new Map(), names: [], ids: new Map(), rarity: undefined, words: new Map() };
}

type Row = { id: number; authors: string[]; categories: string[]; words: string | null };

/** Reads the features of papers, unless they are known. */
export async function readFeatures(sql: Sql, table: FeatureTable, papers: Iterable<number>): Promise<void> {
  const wanted = new Set(papers);
  if (table.papers.size + wanted.size > mostPapers) Object.assign(table, noFeatures());
  const missing = [...wanted].filter((id) => !table.papers.has(id));
  if (missing.length === 0) return;
  table.rarity ??= await readRarity(sql);
  const rows = await sql<Row[]>`
    select p.id, p.authors[1:${authorsKept}::int] as authors, p.categories, (
      select string_agg(l.lexeme || ' ' || said.times, ',')
      from unnest(p.vector) as l cross join lateral (
        select sum(case weight when 'A' then 3 when 'D' then 1 else 0 end) as times from unnest(l.weights) as weight
      ) as said
      where l.lexeme ~ '^(?![0-9]+$)[^=@#, ][^, ]+$' and said.times > 0
    ) as words
    from papers p where p.id = any(${missing}::bigint[])`;
  for (const row of rows) table.papers.set(row.id, toFeatures(table, table.rarity, row));
}

function toFeatures(table: FeatureTable, rarity: Rarity, { authors, categories, words }: Row): Features {
  const all = [
    ...ofLength(1, weighWords(words ?? "", rarity)),
    ...ofLength(authorLength, evenly("author", authors)),
    ...ofLength(categoryLength, evenly("category", categories)),
  ];
  return {
    ids: Uint32Array.from(all, ([name]) => idOf(table, name)),
    weights: Float32Array.from(all, ([, weight]) => weight),
  };
}

/** Words by how often they stand in it, three times for the title, each time more saying less, and how rare they are. */
function weighWords(written: string, rarity: Rarity): [string, number][] {
  const weighted: [string, number][] = [];
  for (const word of written.split(",")) {
    const [lexeme = "", times] = word.split(" ");
    const share = Math.max(rarity.frequency(lexeme), leastShare);
    if (share > greatestShare || isLinking(lexeme)) continue;
    weighted.push([`word ${lexeme}`, ((2.2 * Number(times)) / (Number(times) + 1.2)) * Math.log(1 / share)]);
  }
  return weighted.sort(([, one], [, other]) => other - one).slice(0, wordsKept);
}

function evenly(kind: string, names: string[]): [string, number][] {
  return [...new Set(names)].map((name) => [`${kind} ${name}`, 1]);
}

function ofLength(length: number, weighted: [string, number][]): [string, number][] {
  const sum = Math.sqrt(weighted.reduce((squares, [, weight]) => squares + weight * weight, 0));
  return weighted.map(([name, weight]) => [name, (length * weight) / sum]);
}

function idOf(table: FeatureTable, name: string): number {
  return table.ids.getOrInsertComputed(name, () => table.names.push(name) - 1);
}
