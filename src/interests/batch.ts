import { anyWeight, type Program, type Term, unquote } from "./program.ts";

/** Which papers of a batch have a lexeme: a bit for each, for every set of weight labels asked for, and its places. */
type Postings = {
  bits: Uint32Array;
  byWeights: Map<number, Uint32Array>;
  /** For each paper that has it: its places, as position * 16 + the label's bit. */
  places: Map<number, number[]>;
};

/**
 * An index over the lexemes of a batch of papers, made from `tsvector::text`. Every query runs over it once: the cost is that
 * of the queries, with hardly a term for the papers.
 */
export class Batch {
  readonly size: number;
  private readonly words: number;
  private readonly postings = new Map<string, Postings>();
  private sorted: string[] | undefined;
  private readonly scratch: Uint32Array[] = [];

  constructor(vectors: string[]) {
    this.size = vectors.length;
    this.words = Math.ceil(this.size / 32);
    for (const [paper, vector] of vectors.entries()) this.add(paper, vector);
  }

  /** The papers, by their place in the batch, that a program hits. */
  run(program: Program): number[] {
    const result = this.scratchAt(0);
    if (!this.evaluate(program, result, 1)) return [];
    const papers: number[] = [];
    for (let word = 0; word < this.words; word++) {
      for (let rest = result[word] as number; rest !== 0; rest &= rest - 1)
        papers.push(word * 32 + 31 - Math.clz32(rest & -rest));
    }
    return papers;
  }

  private add(paper: number, vector: string): void {
    for (const [, quoted = "", places = ""] of vector.matchAll(/'((?:[^'\\]|''|\\.)*)'(?::([\dA-D,]+))?/g)) {
      const lexeme = unquote(quoted);
      let postings = this.postings.get(lexeme);
      if (!postings) {
        postings = { bits: new Uint32Array(this.words), byWeights: new Map(), places: new Map() };
        this.postings.set(lexeme, postings);
      }
      setBit(postings.bits, paper);
      postings.places.set(paper, places.split(",").map(placeOf));
    }
  }

  /** Writes the hits of `program` into `into`. Answers whether there are any. */
  private evaluate(program: Program, into: Uint32Array, depth: number): boolean {
    switch (program.type) {
      case "term":
        return this.evaluateTerm(program, into);
      case "phrase":
        return this.evaluatePhrase(program.terms, program.gaps, into, depth);
      case "not":
        this.evaluate(program.node, into, depth);
        return this.complement(into);
      case "and":
        return this.evaluateAll(program.nodes, into, depth);
      case "or":
        return this.evaluateEither(program.nodes, into, depth);
    }
  }

  private evaluateTerm(term: Term, into: Uint32Array): boolean {
    if (term.prefix) {
      into.fill(0);
      let any = false;
      for (const lexeme of this.beginningWith(term.lexeme)) {
        const bits = this.bitsOf(lexeme, term.weights) as Uint32Array;
        for (let word = 0; word < this.words; word++) into[word] = (into[word] as number) | (bits[word] as number);
        any = true;
      }
      return any && !isEmpty(into);
    }
    const bits = this.bitsOf(term.lexeme, term.weights);
    if (bits) into.set(bits);
    else into.fill(0);
    return bits !== undefined && (term.weights === anyWeight || !isEmpty(bits));
  }

  private evaluateAll(nodes: Program[], into: Uint32Array, depth: number): boolean {
    // A word that no paper has decides at once, wherever it stands.
    if (nodes.some((node) => node.type === "term" && !node.prefix && !this.postings.has(node.lexeme))) {
      into.fill(0);
      return false;
    }
    const other = this.scratchAt(depth);
    let any = this.evaluate(nodes[0] as Program, into, depth + 1);
    for (let index = 1; any && index < nodes.length; index++) {
      this.evaluate(nodes[index] as Program, other, depth + 1);
      any = false;
      for (let word = 0; word < this.words; word++) {
        const both = (into[word] as number) & (other[word] as number);
        into[word] = both;
        any ||= both !== 0;
      }
    }
    if (!any) into.fill(0);
    return any;
  }

  private evaluateEither(nodes: Program[], into: Uint32Array, depth: number): boolean {
    const other = this.scratchAt(depth);
    let any = this.evaluate(nodes[0] as Program, into, depth + 1);
    for (let index = 1; index < nodes.length; index++) {
      if (!this.evaluate(nodes[index] as Program, other, depth + 1)) continue;
      any = true;
      for (let word = 0; word < this.words; word++) into[word] = (into[word] as number) | (other[word] as number);
    }
    return any;
  }

  private evaluatePhrase(terms: Term[], gaps: number[], into: Uint32Array, depth: number): boolean {
    if (!this.evaluateAll(terms, into, depth)) return false;
    let any = false;
    for (let word = 0; word < this.words; word++) {
      for (let rest = into[word] as number; rest !== 0; rest &= rest - 1) {
        const paper = word * 32 + 31 - Math.clz32(rest & -rest);
        if (this.hasPhrase(paper, terms, gaps)) any = true;
        else into[word] = (into[word] as number) & ~(1 << (paper & 31));
      }
    }
    return any;
  }

  private hasPhrase(paper: number, terms: Term[], gaps: number[]): boolean {
    let ends = this.positions(paper, terms[0] as Term);
    for (let index = 1; index < terms.length && ends.length > 0; index++) {
      const following = this.positions(paper, terms[index] as Term);
      const gap = gaps[index - 1] as number;
      const reached = new Set(ends.map((position) => position + gap));
      ends = following.filter((position) => reached.has(position));
    }
    return ends.length > 0;
  }

  private positions(paper: number, term: Term): number[] {
    const places = this.postings.get(term.lexeme)?.places.get(paper) ?? [];
    return places.filter((place) => place & term.weights).map((place) => place >> 4);
  }

  private bitsOf(lexeme: string, weights: number): Uint32Array | undefined {
    const postings = this.postings.get(lexeme);
    if (!postings || weights === anyWeight) return postings?.bits;
    let bits = postings.byWeights.get(weights);
    if (!bits) {
      bits = new Uint32Array(this.words);
      for (const [paper, places] of postings.places) if (places.some((place) => place & weights)) setBit(bits, paper);
      postings.byWeights.set(weights, bits);
    }
    return bits;
  }

  /** The lexemes that begin so: a run of the sorted list. */
  private beginningWith(prefix: string): string[] {
    this.sorted ??= [...this.postings.keys()].sort();
    let low = 0;
    for (let high = this.sorted.length; low < high; ) {
      const middle = (low + high) >> 1;
      if ((this.sorted[middle] as string) < prefix) low = middle + 1;
      else high = middle;
    }
    let end = low;
    while (this.sorted[end]?.startsWith(prefix)) end++;
    return this.sorted.slice(low, end);
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
    let bits = this.scratch[depth];
    if (!bits) {
      bits = new Uint32Array(this.words);
      this.scratch[depth] = bits;
    }
    return bits;
  }
}

const labelBits: Record<string, number> = { A: 8, B: 4, C: 2 };

/** `12A` as a place: position times 16, and the bit of its label (none written: D). */
function placeOf(text: string): number {
  return Number.parseInt(text, 10) * 16 + (labelBits[text.at(-1) as string] ?? 1);
}

function setBit(bits: Uint32Array, paper: number): void {
  bits[paper >> 5] = (bits[paper >> 5] as number) | (1 << (paper & 31));
}

function isEmpty(bits: Uint32Array): boolean {
  return bits.every((word) => word === 0);
}
