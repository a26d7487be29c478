import { grown } from "../grown.ts";
import type { Places } from "./places.ts";
import { type QuerySet, sign } from "./query_set.ts";
import type { Rarity } from "./rarity.ts";

/** No word is taken for rarer than this: what nobody else writes is more often a slip than a subject. */
const leastShare = 1e-4;
/** Characters of title and abstract together, as most papers have them. */
export const usualLength = 1400;

/**
 * How well a paper answers a query, above 0:
 *
 *     word     r s(n): n is 2 for each place in the title or the authors and 1 for each elsewhere, r how rare the word is
 *     phrase   the same, with the places where it begins and the rarities of its words together
 *     either   of words and phrases: the same, with the places of all of them and the rarity of the commonest;
 *              of anything else: the best of its parts, and a third of the others
 *     all      the sum of its parts, and the sum of r t(c) for each divided by their number less one, c being how close
 *              it comes to others: 1 / d^2 for each place that has a place of another part next to it, d words apart
 *     without  nothing
 *
 *     r    = ln(1 + 1 / f), f the share of papers that have the word
 *     s(n) = 2.2 n / (n + 1.2 (0.6 + 0.4 l)), l the length of the paper by that of most
 *     t(c) = 2.2 c / (c + 1.2)
 *
 * The reasons: s is that of BM25, where a second mention says less than the first, and in a long text less than in a short one;
 * abstracts are about as long as one another, so length counts for less than BM25 has it. What is named in the title is what the
 * paper is about, but the abstract names it too: more than 2 for the title finds nothing better. Words that stand together say
 * more than words that are far apart, the more so the more often they do; this is what tells `world model` from a model of the
 * world's languages, and counts for as much as the words do. Parts of `either` are mostly other names of one thing, which one is
 * used says nothing, so they count as one. A part that is missing counts nothing, and the rest is ranked without it: so what
 * comes near a query can be ranked like what hits it. Each constant was tried on halves of the keywords of Hugging Face's papers
 * (`npm run bench -- ranking`) and is a round number on a wide flat.
 */
export class Ranker {
  private readonly set: QuerySet;
  private readonly places: Places;
  private readonly corpus: Rarity;
  /** By term; 0 until it is asked for. */
  private readonly rarities: Float64Array;
  /** By paper, what s adds to n under the line. */
  private readonly damping: Float64Array;
  /** Behind the node that was ranked last, and its rarity; the places where it stands are on top of those found. */
  private at = 0;
  private rarity = 0;
  /** The parts of `all` that are there, a stack: the rarity of each, and where its places begin. */
  private rarityOfPart = new Float64Array(64);
  private beginning = new Int32Array(64);
  private parts = 0;
  /** What is next of the places of each part, where they end, and how close it comes to others. */
  private next = new Int32Array(64);
  private end = new Int32Array(64);
  private closeness = new Float64Array(64);

  /** `lengths` are characters of title and abstract, by paper. */
  constructor(set: QuerySet, places: Places, rarity: Rarity, lengths: number[]) {
    this.set = set;
    this.places = places;
    this.corpus = rarity;
    this.rarities = new Float64Array(set.vocabulary.postings.length);
    this.damping = Float64Array.from(lengths, (length) => 1.2 * (0.6 + (0.4 * length) / usualLength));
  }

  /** The rank of a paper for the node at `start` of the set's code. */
  rank(start: number, paper: number): number {
    this.places.top = 0;
    return this.rankNode(start, paper);
  }

  /** How rare what the node at `start` asks for is, at the least: a paper that has it need not be at hand. */
  rarityAt(start: number): number {
    const { code } = this.set;
    const first = code[start] as number;
    if (first >= 0) return this.rarityOf(first);
    if (first === sign.not) return 0;
    const parts = code[start + 1] as number;
    const list: number[] = [];
    for (let part = 0, at = start + 3; part < parts; part++) {
      list.push(this.rarityAt(at));
      at = first === sign.phrase ? at + 2 : this.set.behind(at);
    }
    if (first === sign.or || first === sign.names) return Math.min(...list);
    return list.reduce((sum, rarity) => sum + rarity, 0);
  }

  private rankNode(start: number, paper: number): number {
    const { code } = this.set;
    const first = code[start] as number;
    if (first >= 0 || first === sign.phrase) {
      const count = this.findName(start, paper);
      return count === 0 ? 0 : this.rarity * this.saturate(count, paper);
    }
    if (first === sign.not) {
      this.at = this.set.behind(start);
      this.rarity = 0;
      return 0;
    }
    const parts = code[start + 1] as number;
    if (first === sign.and) return this.rankAll(start + 3, parts, paper);
    if (first === sign.names) return this.rankNames(start + 3, parts, paper);
    return this.rankEither(start + 3, parts, paper);
  }

