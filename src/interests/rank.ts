import type { Posting } from "./postings.ts";
import { type QuerySet, sign } from "./query_set.ts";
import type { Rarity } from "./rarity.ts";

/** No word is taken for rarer than this: what nobody else writes is more often a slip than a subject. */
const leastShare = 1e-4;

/**
 * How well a paper answers a query, above 0:
 *
 *     word    rarity * s(n), n = 3 in the title + 2 in the authors + 1 elsewhere, for each place where it stands
 *     phrase  the same, with the rarity of its words together and the places where it begins
 *     all     the sum of its parts, and up to half as much again the closer they stand
 *     either  the best of its parts, and a third of the others
 *     without nothing
 *
 * where s(n) = 2.2 n / (n + 1.2), as in BM25: a second mention says less than the first; and rarity = ln(1 + 1 / f), f the
 * share of papers that have the word. So a hit of a rare interest outranks one of a common interest. There is no share for the
 * length of a paper: abstracts are about as long as one another.
 */
export class Ranker {
  private readonly set: QuerySet;
  private readonly postings: (Posting | undefined)[];
  private readonly corpus: Rarity;
  /** By term; 0 until it is asked for. */
  private readonly rarities: Float64Array;
  /** Behind the node that was ranked last. */
  private at = 0;
  /** Of each word of a phrase that is looked for: the places, and the next and the end of those in the paper. */
  private readonly places: number[][] = [];
  private readonly from: number[] = [];
  private readonly to: number[] = [];

  constructor(set: QuerySet, postings: (Posting | undefined)[], rarity: Rarity) {
    this.set = set;
    this.postings = postings;
    this.corpus = rarity;
    this.rarities = new Float64Array(set.vocabulary.postings.length);
  }

  /** The rank of a paper for the node at `start` of the set's code. */
  rank(start: number, paper: number): number {
    const { code } = this.set;
    const first = code[start] as number;
    if (first >= 0) {
      this.at = start + 1;
      return this.rankTerm(first, paper);
    }
    if (first === sign.not) {
      this.at = this.behind(start);
      return 0;
    }
    const parts = code[start + 1] as number;
    if (first === sign.phrase) {
      this.at = start + 3 + parts * 2;
      return this.rankPhrase(start + 3, parts, paper);
    }
    return first === sign.and ? this.rankAll(start + 3, parts, paper) : this.rankEither(start + 3, parts, paper);
  }

  /** Whether a phrase stands in a paper. `start` is that of its first term. */
  hasPhrase(start: number, parts: number, paper: number): boolean {
    return this.findPhrase(start, parts, paper, true) > 0;
  }

  /** What the places count where a phrase begins in a paper, 0 if it doesn't stand there. */
  private countPhrase(start: number, parts: number, paper: number): number {
    return this.findPhrase(start, parts, paper, false);
  }

  /**
   * Walks through the places of all its words side by side. Common words meet in many papers and seldom stand together: so this
   * makes no lists.
   */
  private findPhrase(start: number, parts: number, paper: number, firstOnly: boolean): number {
    const { code, vocabulary } = this.set;
    const { places, from, to } = this;
    for (let part = 0; part < parts; part++) {
      const posting = this.postings[vocabulary.postings[code[start + part * 2] as number] as number];
      const index = posting ? posting.find(paper) : -1;
      if (!posting || index < 0) return 0;
      places[part] = posting.places;
      from[part] = posting.starts[index] as number;
      to[part] = posting.starts[index + 1] as number;
    }
    const weights = vocabulary.weights[code[start] as number] as number;
    const first = places[0] as number[];
    let count = 0;
    for (let at = from[0] as number; at < (to[0] as number); at++) {
      const place = first[at] as number;
      if ((place & weights) === 0) continue;
      let wanted = place >> 4;
      let part = 1;
      for (; part < parts; part++) {
        wanted += code[start + part * 2 + 1] as number;
        const list = places[part] as number[];
        const end = to[part] as number;
        let next = from[part] as number;
        while (next < end && (list[next] as number) >> 4 < wanted) next++;
        from[part] = next;
        if (next === end) return count;
        const found = list[next] as number;
        if (found >> 4 !== wanted) break;
        if ((found & (vocabulary.weights[code[start + part * 2] as number] as number)) === 0) break;
      }
      if (part < parts) continue;
      count += weightOf(place, weights);
      if (firstOnly) return count;
    }
    return count;
  }

