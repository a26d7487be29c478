import type { Sql } from "../db.ts";
import { type Rarity, readRarity } from "../interests/rarity.ts";
import { isLinking } from "../interests/tokens.ts";

/**
 * What a paper is about, as a vector: the numbers of the features that it has, in order, and how much it has of each. Its words
 * make a vector of length 1, its authors and its categories one each of the lengths below.
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
const authorLength = 0.4;
const categoryLength = 0.2;
/** The words of a paper that say most. */
const wordsKept = 100;
const authorsKept = 20;
/** A word in more papers than this tells nothing of any. None is taken for rarer than the least. */
const greatestShare = 0.25;
const leastShare = 1e-4;
/** About 30 MB. */
const mostPapers = 20_000;
/** Others have their turn in between. */
const papersAtOnce = 100;

/** An empty table. What is known of features in words stays true. */
export function noFeatures(words = new Map<string, string>()): FeatureTable {
  return { papers: new Map(), names: [], ids: new Map(), rarity: undefined, words };
}

type Row = { id: number; authors: string[]; categories: string[]; vector: string };

/** Reads the features of papers, unless they are known; of more than can be kept those that come first. */
export async function readFeatures(sql: Sql, table: FeatureTable, papers: Iterable<number>): Promise<void> {
  const wanted = [...new Set(papers)].slice(0, mostPapers);
  let missing = wanted.filter((id) => !table.papers.has(id));
  if (table.papers.size + missing.length > mostPapers) {
    Object.assign(table, noFeatures(table.words));
    missing = wanted;
  }
  if (missing.length === 0) return;
  table.rarity ??= await readRarity(sql);
  for (let at = 0; at < missing.length; at += papersAtOnce) {
    const rows = await sql<Row[]>`
      select id, authors[1:${authorsKept}::int] as authors, categories, ts_filter(vector, '{a,d}')::text as vector
      from papers where id = any(${missing.slice(at, at + papersAtOnce)}::bigint[])`;
    for (const row of rows) table.papers.set(row.id, toFeatures(table, table.rarity, row));
  }
}

function toFeatures(table: FeatureTable, rarity: Rarity, { authors, categories, vector }: Row): Features {
  const all = [
    ...ofLength(1, weighWords(vector, rarity)),
    ...ofLength(authorLength, evenly("author", authors)),
    ...ofLength(categoryLength, evenly("category", categories)),
  ];
  const numbered = all.map(([name, weight]) => ({ id: idOf(table, name), weight }));
  numbered.sort((one, other) => one.id - other.id);
  return {
    ids: Uint32Array.from(numbered, ({ id }) => id),
    weights: Float32Array.from(numbered, ({ weight }) => weight),
  };
}

/** A lexeme of letters, but for a digit or two, with its places. What begins with a sign is another form of one. */
const entry = /'((?![=@#\d]+')[^=@#'\\ ][^'\\ ]+)':(\S+)/g;

/**
 * Words by how often they stand in it, three times for the title, each time more saying less, and how rare they are. Of two
 * neighbours taken as one word, most are nobody's: those count that so many papers have that PostgreSQL counts them.
 */
function weighWords(vector: string, rarity: Rarity): [string, number][] {
  const uncounted = rarity.frequency("");
  const weighted: [string, number][] = [];
  for (const [, lexeme = "", places = ""] of vector.matchAll(entry)) {
    const share = rarity.frequency(lexeme);
    const at = places.split(",");
    if (share > greatestShare || isLinking(lexeme) || (share <= uncounted && areNeighbours(at))) continue;
    const times = at.reduce((sum, place) => sum + (place.endsWith("A") ? 3 : 1), 0);
    weighted.push([`word ${lexeme}`, ((2.2 * times) / (times + 1.2)) * Math.log(1 / Math.max(share, leastShare))]);
  }
  return weighted.sort(([, one], [, other]) => other - one).slice(0, wordsKept);
}

/** Two neighbours that are indexed as one word stand at both of their places. */
function areNeighbours(places: string[]): boolean {
  const [one = "", other = ""] = places;
  return places.length % 2 === 0 && Number.parseInt(other, 10) === Number.parseInt(one, 10) + 1;
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
