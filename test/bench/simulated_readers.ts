import type { Hits } from "../../src/digests/news.ts";
import { type Paper, Ranking } from "../../src/digests/rank.ts";
import type { HiddenTaste } from "./hidden_tastes.ts";

/** What an interest hit on each day, in order. */
export type Day = Hits;
export type SimulatedVote = { paper: number; liked: boolean };
/** By how much a paper's score is multiplied. */
export type Factor = (paper: number) => number;

const shown = 10;
/** On a day with fewer papers nearly all of them are shown, in whatever order. */
const fewestPapers = 20;
/** So many votes are slips. */
const noise = 0.1;

const ranking = new Ranking();

export function papersOf(day: Day): Paper[] {
  return day.batches.flatMap(({ papers }) => papers);
}

/** The first papers of a day's edition, as a digest has them. */
export function edition(day: Day, factor?: Factor): number[] {
  const interest = { query: 1, typed: "", after: -1 };
  return ranking.rank([interest], new Map([[1, day]]), { most: shown, taste: factor }).best.map((it) => it.paper.id);
}

/**
 * The votes of a reader on what they were shown before they had voted: by turns on a paper that they like and on one that they
 * don't, each tenth the wrong way.
 */
export function castVotes(days: Day[], { likes }: HiddenTaste, count: number, random: () => number): SimulatedVote[] {
  const seen = [...new Set(days.flatMap((day) => edition(day)))];
  const pools = [seen.filter((paper) => likes.has(paper)), seen.filter((paper) => !likes.has(paper))];
  return Array.from({ length: count }, (_, at) => {
    const pool = pools[at % 2] as number[];
    const [paper] = pool.splice(Math.floor(random() * pool.length), 1);
    return paper === undefined ? [] : [{ paper, liked: (at % 2 === 0) !== random() < noise }];
  }).flat();
}

/** The share of what a reader likes among the first ten papers of the days after. */
export function precision(days: Day[], { likes }: HiddenTaste, factor?: Factor): number {
  const told = days.filter((day) => papersOf(day).length >= fewestPapers);
  const shares = told.map((day) => edition(day, factor).filter((paper) => likes.has(paper)).length / shown);
  return shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length);
}
