import type { Sql } from "../db.ts";
import { namesSubject } from "../papers/subjects.ts";
import type { Entry, Wanted } from "./contents.ts";
import { type FeatureKind, kindOf, ownName, readFeatureWords } from "./feature_words.ts";
import type { FeatureTable } from "./features.ts";
import type { ReaderTaste } from "./reader_tastes.ts";
import { strongest } from "./taste.ts";

/** Why a paper counts noticeably more, or less: the names of the features that do most of it. */
export type Reason = { paper: number; higher: boolean; names: string[] };

/** An entry that stands higher or lower because of it. */
export type Moved = Reason & { entry: Entry };

/** A factor from 0.87 to 1.15 is nothing to talk about. */
const noticeable = 0.2;
const namesTold = 2;
/** About 10 MB. */
const mostWords = 100_000;
/** Of so many it is seen whether they tell anybody anything. */
const namesTried = 6;

/** Which of a digest's entries stand noticeably higher or lower than `before`, in the digest that it were without the taste. */
export function findMoved(
  table: FeatureTable,
  taste: ReaderTaste,
  before: Entry[],
  { papers, interests }: { papers: Entry[]; interests: Wanted[] },
): Moved[] {
  const places = new Map(before.map(({ paper }, place) => [paper, place]));
  return papers.flatMap((entry, place) => {
    const reason = reasonFor(table, taste, entry.paper, interests[entry.interest ?? -1]?.typed);
    const was = places.get(entry.paper) ?? Number.POSITIVE_INFINITY;
    const isMoved = reason?.higher ? was > place : was < place;
    return reason && isMoved ? [{ ...reason, entry }] : [];
  });
}

/** Why a taste makes noticeably more, or less, of a paper. What an interest asks for itself is no reason: all that it hits has it. */
export function reasonFor(
  table: FeatureTable,
  { taste, factor }: ReaderTaste,
  paper: number,
  interest = "",
): Reason | undefined {
  const own = Math.log2(factor(paper));
  const features = table.papers.get(paper);
  if (!features || Math.abs(own) < noticeable) return undefined;
  const names = strongest(taste, features, own > 0, 4 * namesTried).map((id) => table.names[id] as string);
  const asked = interest.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  const telling = names.filter((name) => !asked.some((word) => isOf(ownName(name), word)));
  if (telling.length === 0) return undefined;
  return { paper, higher: own > 0, names: withoutRepeats(telling, namesTried) };
}

/** Whether a lexeme is that of a word, as far as their beginnings tell. */
function isOf(lexeme: string, word: string): boolean {
  return word.startsWith(lexeme.slice(0, Math.max(3, lexeme.length - 2)));
}

/** The first names, at most so many. Of "policies" and "diffusion policies" the first that is named is enough. */
export function withoutRepeats(names: string[], most: number): string[] {
  const kept: string[] = [];
  const earlier: string[] = [];
  for (const name of names) {
    if (kept.length === most) break;
    const own = ownName(name);
    if (!earlier.some((other) => own.includes(other) || other.includes(own))) kept.push(name);
    earlier.push(own);
  }
  return kept;
}

/** Reasons in sentences, in order: "Higher because you liked papers on harbours and by Ada Okafor". */
export async function tellReasons(sql: Sql, table: FeatureTable, reasons: Reason[]): Promise<string[]> {
  if (table.words.size > mostWords) table.words.clear();
  const unknown = reasons.flatMap(({ names, paper }) =>
    names.filter((name) => !table.words.has(name)).map((name) => ({ name, paper })),
  );
  const read = await readFeatureWords(sql, [...new Map(unknown.map((it) => [it.name, it])).values()]);
  for (const [name, words] of read) table.words.set(name, words);
  return reasons.map(({ higher, names }) => {
    const telling = names.filter((name) => kindOf(name) !== "word" || namesSubject(table.words.get(name) ?? ""));
    const chosen = (telling.length > 0 ? telling : names).slice(0, namesTold);
    const inOrder = kinds.flatMap((kind) => chosen.filter((name) => kindOf(name) === kind));
    const told = inOrder.map((name) => `${preposition[kindOf(name)]} ${table.words.get(name)}`);
    return `${higher ? "Higher because you liked papers" : "Lower because you wanted fewer papers"} ${told.join(" and ")}`;
  });
}

const kinds: FeatureKind[] = ["word", "author", "category"];
const preposition: Record<FeatureKind, string> = { word: "on", author: "by", category: "in" };
