/** A tsquery as PostgreSQL wrote it, ready to be run over a batch of papers. */
export type Program =
  | Term
  | { type: "and"; nodes: Program[] }
  | { type: "or"; nodes: Program[] }
  | { type: "not"; node: Program }
  /** Terms one behind the other; `gaps[i]` positions lie between term i and term i + 1. */
  | { type: "phrase"; terms: Term[]; gaps: number[] };

/** `weights` is a set of labels as bits (D 1, C 2, B 4, A 8); all of them when the query names none. */
export type Term = { type: "term"; lexeme: string; prefix: boolean; weights: number };

export const anyWeight = 15;
export const weightBits = { D: 1, C: 2, B: 4, A: 8 } as const;

/**
 * Compiles `tsquery::text`. Undefined for what a batch does not run, which is left to `@@`: a phrase with anything but words
 * in it. PostgreSQL alone decides what the lexemes are; this only reads them.
 */
export function compile(tsquery: string): Program | undefined {
  try {
    const parser = new Parser(tsquery);
    const program = parser.or();
    return parser.atEnd() ? program : undefined;
  } catch (error) {
    if (error instanceof NotCompiled) return undefined;
    throw error;
  }
}

/** A program as a tsquery. */
export function print(program: Program): string {
  if (program.type === "term") {
    const labels = Object.entries(weightBits).flatMap(([label, bit]) =>
      program.weights !== anyWeight && program.weights & bit ? [label] : [],
    );
    const flags = `${program.prefix ? "*" : ""}${labels.join("")}`;
    return `'${program.lexeme.replaceAll("\\", "\\\\").replaceAll("'", "''")}'${flags ? `:${flags}` : ""}`;
  }
  if (program.type === "not") return `!${print(program.node)}`;
  if (program.type === "phrase")
    return `(${program.terms.map((term, at) => (at === 0 ? "" : `<${program.gaps[at - 1]}> `) + print(term)).join(" ")})`;
  return `(${program.nodes.map(print).join(program.type === "and" ? " & " : " | ")})`;
}

class NotCompiled extends Error {}

/** Precedence as PostgreSQL has it: `!`, then `<->`, then `&`, then `|`. */
class Parser {
  private at = 0;
  private readonly text: string;
  constructor(text: string) {
    this.text = text;
  }

  or(): Program {
    return this.chain("|", "or", () => this.and());
  }

  atEnd(): boolean {
    this.skipSpace();
    return this.at === this.text.length;
  }

  private and(): Program {
    return this.chain("&", "and", () => this.phrase());
  }

  private chain(sign: string, type: "and" | "or", next: () => Program): Program {
    const nodes = [next()];
    while (this.take(sign)) nodes.push(next());
    return nodes.length === 1 ? (nodes[0] as Program) : { type, nodes };
  }

  private phrase(): Program {
    const first = this.operand();
    const terms = [first];
    const gaps: number[] = [];
    for (let gap = this.takeGap(); gap !== undefined; gap = this.takeGap()) {
      gaps.push(gap);
      terms.push(this.operand());
    }
    if (gaps.length === 0) return first;
    if (terms.some((it) => it.type !== "term")) throw new NotCompiled();
    return { type: "phrase", terms: terms as Term[], gaps };
  }

  private operand(): Program {
    if (this.take("!")) return { type: "not", node: this.operand() };
    if (this.take("(")) {
      const inner = this.or();
      if (!this.take(")")) throw new NotCompiled();
      return inner;
    }
    return this.term();
  }

  private term(): Term {
    this.skipSpace();
    const match = /'((?:[^'\\]|''|\\.)*)'(?::(\*?)([A-D]*))?/y;
    match.lastIndex = this.at;
    const found = match.exec(this.text);
    if (!found) throw new NotCompiled();
    this.at = match.lastIndex;
    const weights = [...(found[3] ?? "")].reduce((set, label) => set | weightBits[label as keyof typeof weightBits], 0);
    return { type: "term", lexeme: unquote(found[1] ?? ""), prefix: found[2] === "*", weights: weights || anyWeight };
  }

  private takeGap(): number | undefined {
    this.skipSpace();
    const match = /<(-|\d+)>/y;
    match.lastIndex = this.at;
    const found = match.exec(this.text);
    if (!found) return undefined;
    this.at = match.lastIndex;
    return found[1] === "-" ? 1 : Number(found[1]);
  }

  private take(sign: string): boolean {
    this.skipSpace();
    if (this.text[this.at] !== sign) return false;
    this.at++;
    return true;
  }

  private skipSpace(): void {
    while (this.text[this.at] === " ") this.at++;
  }
}

/** A lexeme as PostgreSQL quotes it in `tsquery::text` and `tsvector::text`. */
export function unquote(quoted: string): string {
  return quoted.includes("'") || quoted.includes("\\")
    ? quoted.replace(/''|\\(.)/gs, (pair, sign) => sign ?? pair[0])
    : quoted;
}
