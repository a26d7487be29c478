import { grown } from "../grown.ts";
import type { Hits } from "./news.ts";

/**
 * What a digest shows of a paper as it is now, how it trends, as `trendOf` has it, and what it is worth whoever reads it, from 1 on.
 * `place` numbers the papers that are known together, from 0 on.
 */
export type Paper = {
  id: number;
  place: number;
  revision: number;
  upvotes: number | null;
  comments: number | null;
  trend: number;
  worth: number;
};

/** One of a reader's interests; matches of later batches than `after` count. */
export type Interest = { query: number; typed: string; after: number };

/** A paper for a digest, with the interest that fits it best. */
export type Candidate = { paper: Paper; interest: Interest; score: number };

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

/** Ranks for one reader after the other in the same place: to make room for what each of them finds would be most of the work. */
export class Ranking {
  /** All of these by the places of papers. `readers` says for which reader the rest holds. */
  private readers = new Uint32Array(0);
  private relevance = new Float64Array(0);
  private interest = new Uint16Array(0);
  private interests = new Uint16Array(0);
  private reader = 0;
  private found: Paper[] = [];

  /**
   * The papers for a reader, best first, at most `most` of `count`, by
   *
   *     score = relevance * breadth * worth * taste
   *
   * relevance is the best rank among the interests that hit (`interests/rank.ts`: fields, closeness, rarity); breadth
   * 1 + 0.5 ln n for n interests that hit; worth what `worth` says, at most 1.3; taste what the reader's votes make of it, from
   * 0.5 to 2 (`taste.ts`), 1 without any. Factors and not sums, so that each has its bound: what trends never passes what fits
   * 1.3 times as well, and only the reader's own word moves a paper further. Nothing is left out here: what an interest asked for
   * stays on the list, however low. Of equals the later paper comes first.
   */
  rank(
    interests: Interest[],
    hits: Map<number, Hits>,
    {
      had,
      most,
      taste,
    }: { had?: Set<number> | undefined; most: number; taste?: ((paper: number) => number) | undefined },
  ): { best: Candidate[]; count: number } {
    this.begin();
    for (let at = 0; at < interests.length; at++) {
      const { query, after } = interests[at] as Interest;
      const of = hits.get(query);
      if (of) this.find(of, at, after, had);
    }
    const best: Candidate[] = [];
    for (const paper of this.found) {
      const relevance = this.relevance[paper.place] as number;
      const score = relevance * this.breadth(paper) * paper.worth * (taste?.(paper.id) ?? 1);
      if (best.length === most && !isBefore(score, paper, best[most - 1] as Candidate)) continue;
      insert(best, { paper, interest: interests[this.interest[paper.place] as number] as Interest, score }, most);
    }
    return { best, count: this.found.length };
  }

  /** Whether it is among the papers for the reader who was ranked last. */
  has(paper: Paper): boolean {
    return this.readers[paper.place] === this.reader;
  }

  private begin(): void {
    this.found.length = 0;
    this.reader++;
  }

  private find(hits: Hits, interest: number, after: number, had: Set<number> | undefined): void {
    for (const { batch, papers, ranks } of hits.batches) if (batch > after) this.add(papers, ranks, interest, had);
  }

  private add(papers: Paper[], ranks: number[], interest: number, had: Set<number> | undefined): void {
    for (let at = 0; at < papers.length; at++) {
      const paper = papers[at] as Paper;
      if (had?.has(paper.id)) continue;
      const { place } = paper;
      const relevance = ranks[at] as number;
      if (place >= this.readers.length) this.grow(place);
      if (this.readers[place] !== this.reader) {
        this.readers[place] = this.reader;
        this.interests[place] = 0;
        this.relevance[place] = Number.NEGATIVE_INFINITY;
        this.found.push(paper);
      }
      (this.interests[place] as number)++;
      if (relevance <= (this.relevance[place] as number)) continue;
      this.relevance[place] = relevance;
      this.interest[place] = interest;
    }
  }

  private breadth(paper: Paper): number {
    const interests = this.interests[paper.place] as number;
    return interests === 1 ? 1 : 1 + breadthShare * Math.log(interests);
  }

  private grow(place: number): void {
    const size = 2 * (place + 512);
    this.readers = grown(this.readers, new Uint32Array(size));
    this.relevance = grown(this.relevance, new Float64Array(size));
    this.interest = grown(this.interest, new Uint16Array(size));
    this.interests = grown(this.interests, new Uint16Array(size));
  }
}

/** Keeps the list in its order, and no longer than `most`. */
function insert(best: Candidate[], candidate: Candidate, most: number): void {
  let at = best.length < most ? best.length : most - 1;
  for (; at > 0; at--) {
    const other = best[at - 1] as Candidate;
    if (!isBefore(candidate.score, candidate.paper, other)) break;
    best[at] = other;
  }
  best[at] = candidate;
}

function isBefore(score: number, paper: Paper, other: Candidate): boolean {
  return score > other.score || (score === other.score && paper.id > other.paper.id);
}
