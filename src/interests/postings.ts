import { hashWith } from "./name_table.ts";
import { unquote } from "./program.ts";
import type { Vocabulary } from "./query_set.ts";

/** The papers of a batch that have a lexeme, or one that begins so, and where in each. */
export class Posting {
  /** By their places in the batch, in order. */
  readonly papers: number[] = [];
  /** Where the places in each paper begin; behind the last, where they end. */
  readonly starts: number[] = [0];
  /** A position times 16, and the bit of its weight label (A 8, B 4, C 2, D 1), in order within a paper. */
  readonly places: number[] = [];

  /** For a lexeme that many papers have, the index in `papers` of each paper of the batch, and 1. */
  private indexes: Int32Array | undefined;

  /** The index in `papers` of a paper, or -1. */
  find(paper: number): number {
    if (this.indexes) return (this.indexes[paper] ?? 0) - 1;
    const { papers } = this;
    if (papers.length > 64) {
      this.indexes = new Int32Array((papers.at(-1) as number) + 1);
      for (let index = 0; index < papers.length; index++) this.indexes[papers[index] as number] = index + 1;
    }
    let low = 0;
    let high = papers.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = papers[middle] as number;
      if (found === paper) return middle;
      if (found < paper) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}

/**
 * What `tsvector::text` of each paper says about the lexemes of a vocabulary. Others, which are most, are passed over: a lexeme
 * is hashed where it stands and no string is made of it.
 */
export function readPostings(vectors: string[], vocabulary: Vocabulary): (Posting | undefined)[] {
  const { lexemes, beginnings } = vocabulary;
  const postings = new Array<Posting | undefined>(vocabulary.size);
  const lists: number[] = [];
  for (const [paper, vector] of vectors.entries()) {
    for (let at = 1; at > 0 && at < vector.length; ) {
      lists.length = 0;
      let hash = 0;
      let end = at;
      let plain = true;
      for (let sign = vector.charCodeAt(end); ; sign = vector.charCodeAt(++end)) {
        if (sign === quote) {
          if (vector.charCodeAt(end + 1) !== quote) break;
          end++;
          plain = false;
        } else if (sign === backslash) {
          end++;
          plain = false;
        }
        hash = hashWith(hash, sign);
        if (!beginnings.mayHold(vector.charCodeAt(at), end + 1 - at)) continue;
        const list = beginnings.find(hash, vector, at, end + 1);
        if (list !== undefined) lists.push(list);
      }
      const own = lexemes.find(hash, vector, at, end);
      if (own !== undefined) lists.push(own);
      const written = plain ? undefined : unquote(vector.slice(at, end));
      const found = written === undefined ? lists : namesOf(written, vocabulary);
      const space = vector.indexOf(" ", end);
      for (const list of found) {
        postings[list] ??= new Posting();
        addPlaces(postings[list], paper, vector, end + 2, space < 0 ? vector.length : space);
      }
      at = space < 0 ? 0 : space + 2;
    }
  }
  return postings;
}

const quote = 39;
const backslash = 92;

/** The lists of a lexeme with signs that PostgreSQL writes doubled. */
function namesOf(lexeme: string, { lexemes, beginnings }: Vocabulary): number[] {
  const lists = [lexemes.get(lexeme), ...Array.from(lexeme, (_, at) => beginnings.get(lexeme.slice(0, at + 1)))];
  return lists.filter((list) => list !== undefined);
}

const zero = 48;
const comma = 44;
const labelA = 65;

/** Reads `1A,12`, from `at` to `end`. A lexeme without places stands at 0, as D. */
function addPlaces(posting: Posting, paper: number, vector: string, at: number, end: number): void {
  const { papers, starts, places } = posting;
  const more = papers.at(-1) === paper;
  if (!more) {
    papers.push(paper);
    starts.push(places.length);
  }
  const first = starts.at(-2) as number;
  let position = 0;
  let bit = 1;
  for (let index = at; index < end; index++) {
    const sign = vector.charCodeAt(index);
    if (sign === comma) {
      places.push(position * 16 + bit);
      position = 0;
      bit = 1;
    } else if (sign >= labelA) bit = 8 >> (sign - labelA);
    else position = position * 10 + sign - zero;
  }
  places.push(position * 16 + bit);
  // Several lexemes that begin alike stand in one list.
  if (more) places.splice(first, places.length - first, ...places.slice(first).sort((one, other) => one - other));
  starts[starts.length - 1] = places.length;
}
