import { grown } from "../grown.ts";
import type { Posting } from "./postings.ts";
import type { QuerySet } from "./query_set.ts";

/**
 * Where words and phrases stand in a paper. What is found lies on a stack, in the order of the text, and whoever ranks a node takes
 * off again what it has seen: so that ranking millions of papers makes no lists.
 */
export class Places {
  /** Positions with their weight labels (see `Posting`), of which those below `top` count. */
  found = new Int32Array(1024);
  top = 0;
  private readonly set: QuerySet;
  private readonly postings: (Posting | undefined)[];
  /** Of each word of a phrase that is looked for: the places, and the next and the end of those in the paper. */
  private readonly lists: number[][] = [];
  private readonly from: number[] = [];
  private readonly to: number[] = [];

  constructor(set: QuerySet, postings: (Posting | undefined)[]) {
    this.set = set;
    this.postings = postings;
  }

  /** Whether a phrase stands in a paper. `start` is that of its first term. */
  hasPhrase(start: number, parts: number, paper: number): boolean {
    return this.findPhrase(start, parts, paper, true) > 0;
  }

  /** Finds a term. Answers what its places count. */
  findTerm(term: number, paper: number): number {
    const posting = this.postings[this.set.vocabulary.postings[term] as number];
    const index = posting ? posting.find(paper) : -1;
    if (!posting || index < 0) return 0;
    const weights = this.set.vocabulary.weights[term] as number;
    const from = posting.starts[index] as number;
    const end = posting.starts[index + 1] as number;
    this.makeRoom(end - from);
    const { found } = this;
    let { top } = this;
    let count = 0;
    for (let at = from; at < end; at++) {
      const place = posting.places[at] as number;
      if ((place & weights) === 0) continue;
      found[top++] = place;
      count += weightOf(place);
    }
    this.top = top;
    return count;
  }

  /**
   * Finds where a phrase begins, walking through the places of all its words side by side. Answers what these count. With
   * `firstOnly` it ends with the first, which it keeps nowhere.
   */
  findPhrase(start: number, parts: number, paper: number, firstOnly = false): number {
    const { code, vocabulary } = this.set;
    const { lists, from, to } = this;
    for (let part = 0; part < parts; part++) {
      const posting = this.postings[vocabulary.postings[code[start + part * 2] as number] as number];
      const index = posting ? posting.find(paper) : -1;
      if (!posting || index < 0) return 0;
      lists[part] = posting.places;
      from[part] = posting.starts[index] as number;
      to[part] = posting.starts[index + 1] as number;
    }
    const weights = vocabulary.weights[code[start] as number] as number;
    const first = lists[0] as number[];
    let count = 0;
    for (let at = from[0] as number; at < (to[0] as number); at++) {
      const place = first[at] as number;
      if ((place & weights) === 0) continue;
      let wanted = place >> 4;
      let part = 1;
      for (; part < parts; part++) {
        wanted += code[start + part * 2 + 1] as number;
        const list = lists[part] as number[];
        const end = to[part] as number;
        let next = from[part] as number;
        while (next < end && (list[next] as number) >> 4 < wanted) next++;
        from[part] = next;
        if (next === end) return count;
        const there = list[next] as number;
        if (there >> 4 !== wanted) break;
        if ((there & (vocabulary.weights[code[start + part * 2] as number] as number)) === 0) break;
      }
      if (part < parts) continue;
      count += weightOf(place);
      if (firstOnly) return count;
      this.makeRoom(1);
      this.found[this.top++] = place;
    }
    return count;
  }

  /**
   * Puts the places from `middle` on in order with those from `base` on, each once. Answers what those count that were there twice.
   * Both are few.
   */
  merge(base: number, middle: number): number {
    const { found } = this;
    const end = this.top;
    let twice = 0;
    this.top = middle;
    for (let index = middle; index < end; index++) {
      const place = found[index] as number;
      let at = this.top;
      while (at > base && (found[at - 1] as number) > place) at--;
      if (at > base && found[at - 1] === place) {
        twice += weightOf(place);
        continue;
      }
      found.copyWithin(at + 1, at, this.top);
      found[at] = place;
      this.top++;
    }
    return twice;
  }

  private makeRoom(more: number): void {
    if (this.top + more > this.found.length) this.found = grown(this.found, new Int32Array((this.top + more) * 2));
  }
}

/** A place in the title or the authors counts twice. */
function weightOf(place: number): number {
  return (place & 12) !== 0 ? 2 : 1;
}