  /** Puts the places of a word or a phrase on the stack. Answers what they count. */
  private findName(start: number, paper: number): number {
    const { code } = this.set;
    const first = code[start] as number;
    if (first >= 0) {
      this.at = start + 1;
      this.rarity = this.rarityOf(first);
      return this.places.findTerm(first, paper);
    }
    const parts = code[start + 1] as number;
    this.at = start + 3 + parts * 2;
    this.rarity = 0;
    for (let part = 0; part < parts; part++) this.rarity += this.rarityOf(code[start + 3 + part * 2] as number);
    return this.places.findPhrase(start + 3, parts, paper);
  }

  private rankAll(start: number, parts: number, paper: number): number {
    const base = this.places.top;
    const bottom = this.parts;
    let sum = 0;
    let wanted = 0;
    this.at = start;
    for (let part = 0; part < parts; part++) {
      if (this.set.code[this.at] !== sign.not) wanted++;
      const beginning = this.places.top;
      sum += this.rankNode(this.at, paper);
      if (this.places.top > beginning) this.addPart(beginning);
    }
    if (this.parts > bottom + 1) sum += this.rankCloseness(bottom) / (wanted - 1);
    this.parts = bottom;
    this.places.top = base;
    this.rarity = 0;
    return sum;
  }

  private addPart(beginning: number): void {
    if (this.parts === this.beginning.length) {
      this.rarityOfPart = grown(this.rarityOfPart, new Float64Array(this.parts * 2));
      this.beginning = grown(this.beginning, new Int32Array(this.parts * 2));
      this.next = new Int32Array(this.parts * 2);
      this.end = new Int32Array(this.parts * 2);
      this.closeness = new Float64Array(this.parts * 2);
    }
    this.rarityOfPart[this.parts] = this.rarity;
    this.beginning[this.parts++] = beginning;
  }

  /** Goes through the places of the parts from `bottom` on in the order of the text; those of each part are in order already. */
  private rankCloseness(bottom: number): number {
    const { beginning, next, end, closeness, parts } = this;
    const { found } = this.places;
    for (let part = bottom; part < parts; part++) {
      next[part] = beginning[part] as number;
      end[part] = part + 1 < parts ? (beginning[part + 1] as number) : this.places.top;
      closeness[part] = 0;
    }
    for (let before = -1, position = 0; ; ) {
      let nearest = Number.MAX_SAFE_INTEGER;
      let chosen = -1;
      for (let part = bottom; part < parts; part++) {
        const at = next[part] as number;
        if (at === end[part] || (found[at] as number) >= nearest) continue;
        nearest = found[at] as number;
        chosen = part;
      }
      if (chosen < 0) break;
      next[chosen] = (next[chosen] as number) + 1;
      if (before >= 0 && before !== chosen) {
        const apart = Math.max(1, (nearest >> 4) - position);
        const near = 1 / (apart * apart);
        closeness[before] = (closeness[before] as number) + near;
        closeness[chosen] = (closeness[chosen] as number) + near;
      }
      before = chosen;
      position = nearest >> 4;
    }
    let sum = 0;
    for (let part = bottom; part < parts; part++) {
      const near = closeness[part] as number;
      sum += ((this.rarityOfPart[part] as number) * 2.2 * near) / (near + 1.2);
    }
    return sum;
  }

  private rankNames(start: number, parts: number, paper: number): number {
    const base = this.places.top;
    let count = 0;
    let commonest = Number.MAX_VALUE;
    this.at = start;
    for (let part = 0; part < parts; part++) {
      const beginning = this.places.top;
      count += this.findName(this.at, paper);
      if (this.rarity < commonest) commonest = this.rarity;
      if (beginning > base && this.places.top > beginning) count -= this.places.merge(base, beginning);
    }
    this.rarity = commonest;
    return count === 0 ? 0 : commonest * this.saturate(count, paper);
  }

  private rankEither(start: number, parts: number, paper: number): number {
    const base = this.places.top;
    let sum = 0;
    let best = 0;
    let rarity = 0;
    this.at = start;
    for (let part = 0; part < parts; part++) {
      const beginning = this.places.top;
      const rank = this.rankNode(this.at, paper);
      if (beginning > base && this.places.top > beginning) this.places.merge(base, beginning);
      sum += rank;
      if (rank <= best) continue;
      best = rank;
      rarity = this.rarity;
    }
    this.rarity = rarity;
    return best + (sum - best) / 3;
  }

  private saturate(count: number, paper: number): number {
    return (2.2 * count) / (count + (this.damping[paper] as number));
  }

  private rarityOf(term: number): number {
    const known = this.rarities[term] as number;
    if (known > 0) return known;
    const { written, isBeginning, postings } = this.set.vocabulary;
    const list = postings[term] as number;
    const share = this.corpus.frequency(written[list] as string, isBeginning[list]);
    const rarity = Math.log(1 + 1 / Math.max(share, leastShare));
    this.rarities[term] = rarity;
    return rarity;
  }
}
