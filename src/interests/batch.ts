import { Choices } from "./choices.ts";
import { findPairs } from "./pairs.ts";
import { Places } from "./places.ts";
import { type Posting, readPostings } from "./postings.ts";
import { anyWeight } from "./program.ts";
import { type QuerySet, sign } from "./query_set.ts";
import { Ranker, usualLength } from "./rank.ts";
import type { Rarity } from "./rarity.ts";

/** The hits of a query: how many there are, and the best of them by their places in the batch, with their ranks. */
export type Hits = { count: number; papers: number[]; ranks: number[] };

/**
 * An index over the lexemes of a batch of papers, made from `tsvector::text`, in which each query of a set is run once: the cost
 * is that of the queries, with hardly a term for the papers. Make it anew when the set has grown.
 */
export class Batch {
  readonly size: number;
  private readonly set: QuerySet;
  private readonly words: number;
  private readonly postings: (Posting | undefined)[];
  /** For each pair of neighbours that is asked for and there, the papers that have it. */
  private readonly pairs: Map<number, number[]>;
  /** For each term the papers that have it; null: none has. */
  private readonly bits: (Uint32Array | null | undefined)[] = [];
  private readonly scratch: Uint32Array[] = [];
  private readonly places: Places;
  private readonly ranker: Ranker;
  private readonly choices: Choices;
  private readonly bestOfTerm = new Map<number, Hits>();
  /** Behind the node that was evaluated last. */
  private at = 0;

  /** `lengths` are characters of title and abstract; without them all papers are taken for as long as most. */
  constructor(vectors: string[], set: QuerySet, rarity: Rarity, lengths = vectors.map(() => usualLength)) {
    this.size = vectors.length;
    this.set = set;
    this.words = Math.ceil(this.size / 32);
    this.postings = readPostings(vectors, set.vocabulary);
    this.pairs = findPairs(set.vocabulary.pairs, this.postings, this.size);
    this.places = new Places(set, this.postings);
    this.ranker = new Ranker(set, this.places, rarity, lengths);
    this.choices = new Choices(set, this.ranker, this.size, (start) => this.findAt(start));
  }

  /** The hits of the query in a slot of the set; at most `most` of them, best first, of equals the later paper. */
  run(slot: number, most: number): Hits | undefined {
    const start = this.set.starts[slot] as number;
    const code = this.set.code[start] as number;
    if (code >= 0) return this.runTerm(code, start, most);
    const bits = this.find(slot);
    return bits ? this.best(bits, start, most) : undefined;
  }

  /** The papers of the batch ranked for the query in a slot, whether it hits them or not; or those of `among`. */
  rank(slot: number, most: number, among: Uint32Array | null = this.all()): Hits {
    return among ? this.best(among, this.set.starts[slot] as number, most) : { count: 0, papers: [], ranks: [] };
  }

  /** The papers that the query in a slot hits, a bit for each, until the next call; null: none. */
  find(slot: number): Uint32Array | null {
    const start = this.set.starts[slot] as number;
    const code = this.set.code[start] as number;
    if (code >= 0) return this.bitsOf(code);
    const bits = this.scratchAt(0);
    return this.evaluate(start, bits, 1) ? bits : null;
  }

  /** The papers that the node at `start` of the set's code hits; null: none. It is not to be written to. */
  findAt(start: number): Uint32Array | null {
    const code = this.set.code[start] as number;
    if (code >= 0) return this.bitsOf(code);
    const bits = new Uint32Array(this.words);
    return this.evaluate(start, bits, 1) ? bits : null;
  }

  /** How rare what the node at `start` asks for is (`rank.ts`). */
  rarityAt(start: number): number {
    return this.ranker.rarityAt(start);
  }

  private all(): Uint32Array {
    const bits = new Uint32Array(this.words);
    this.complement(bits);
    return bits;
  }

  /** Many queries are one word, and many of these the same one. */
  private runTerm(term: number, start: number, most: number): Hits | undefined {
    let hits = this.bestOfTerm.get(term);
    if (!hits) {
      const bits = this.bitsOf(term);
      hits = bits ? this.best(bits, start, most) : { count: 0, papers: [], ranks: [] };
      this.bestOfTerm.set(term, hits);
    }
    return hits.count > 0 ? hits : undefined;
  }

  private best(bits: Uint32Array, start: number, most: number): Hits {
    const papers: number[] = [];
    const ranks: number[] = [];
    const choice = this.choices.at(start);
    let count = 0;
    for (let word = this.words - 1; word >= 0; word--) {
      for (let rest = bits[word] as number; rest !== 0; ) {
        const bit = 31 - Math.clz32(rest);
        rest &= ~(1 << bit);
        count++;
        const paper = word * 32 + bit;
        const rank = choice ? this.choices.rank(choice, paper) : this.ranker.rank(start, paper);
        if (papers.length < most || rank > (ranks[most - 1] as number)) insert(papers, ranks, paper, rank, most);
      }
    }
    return { count, papers, ranks };
  }

  /** Writes the papers that the node at `start` hits into `into`. Answers whether there are any. */
  private evaluate(start: number, into: Uint32Array, depth: number): boolean {
    const code = this.set.code[start] as number;
    if (code >= 0) {
      this.at = start + 1;
      const bits = this.bitsOf(code);
      if (bits) into.set(bits);
      else into.fill(0);
      return bits !== null;
    }
    if (code === sign.not) {
      this.evaluate(start + 1, into, depth);
      return this.complement(into);
    }
    const parts = this.set.code[start + 1] as number;
    const end = start + 3 + (this.set.code[start + 2] as number);
    let any: boolean;
    if (code === sign.and) any = this.evaluateAll(start + 3, parts, into, depth);
    else if (code === sign.phrase) any = this.evaluatePhrase(start + 3, parts, into);
    else any = this.evaluateEither(start + 3, parts, into, depth);
    this.at = end;
    if (!any) into.fill(0);
    return any;
  }

