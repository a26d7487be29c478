import type { Sql } from "../db.ts";
import type { Entry } from "./contents.ts";
import { type FeatureKind, kindOf, readFeatureWords } from "./feature_words.ts";
import type { FeatureTable } from "./features.ts";
import type { Candidate } from "./rank.ts";
import type { ReaderTaste } from "./reader_tastes.ts";
import { strongest } from "./taste.ts";

/** A paper that a taste moved, and the names of the features that did most of it. */
export type Moved = { paper: number; higher: boolean; names: string[] };

/** A factor from 0.87 to 1.15 is nothing to talk about. */
const noticeable = 0.2;
const namesTold = 2;

/** What of a digest's entries, given in the order of the candidates, stands noticeably higher or lower than without the taste. */
export function findMoved(
  table: FeatureTable,
  taste: ReaderTaste,
  candidates: Candidate[],
  entries: Entry[],
): Map<Entry, Moved> {
  const before = candidates.map(({ paper, score }) => score / taste.factor(paper));
  const moved = new Map<Entry, Moved>();
  for (const [place, entry] of entries.entries()) {
    const reason = reasonFor(table, taste, entry.paper);
    const own = before[place] as number;
    const placeBefore = before.filter((score) => score > own).length;
    if (reason && (reason.higher ? placeBefore > place : placeBefore < place)) moved.set(entry, reason);
  }
  return moved;
}

/** Why a taste makes noticeably more, or less, of a paper. */
export function reasonFor(table: FeatureTable, { taste, factor }: ReaderTaste, paper: number): Moved | undefined {
  const own = Math.log2(factor(paper));
  const features = table.papers.get(paper);
  if (!features || Math.abs(own) < noticeable) return undefined;
  const names = strongest(taste, features, own > 0).map((id) => table.names[id] as string);
  return { paper, higher: own > 0, names: withoutRepeats(names).slice(0, namesTold) };
}

/** Of "policies" and "diffusion policies" the first that is named is enough. */
export function withoutRepeats(names: string[]): string[] {
  const own = (name: string) => name.slice(name.indexOf(" ") + 1);
  return names.filter(
    (name, at) =>
      !names.slice(0, at).some((earlier) => own(earlier).includes(own(name)) || own(name).includes(own(earlier))),
  );
}

/** Reasons in sentences, in order: "Higher because you liked papers on harbours and by Ada Okafor". */
export async function tellReasons(sql: Sql, table: FeatureTable, reasons: Moved[]): Promise<string[]> {
  const unknown = reasons.flatMap(({ names, paper }) =>
    names.filter((name) => !table.words.has(name)).map((name) => ({ name, paper })),
  );
  const read = await readFeatureWords(sql, [...new Map(unknown.map((it) => [it.name, it])).values()]);
  for (const [name, words] of read) table.words.set(name, words);
  return reasons.map(({ higher, names }) => {
    const told = names.map((name) => `${preposition[kindOf(name)]} ${table.words.get(name)}`);
    return `${higher ? "Higher because you liked papers" : "Lower because you wanted fewer papers"} ${told.join(" and ")}`;
  });
}

const preposition: Record<FeatureKind, string> = { word: "on", author: "by", category: "in" };
