import type { Field, Node } from "./language.ts";
import { fold, InterestError, isLinking, type TextToken, type Token, toWords } from "./tokens.ts";

/** Makes a tree of the tokens of a line, by the grammar in `language.ts`. Its methods throw `InterestError`. */
export class Parser {
  private at = 0;
  private readonly text: string;
  private readonly tokens: Token[];
  private readonly mostDepth: number;
  constructor(text: string, tokens: Token[], mostDepth: number) {
    this.text = text;
    this.tokens = tokens;
    this.mostDepth = mostDepth;
  }

  interest(): Node {
    const tree = this.either(1, undefined);
    const extra = this.tokens[this.at];
    if (extra)
      throw new InterestError("This bracket closes nothing.", extra.position, extra.length, without(this.text, extra));
    return tree;
  }

  private either(depth: number, field: Field | undefined): Node {
    const nodes = [this.all(depth, field)];
    while (this.peek() === "OR") {
      const or = this.next() as Token;
      if (this.peek() === undefined || this.peek() === ")" || this.peek() === "OR")
        throw new InterestError("OR needs something on both sides.", or.position, or.length, without(this.text, or));
      nodes.push(this.all(depth, field));
    }
    return nodes.length === 1 ? (nodes[0] as Node) : { type: "either", nodes };
  }

  private all(depth: number, field: Field | undefined): Node {
    const start = this.tokens[this.at];
    const nodes: Node[] = [];
    let passedOver = false;
    // An author may be called Will or An.
    const mayPassOver = field === undefined || field === "title";
    for (let type = this.peek(); type !== undefined && type !== ")" && type !== "OR"; type = this.peek()) {
      const token = this.tokens[this.at];
      const linking = token?.type === "word" && mayPassOver && isLinking(fold(token.text));
      if (linking) this.at++;
      else nodes.push(this.part(depth, field));
      passedOver ||= linking;
    }
    if (passedOver && nodes.every((node) => node.type === "not"))
      throw new InterestError(
        "These words are in every paper. Add a rarer one.",
        start?.position ?? 0,
        this.endOf(this.at - 1) - (start?.position ?? 0),
      );
    if (nodes.length === 0) {
      if (start?.type === "OR")
        throw new InterestError(
          "OR needs something on both sides.",
          start.position,
          start.length,
          without(this.text, start),
        );
      throw new InterestError(
        "There is nothing to look for here.",
        start?.position ?? 0,
        start?.length ?? this.text.length,
      );
    }
    if (nodes.every((node) => node.type === "not")) {
      const position = start?.position ?? 0;
      throw new InterestError(
        "This only says what to leave out. Say what to look for, too.",
        position,
        this.endOf(this.at - 1) - position,
      );
    }
    return nodes.length === 1 ? (nodes[0] as Node) : { type: "all", nodes };
  }

  private part(depth: number, field: Field | undefined): Node {
    const token = this.next() as Token;
    if (token.type === "-") {
      const following = this.tokens[this.at];
      if (!following || following.type === "-" || following.type === "OR" || following.type === ")")
        throw new InterestError(
          `${token.length > 1 ? "NOT" : "A minus"} needs a word, a phrase or a bracket behind it.`,
          token.position,
          token.length,
          following?.type === "-" ? this.withOneMinus(token) : without(this.text, token),
        );
      return { type: "not", node: this.part(depth, field) };
    }
    if (token.type === "field") {
      if (!["word", "phrase", "(", "="].includes(this.peek() ?? ""))
        throw new InterestError(`${token.field}: needs a word or a phrase behind it.`, token.position, token.length);
      return this.part(depth, token.field);
    }
    if (token.type === "=") {
      const following = this.next();
      if (following?.type !== "word" && following?.type !== "phrase")
        throw new InterestError("= needs a word or a phrase behind it.", token.position, token.length);
      return this.words(following, field, true);
    }
    if (token.type === "(") return this.group(token, depth, field);
    if (token.type === "word" || token.type === "phrase") return this.words(token, field, false);
    throw new InterestError("This does not belong here.", token.position, token.length, without(this.text, token));
  }

  private words(token: TextToken, field: Field | undefined, exact: boolean): Node {
    const texts = field === "cat" ? this.categories(token) : [token.text];
    const nodes = texts.flatMap((text) => toWords({ ...token, text }, field, exact) ?? []);
    if (nodes.length === 0)
      throw new InterestError(
        "There is no word here to look for.",
        token.position,
        token.length,
        without(this.text, token),
      );
    return nodes.length === 1 ? (nodes[0] as Node) : { type: "either", nodes };
  }

  /** No category has a comma or a space in it: `cat:cs.CL,cs.LG` is a list of them, and so it is with a space behind the comma. */
  private categories(token: TextToken): string[] {
    const texts = [token.text];
    for (let following = this.tokens[this.at]; texts.at(-1)?.endsWith(","); following = this.tokens[this.at]) {
      if (following?.type !== "word" || !/^[a-z-]+\.[a-z-]+,?$/i.test(following.text)) break;
      texts.push(following.text);
      this.at++;
    }
    return texts.flatMap((text) => fold(text).split(" "));
  }

  private group(opening: Token, depth: number, field: Field | undefined): Node {
    if (depth > this.mostDepth)
      throw new InterestError(`Brackets may be nested ${this.mostDepth} deep.`, opening.position, opening.length);
    // Somebody is about to type on.
    if (this.peek() === undefined) throw this.notClosed(opening, without(this.text, opening));
    const node = this.either(depth + 1, field);
    if (this.next()?.type !== ")") throw this.notClosed(opening, `${this.text})`);
    return node;
  }

  private notClosed({ position, length }: Token, mend: string): InterestError {
    return new InterestError("This bracket is not closed.", position, length, mend);
  }

  /** The line with the last alone of several minuses, one behind the other. */
  private withOneMinus(first: Token): string {
    const others = this.tokens.slice(this.at);
    const count = others.findIndex((token) => token.type !== "-");
    const last = others.at(count < 0 ? -1 : count - 1) as Token;
    return `${this.text.slice(0, first.position)}${this.text.slice(last.position)}`;
  }

  /** Where a token ends, in characters of the line. */
  private endOf(index: number): number {
    const token = this.tokens[index] as Token;
    return token.position + token.length;
  }

  private peek(): Token["type"] | undefined {
    return this.tokens[this.at]?.type;
  }

  private next(): Token | undefined {
    return this.tokens[this.at++];
  }
}

function without(text: string, token: Token): string {
  return `${text.slice(0, token.position)}${text.slice(token.position + token.length)}`.replace(/\s+/g, " ").trim();
}
