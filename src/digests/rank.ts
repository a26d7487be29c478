import type { Hits } from "./news.ts";

/** What a digest shows of a paper as it is now, its votes with their decay, and what it is worth whoever reads it, from 1 on. */
export type Paper = { revision: number; upvotes: number | null; comments: number | null; trend: number; worth: number };

/** One of a reader's interests; matches of later batches than `after` count. */
export type Interest = { query: number; typed: string; after: number };

/** A paper that may go into a digest, with the interest that fits it best and how many fit. */
export type Candidate = { paper: number; interest: Interest; relevance: number; interests: number; score: number };

/** All papers that there are for a reader, by their numbers, and the best of them in order. */
export type Ranked = { found: Map<number, Candidate>; best: Candidate[] };

/** By how much a paper that trends, and one that has just come, may be put ahead of others. */
const share = { trend: 0.2, freshness: 0.1 };
/** The votes and comments, with their decay, at which a paper trends half as much as it can. */
const halfTrend = 20;
const halfLifeDays = 3;
/** How much each further interest that hits adds: two make 1.35 times as much, three 1.55. */
const breadthShare = 0.5;

/**
 * How much a paper is ahead whoever reads it: 1 + 0.2 t + 0.1 f, where t = votes / (votes + 20) and f = 0.5 ^ (days / 3), both
 * from 0 to 1. `votes` are counted with their decay (see `papers/trending.ts`), days are since it was first seen.
 */
export function worth(votes: number, days: number): number {
  return 1 + (share.trend * votes) / (votes + halfTrend) + share.freshness * 0.5 ** (Math.max(0, days) / halfLifeDays);
}

/**
 * The papers for a reader, and the best of them, at most `most`, by
 *
 *     score = relevance * breadth * worth * taste
 *
 * relevance is the best rank among the interests that hit (`interests/rank.ts`: fields, closeness, rarity); breadth
 * 1 + 0.5 ln n for n interests that hit; worth what `worth` says, at most 1.3; taste what the reader's votes make of it, from
 * 0.5 to 2 (`taste.ts`), 1 without any. Factors and not sums, so that each has its bound: what trends never passes what fits
 * 1.3 times as well, and only the reader's own word moves a paper further. Nothing is left out here: what an interest asked for
 * stays on the list, however low. Of equals the later paper comes first.
 */
export function rankPapers(
  interests: Interest[],
  { hits, papers }: { hits: Map<number, Hits>; papers: Map<number, Paper> },
  {
    had,
    most,
    taste,
  }: { had?: Set<number> | undefined; most: number; taste?: ((paper: number) => number) | undefined },
): Ranked {
  const found = new Map<number, Candidate>();
  for (const interest of interests) {
    const of = hits.get(interest.query);
    if (!of) continue;
    for (let at = 0; at < of.papers.length; at++) {
      const paper = of.papers[at] as number;
      if ((of.batches[at] as number) <= interest.after || had?.has(paper)) continue;
      const relevance = of.ranks[at] as number;
      const known = found.get(paper);
      if (!known) found.set(paper, { paper, interest, relevance, interests: 1, score: 0 });
      else {
        known.interests++;
        if (relevance <= known.relevance) continue;
        known.relevance = relevance;
        known.interest = interest;
      }
    }
  }
  const best: Candidate[] = [];
  for (const it of found.values()) {
    const breadth = it.interests === 1 ? 1 : 1 + breadthShare * Math.log(it.interests);
    it.score = it.relevance * breadth * (papers.get(it.paper)?.worth ?? 1) * (taste?.(it.paper) ?? 1);
    insert(best, it, most);
  }
  return { found, best };
}

/** Keeps the list in its order, and no longer than `most`. */
function insert(best: Candidate[], candidate: Candidate, most: number): void {
  let at = best.length;
  while (at > 0 && isBefore(candidate, best[at - 1] as Candidate)) at--;
  if (at >= most) return;
  best.splice(at, 0, candidate);
  if (best.length > most) best.pop();
}

function isBefore(one: Candidate, other: Candidate): boolean {
  return one.score > other.score || (one.score === other.score && one.paper > other.paper);
}
