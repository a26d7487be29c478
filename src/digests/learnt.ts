import type { Sql } from "../db.ts";
import { namesSubject } from "../papers/subjects.ts";
import { type FeatureKind, kindOf, readFeatureWords } from "./feature_words.ts";
import { noFeatures } from "./features.ts";
import { learnTastes } from "./reader_tastes.ts";
import { reasonFor, tellReasons, withoutRepeats } from "./taste_reasons.ts";

/** Features in words, the strongest first. */
export type LearntFeatures = Record<FeatureKind, string[]>;

const shown: Record<FeatureKind, number> = { word: 8, author: 4, category: 3 };
/** So many times as many are looked at: words that tell nobody anything are left out. */
const tried = 3;
/** What says less than this share of the strongest of its kind is not worth telling. */
const leastShare = 0.25;

/** What was learnt from a reader's votes: what they like, and what they don't. Undefined: they have not voted. */
export async function readLearnt(
  sql: Sql,
  readerId: number,
): Promise<{ liked: LearntFeatures; disliked: LearntFeatures } | undefined> {
  const table = noFeatures();
  const taste = (await learnTastes(sql, table, [readerId], [])).of(readerId)?.taste;
  if (!taste) return undefined;
  const byStrength = [...taste.entries()].sort(([, one], [, other]) => other - one);
  const liked = strongestOf(table.names, byStrength);
  const disliked = strongestOf(
    table.names,
    byStrength.toReversed().map(([id, says]) => [id, -says]),
  );
  const holders = new Map<string, number>();
  for (const [paper, { ids }] of table.papers) for (const id of ids) holders.set(table.names[id] as string, paper);
  const wanted = [...liked, ...disliked].map((name) => ({ name, paper: holders.get(name) as number }));
  const words = await readFeatureWords(sql, wanted);
  return { liked: inWords(liked, words), disliked: inWords(disliked, words) };
}

function strongestOf(names: string[], byStrength: [id: number, says: number][]): string[] {
  return (["word", "author", "category"] as const).flatMap((kind) => {
    const own = byStrength.filter(([id]) => kindOf(names[id] as string) === kind);
    const least = Math.max(Number.MIN_VALUE, leastShare * (own[0]?.[1] ?? 0));
    const telling = own.filter(([, says]) => says >= least).slice(0, 2 * tried * shown[kind]);
    return withoutRepeats(
      telling.map(([id]) => names[id] as string),
      tried * shown[kind],
    );
  });
}

function inWords(names: string[], words: Map<string, string>): LearntFeatures {
  const of = (kind: FeatureKind) =>
    names.filter((name) => kindOf(name) === kind).map((name) => words.get(name) as string);
  const [author, category] = [of("author").slice(0, shown.author), of("category").slice(0, shown.category)];
  return { word: of("word").filter(namesSubject).slice(0, shown.word), author, category };
}

/** What a reader's votes make of a paper now, in a sentence about `their` votes. Undefined: nothing to speak of. */
export async function explainTaste(
  sql: Sql,
  readerId: number,
  paperId: number,
  their: string,
): Promise<string | undefined> {
  const table = noFeatures();
  const taste = (await learnTastes(sql, table, [readerId], [paperId])).of(readerId);
  const reason = taste && reasonFor(table, taste, paperId);
  if (!taste || !reason) return undefined;
  const [told] = await tellReasons(sql, table, [reason]);
  return `By ${their} votes it counts ${taste.factor(paperId).toFixed(2)} times: ${told?.replace(/^\w/, (sign) => sign.toLowerCase())}.`;
}
