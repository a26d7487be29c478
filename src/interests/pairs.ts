import type { Posting } from "./postings.ts";

/**
 * Pairs of posting lists that phrases ask for as neighbours, each once, by number. A batch looks for all of them together: what
 * it costs is the text of the papers, however many phrases there are.
 */
export class PairTable {
  size = 0;
  private firsts = new Int32Array(1024);
  private seconds = new Int32Array(1024);
  /** Open addressing: the number of a pair, and 1; 0 is free. */
  private slots = new Int32Array(4096);

  add(first: number, second: number): void {
    if (this.find(first, second) >= 0) return;
    if (this.size === this.firsts.length) this.grow();
    this.firsts[this.size] = first;
    this.seconds[this.size] = second;
    this.place(this.size++);
  }

  /** The number of a pair, or -1. */
  find(first: number, second: number): number {
    const mask = this.slots.length - 1;
    for (let slot = mix(first, second) & mask; ; slot = (slot + 1) & mask) {
      const number = (this.slots[slot] as number) - 1;
      if (number < 0) return -1;
      if (this.firsts[number] === first && this.seconds[number] === second) return number;
    }
  }

  /** For each of so many posting lists, whether it is the first of a pair (1), the second (2), or both (3). */
  sides(lists: number): Uint8Array {
    const sides = new Uint8Array(lists);
    for (let number = 0; number < this.size; number++) {
      const [first, second] = [this.firsts[number] as number, this.seconds[number] as number];
      sides[first] = (sides[first] as number) | 1;
      sides[second] = (sides[second] as number) | 2;
    }
    return sides;
  }

  private grow(): void {
    const doubled = (list: Int32Array) => {
      const longer = new Int32Array(list.length * 2);
      longer.set(list);
      return longer;
    };
    this.firsts = doubled(this.firsts);
    this.seconds = doubled(this.seconds);
    this.slots = new Int32Array(this.slots.length * 2);
    for (let number = 0; number < this.size; number++) this.place(number);
  }

  private place(number: number): void {
    const mask = this.slots.length - 1;
    let slot = mix(this.firsts[number] as number, this.seconds[number] as number) & mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
    this.slots[slot] = number + 1;
  }
}

function mix(first: number, second: number): number {
  const hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 5;
}

/** The last position of a tsvector. */
const lastPosition = 16_383;

/**
 * The papers in which the lists of a pair stand side by side, for each pair that is found, in order. `papers` is how many
 * papers the batch has.
 */
export function findPairs(table: PairTable, postings: (Posting | undefined)[], papers: number): Map<number, number[]> {
  const found = new Map<number, number[]>();
  if (table.size === 0) return found;
  const sides = table.sides(postings.length);
  const { starts, lists, positions } = byPaper(postings, sides, papers);
  /** For each position of a paper the last entry there, and 1; and for each entry the one before it at the same position. */
  const heads = new Int32Array(lastPosition + 2);
  const before = new Int32Array(lists.length);
  for (let paper = 0; paper < papers; paper++) {
    const [start, end] = [starts[paper] as number, starts[paper + 1] as number];
    for (let entry = start; entry < end; entry++) {
      const position = positions[entry] as number;
      before[entry] = heads[position] as number;
      heads[position] = entry + 1;
    }
    for (let entry = start; entry < end; entry++) {
      const first = lists[entry] as number;
      if (((sides[first] as number) & 1) === 0) continue;
      for (
        let next = heads[(positions[entry] as number) + 1] as number;
        next !== 0;
        next = before[next - 1] as number
      ) {
        const second = lists[next - 1] as number;
        if (((sides[second] as number) & 2) === 0) continue;
        const pair = table.find(first, second);
        if (pair < 0) continue;
        const known = found.get(pair);
        if (!known) found.set(pair, [paper]);
        else if (known[known.length - 1] !== paper) known.push(paper);
      }
    }
    for (let entry = start; entry < end; entry++) heads[positions[entry] as number] = 0;
  }
  return found;
}

/** The places of the lists that are on a side of a pair, paper by paper. */
function byPaper(postings: (Posting | undefined)[], sides: Uint8Array, papers: number) {
  const starts = new Int32Array(papers + 1);
  const wanted = (list: number) => (sides[list] === 0 ? undefined : postings[list]);
  for (let list = 0; list < postings.length; list++) {
    const posting = wanted(list);
    if (!posting) continue;
    for (let index = 0; index < posting.papers.length; index++) {
      const paper = posting.papers[index] as number;
      const count = (posting.starts[index + 1] as number) - (posting.starts[index] as number);
      starts[paper + 1] = (starts[paper + 1] as number) + count;
    }
  }
  for (let paper = 0; paper < papers; paper++)
    starts[paper + 1] = (starts[paper + 1] as number) + (starts[paper] as number);
  const ends = starts.slice();
  const lists = new Int32Array(starts[papers] as number);
  const positions = new Int32Array(lists.length);
  for (let list = 0; list < postings.length; list++) {
    const posting = wanted(list);
    if (!posting) continue;
    for (let index = 0; index < posting.papers.length; index++) {
      const paper = posting.papers[index] as number;
      let entry = ends[paper] as number;
      for (let at = posting.starts[index] as number; at < (posting.starts[index + 1] as number); at++) {
        lists[entry] = list;
        positions[entry++] = (posting.places[at] as number) >> 4;
      }
      ends[paper] = entry;
    }
  }
  return { starts, lists, positions };
}