  private rankTerm(term: number, paper: number): number {
    const posting = this.postings[this.set.vocabulary.postings[term] as number];
    const index = posting ? posting.find(paper) : -1;
    if (!posting || index < 0) return 0;
    const weights = this.set.vocabulary.weights[term] as number;
    let count = 0;
    const end = posting.starts[index + 1] as number;
    for (let at = posting.starts[index] as number; at < end; at++)
      count += weightOf(posting.places[at] as number, weights);
    return this.rarity(term) * saturate(count);
  }

  private rankPhrase(start: number, parts: number, paper: number): number {
    let rarity = 0;
    for (let part = 0; part < parts; part++) rarity += this.rarity(this.set.code[start + part * 2] as number);
    return rarity * saturate(this.countPhrase(start, parts, paper));
  }

  private rankAll(start: number, parts: number, paper: number): number {
    let sum = 0;
    let closeness = 0;
    let before: number[] = [];
    this.at = start;
    for (let part = 0; part < parts; part++) {
      const child = this.at;
      sum += this.rank(child, paper);
      const end = this.at;
      const places = this.placesOf(child, paper);
      if (before.length > 0 && places.length > 0) closeness += 1 / distance(before, places);
      if (places.length > 0) before = places;
      this.at = end;
    }
    return sum * (1 + (0.5 * closeness) / Math.max(1, parts - 1));
  }

  private rankEither(start: number, parts: number, paper: number): number {
    let sum = 0;
    let best = 0;
    this.at = start;
    for (let part = 0; part < parts; part++) {
      const rank = this.rank(this.at, paper);
      sum += rank;
      if (rank > best) best = rank;
    }
    return best + (sum - best) / 3;
  }

  /** Where a node stands in a paper: a word, the first word of a phrase that is there, the first of several parts that is. */
  private placesOf(start: number, paper: number): number[] {
    const first = this.set.code[start] as number;
    if (first >= 0) return this.placesOfTerm(first, paper);
    const parts = this.set.code[start + 1] as number;
    if (first === sign.phrase)
      return this.countPhrase(start + 3, parts, paper) > 0
        ? this.placesOfTerm(this.set.code[start + 3] as number, paper)
        : [];
    if (first !== sign.or) return [];
    for (let part = 0, at = start + 3; part < parts; part++, at = this.behind(at)) {
      const places = this.placesOf(at, paper);
      if (places.length > 0) return places;
    }
    return [];
  }

  private placesOfTerm(term: number, paper: number): number[] {
    const posting = this.postings[this.set.vocabulary.postings[term] as number];
    const index = posting ? posting.find(paper) : -1;
    if (!posting || index < 0) return [];
    const weights = this.set.vocabulary.weights[term] as number;
    const places = posting.places.slice(posting.starts[index], posting.starts[index + 1]);
    return weights === 15 ? places : places.filter((place) => place & weights);
  }

  private rarity(term: number): number {
    const known = this.rarities[term] as number;
    if (known > 0) return known;
    const { lexemeOf, postings } = this.set.vocabulary;
    const lexeme = lexemeOf[postings[term] as number];
    const share = lexeme === undefined ? 0 : this.corpus.frequency(lexeme);
    const rarity = Math.log(1 + 1 / Math.max(share, leastShare));
    this.rarities[term] = rarity;
    return rarity;
  }

  private behind(start: number): number {
    const first = this.set.code[start] as number;
    if (first >= 0) return start + 1;
    return first === sign.not ? this.behind(start + 1) : start + 3 + (this.set.code[start + 2] as number);
  }
}

/** What a place counts: title 3, authors 2, elsewhere 1; nothing where the term does not look. */
function weightOf(place: number, weights: number): number {
  if ((place & weights) === 0) return 0;
  return place & 8 ? 3 : place & 4 ? 2 : 1;
}

function saturate(count: number): number {
  return (2.2 * count) / (count + 1.2);
}

/** How many words apart the nearest two places are, at least 1. */
function distance(one: number[], other: number[]): number {
  let nearest = Number.MAX_SAFE_INTEGER;
  for (let left = 0, right = 0; left < one.length && right < other.length; ) {
    const apart = ((other[right] as number) >> 4) - ((one[left] as number) >> 4);
    nearest = Math.min(nearest, Math.abs(apart));
    if (apart > 0) left++;
    else right++;
  }
  return Math.max(1, nearest);
}
