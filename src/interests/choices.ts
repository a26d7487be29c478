import { type QuerySet, sign } from "./query_set.ts";
import type { Ranker } from "./rank.ts";

/** A name in a choice: its scores by paper, where they are shared, or else where it begins, and the papers that have it. */
type Name = { scores: Float64Array } | { start: number; bits: Uint32Array };
export type Choice = Name[];

/** What fewer papers have than one in so many is ranked when it is asked for. */
const rarest = 8;

/**
 * Choices between names, such as `rlhf OR dpo`, in a batch. Where they are all there is to a query, the places of words do not
 * matter, and the score of a common name is the same in each of the thousands of queries that have it: so it is reckoned once.
 */
export class Choices {
  private readonly set: QuerySet;
  private readonly ranker: Ranker;
  private readonly size: number;
  private readonly findAt: (start: number) => Uint32Array | null;
  /** By the code of the name; undefined: too few papers have it. */
  private readonly scores = new Map<string, Float64Array | undefined>();

  constructor(set: QuerySet, ranker: Ranker, size: number, findAt: (start: number) => Uint32Array | null) {
    this.set = set;
    this.ranker = ranker;
    this.size = size;
    this.findAt = findAt;
  }

  /** The choice that a query is; undefined where it is none between names, or one that shares nothing. */
  at(start: number): Choice | undefined {
    const { code } = this.set;
    if (code[start] !== sign.or) return undefined;
    const choice: Choice = [];
    let shares = false;
    const parts = code[start + 1] as number;
    for (let part = 0, at = start + 3; part < parts; part++, at = this.set.behind(at)) {
      if (!isName(code[at] as number)) return undefined;
      const scores = this.scoresOf(at);
      const bits = scores ? null : this.findAt(at);
      if (scores) choice.push({ scores });
      else if (bits) choice.push({ start: at, bits });
      shares ||= scores !== undefined;
    }
    return shares ? choice : undefined;
  }

  /** The rank of a paper: the best of the parts, and a third of the others (see `Ranker`). */
  rank(choice: Choice, paper: number): number {
    let sum = 0;
    let best = 0;
    for (const part of choice) {
      let rank = 0;
      if ("scores" in part) rank = part.scores[paper] as number;
      else if (has(part.bits, paper)) rank = this.ranker.rank(part.start, paper);
      sum += rank;
      if (rank > best) best = rank;
    }
    return best + (sum - best) / 3;
  }

  private scoresOf(start: number): Float64Array | undefined {
    const key = this.set.code.subarray(start, this.set.behind(start)).join();
    if (!this.scores.has(key)) this.scores.set(key, this.makeScores(start));
    return this.scores.get(key);
  }

  private makeScores(start: number): Float64Array | undefined {
    const bits = this.findAt(start);
    if (!bits) return undefined;
    const papers: number[] = [];
    for (let paper = 0; paper < this.size; paper++) if (has(bits, paper)) papers.push(paper);
    if (papers.length * rarest < this.size) return undefined;
    const scores = new Float64Array(this.size);
    for (const paper of papers) scores[paper] = this.ranker.rank(start, paper);
    return scores;
  }
}

function isName(code: number): boolean {
  return code >= 0 || code === sign.names || code === sign.phrase;
}

function has(bits: Uint32Array, paper: number): boolean {
  return (((bits[paper >> 5] as number) >>> (paper & 31)) & 1) === 1;
}