  private evaluateAll(start: number, parts: number, into: Uint32Array, depth: number): boolean {
    if (!this.evaluate(start, into, depth + 1)) return false;
    const other = this.scratchAt(depth);
    for (let part = 1; part < parts; part++) {
      const code = this.set.code[this.at] as number;
      let bits: Uint32Array | null = other;
      if (code >= 0) {
        this.at++;
        bits = this.bitsOf(code);
      } else this.evaluate(this.at, other, depth + 1);
      if (!bits || !this.intersect(into, bits)) return false;
    }
    return true;
  }

  private evaluateEither(start: number, parts: number, into: Uint32Array, depth: number): boolean {
    let any = this.evaluate(start, into, depth + 1);
    const other = this.scratchAt(depth);
    for (let part = 1; part < parts; part++) {
      const code = this.set.code[this.at] as number;
      let bits: Uint32Array | null = other;
      if (code >= 0) {
        this.at++;
        bits = this.bitsOf(code);
      } else if (!this.evaluate(this.at, other, depth + 1)) bits = null;
      if (!bits) continue;
      any = true;
      for (let word = 0; word < this.words; word++) into[word] = (into[word] as number) | (bits[word] as number);
    }
    return any;
  }

  private evaluatePhrase(start: number, parts: number, into: Uint32Array): boolean {
    const papers = this.mayHavePhrase(start, parts);
    if (!papers) return false;
    // Two words in any field are all there is to a pair.
    const certain = parts === 2 && this.isPlainPair(start);
    let any = false;
    into.fill(0);
    for (let index = 0; index < papers.length; index++) {
      const paper = papers[index] as number;
      if (!certain && !this.places.hasPhrase(start, parts, paper)) continue;
      into[paper >> 5] = (into[paper >> 5] as number) | (1 << (paper & 31));
      any = true;
    }
    return any;
  }

  /** The papers that have the rarest of its neighbours, or of its words where there is a gap behind each. */
  private mayHavePhrase(start: number, parts: number): number[] | undefined {
    const { code, vocabulary } = this.set;
    const list = (part: number) => vocabulary.postings[code[start + part * 2] as number] as number;
    let rarest: number[] | undefined;
    for (let part = 0; part < parts; part++) {
      const isPair = part > 0 && code[start + part * 2 + 1] === 1;
      const papers = isPair
        ? this.pairs.get(vocabulary.pairs.find(list(part - 1), list(part)))
        : this.postings[list(part)]?.papers;
      if (!papers) return undefined;
      if (!rarest || papers.length < rarest.length) rarest = papers;
    }
    return rarest;
  }

  private isPlainPair(start: number): boolean {
    const { code, vocabulary } = this.set;
    const anywhere = (at: number) => vocabulary.weights[code[at] as number] === anyWeight;
    return code[start + 3] === 1 && anywhere(start) && anywhere(start + 2);
  }

  private intersect(into: Uint32Array, bits: Uint32Array): boolean {
    let all = 0;
    for (let word = 0; word < this.words; word++) {
      const both = (into[word] as number) & (bits[word] as number);
      into[word] = both;
      all |= both;
    }
    return all !== 0;
  }

  private bitsOf(term: number): Uint32Array | null {
    const known = this.bits[term];
    if (known !== undefined) return known;
    const bits = this.makeBits(term);
    this.bits[term] = bits;
    return bits;
  }

  private makeBits(term: number): Uint32Array | null {
    const posting = this.postings[this.set.vocabulary.postings[term] as number];
    if (!posting) return null;
    const weights = this.set.vocabulary.weights[term] as number;
    const { papers, starts, places } = posting;
    const bits = new Uint32Array(this.words);
    let any = false;
    for (let index = 0; index < papers.length; index++) {
      let hit = weights === anyWeight;
      const end = starts[index + 1] as number;
      for (let at = starts[index] as number; !hit && at < end; at++) hit = ((places[at] as number) & weights) !== 0;
      if (!hit) continue;
      const paper = papers[index] as number;
      bits[paper >> 5] = (bits[paper >> 5] as number) | (1 << (paper & 31));
      any = true;
    }
    return any ? bits : null;
  }

  private complement(bits: Uint32Array): boolean {
    let any = false;
    for (let word = 0; word < this.words; word++) {
      const left = this.size - word * 32;
      const inverse = ~(bits[word] as number) & (left >= 32 ? -1 : (1 << left) - 1);
      bits[word] = inverse;
      any ||= inverse !== 0;
    }
    return any;
  }

  private scratchAt(depth: number): Uint32Array {
    this.scratch[depth] ??= new Uint32Array(this.words);
    return this.scratch[depth];
  }
}

/** Keeps the two lists in the order of ranks, and no longer than `most`. */
function insert(papers: number[], ranks: number[], paper: number, rank: number, most: number): void {
  let low = 0;
  for (let high = ranks.length; low < high; ) {
    const middle = (low + high) >> 1;
    if ((ranks[middle] as number) >= rank) low = middle + 1;
    else high = middle;
  }
  ranks.splice(low, 0, rank);
  papers.splice(low, 0, paper);
  if (ranks.length > most) {
    ranks.pop();
    papers.pop();
  }
}
