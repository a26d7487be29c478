import { grown } from "../grown.ts";
import { NameTable } from "./name_table.ts";
import { PairTable } from "./pairs.ts";
import type { Program, Term } from "./program.ts";

/** The signs of an encoded program that are not terms. A term is its number, 0 or more. */
export const sign = { and: -1, or: -2, not: -3, phrase: -4, names: -5 } as const;

/** The lexemes and beginnings that queries ask for, and the terms made of them: each once, by number. */
export class Vocabulary {
  /** Posting lists that a batch must make: by lexeme, and by beginning. */
  readonly lexemes = new NameTable();
  readonly beginnings = new NameTable();
  /** How many posting lists there are, and of each the lexeme, or the beginning. */
  size = 0;
  readonly written: string[] = [];
  readonly isBeginning: boolean[] = [];
  /** Of each term: its posting list, and the weight labels that count. */
  readonly postings: number[] = [];
  readonly weights: number[] = [];
  /** Neighbours that phrases ask for, by the numbers of their posting lists. */
  readonly pairs = new PairTable();
  private readonly terms = new Map<number, number>();

  term({ lexeme, prefix, weights }: Term): number {
    const names = prefix ? this.beginnings : this.lexemes;
    let posting = names.get(lexeme);
    if (posting === undefined) {
      posting = this.size++;
      names.add(lexeme, posting);
      this.written.push(lexeme);
      this.isBeginning.push(prefix);
    }
    const key = posting * 16 + weights;
    let term = this.terms.get(key);
    if (term === undefined) {
      term = this.postings.push(posting) - 1;
      this.weights.push(weights);
      this.terms.set(key, term);
    }
    return term;
  }
}

/**
 * Queries compiled once and kept, a few numbers each: a million of them are to fit in memory. A program is encoded in front of
 * its parts: a term's number; `and` or `or`, how many parts, the length of them all, the parts, with `names` for an `or` of words
 * and phrases; `not`, the part; `phrase`, how many terms, the length, and each term with the gap before it.
 */
export class QuerySet {
  readonly vocabulary = new Vocabulary();
  ids = new Float64Array(1024);
  starts = new Int32Array(1024);
  size = 0;
  code = new Int32Array(8192);
  private end = 0;
  private readonly slots = new Map<number, number>();

  /** Adds a query, or puts another program in its place. */
  add(id: number, program: Program): void {
    const slot = this.slots.get(id) ?? this.size++;
    if (slot === this.ids.length) {
      this.ids = grown(this.ids, new Float64Array(slot * 2));
      this.starts = grown(this.starts, new Int32Array(slot * 2));
    }
    this.slots.set(id, slot);
    this.ids[slot] = id;
    this.starts[slot] = this.end;
    this.encode(program);
  }

  /** Behind the node that begins at `start` of the code. */
  behind(start: number): number {
    const first = this.code[start] as number;
    if (first >= 0) return start + 1;
    if (first === sign.not) return this.behind(start + 1);
    const length = this.code[start + 2] as number;
    return start + 3 + length;
  }

  /** The first lexeme that the node at `start` asks for. */
  firstLexeme(start: number): string {
    const first = this.code[start] as number;
    if (first < 0) return this.firstLexeme(first === sign.not ? start + 1 : start + 3);
    return this.vocabulary.written[this.vocabulary.postings[first] as number] as string;
  }

  private encode(program: Program): void {
    if (program.type === "term") this.push(this.vocabulary.term(program));
    else if (program.type === "not") {
      this.push(sign.not);
      this.encode(program.node);
    } else if (program.type === "phrase") {
      this.push(sign.phrase, program.terms.length, program.terms.length * 2);
      let before = 0;
      for (const [at, term] of program.terms.entries()) {
        const gap = at === 0 ? 0 : (program.gaps[at - 1] as number);
        const number = this.vocabulary.term(term);
        const list = this.vocabulary.postings[number] as number;
        if (gap === 1) this.vocabulary.pairs.add(before, list);
        this.push(number, gap);
        before = list;
      }
    } else {
      const areNames = program.type === "or" && program.nodes.every((it) => it.type === "term" || it.type === "phrase");
      this.push(sign[areNames ? "names" : program.type], program.nodes.length, 0);
      const start = this.end;
      for (const node of program.nodes) this.encode(node);
      this.code[start - 1] = this.end - start;
    }
  }

  private push(...numbers: number[]): void {
    if (this.end + numbers.length > this.code.length)
      this.code = grown(this.code, new Int32Array(this.code.length * 2));
    for (const number of numbers) this.code[this.end++] = number;
  }
}
