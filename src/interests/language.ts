import { normalize, print } from "./canonical.ts";
import { fold, InterestError, isLinking, type TextToken, type Token, tokenize, toWords } from "./tokens.ts";

/**
 * The language of interests, one interest a line:
 *
 *     interest  = either
 *     either    = all { "OR" all }
 *     all       = part { part }              at least one part without "-"
 *     part      = [ "-" | "NOT" ] [ field ":" ] ( [ "=" ] atom | "(" either ")" )
 *     atom      = phrase | word
 *     phrase    = '"' words '"'
 *     word      = letters, digits and signs, with a "*" at its end for "begins so"
 *     field     = "title" | "author" | "org" | "cat"
 *
 * "=" asks for the words just as they are written: no stem, no acronym, no joined form. Words that join sentences ("of",
 * "the") count in a phrase and are passed over outside of one. A text becomes a tree, the tree one canonical form that parses
 * to itself; `expression.ts` makes a tsquery of it. Nothing here decides what a lexeme is: PostgreSQL does.
 */
export type Node = Words | { type: "not"; node: Node } | { type: "all" | "either"; nodes: Node[] };

/** `text` is one word, or the words of a phrase. */
export type Words = { type: "words"; text: string; prefix: boolean; exact: boolean; field: Field | undefined };

export type Field = "title" | "author" | "org" | "cat";

export type Interest = {
  tree: Node;
  /** Equivalent interests have the same: case, order, spacing, width, accents and repetition do not matter. */
  canonical: string;
};

export const limits = { characters: 1000, terms: 32, depth: 10, interests: 50 };

/** Reads one interest. Throws `InterestError`, whose mend can be read. */
export function parseInterest(line: string): Interest {
  try {
    return read(line);
  } catch (error) {
    if (!(error instanceof InterestError)) throw error;
    throw new InterestError(error.message, error.position, error.length, readableMend(error.mend));
  }
}

/** A mend may leave another fault, which has its own: so many are mended one after another. */
const mostMends = limits.depth + 2;

function readableMend(mend: string | undefined): string | undefined {
  let text = mend;
  for (let times = 0; text !== undefined && times < mostMends; times++) {
    try {
      read(text);
      return text;
    } catch (error) {
      if (!(error instanceof InterestError)) throw error;
      text = error.mend;
    }
  }
  return undefined;
}

function read(line: string): Interest {
  const text = toPlainSigns(line);
  if (text.length > limits.characters)
    throw new InterestError(
      `An interest may have ${limits.characters} characters; this has ${text.length}.`,
      limits.characters,
      text.length - limits.characters,
    );
  const tokens = tokenize(text);
  const terms = tokens.filter((token) => token.type === "word" || token.type === "phrase");
  if (terms.length > limits.terms)
    throw new InterestError(
      `An interest may have ${limits.terms} terms; this has ${terms.length}.`,
      terms[limits.terms]?.position ?? 0,
      1,
    );
  const tree = normalize(new Parser(text, tokens).interest());
  const canonical = print(tree, "either");
  // It is read again when expressions are made anew; a field before a bracket, and some letters, make it longer than the line.
  if (canonical.length > limits.characters)
    throw new InterestError(
      `An interest may have ${limits.characters} characters; this, written out, has ${canonical.length}.`,
      0,
      text.length,
    );
  return { tree, canonical };
}

/** Quotation marks and full-width signs as the language writes them, each one character as before: places stay. */
function toPlainSigns(line: string): string {
  return line
    .replace(/[\0\u3000]/g, " ")
    .replace(/[“”„‟«»「」『』〝〞]/g, '"')
    .replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0));
}

/**
 * Reads what was typed into the form: a line an interest, empty lines left out. Errors carry the line, from 0; all the lines that
 * there is no room for have one together.
 */
export function parseInterests(text: string): {
  interests: (Interest & { typed: string })[];
  errors: { line: number; typed: string; error: InterestError }[];
} {
  const interests: (Interest & { typed: string })[] = [];
  const errors: { line: number; typed: string; error: InterestError }[] = [];
  const lines = text
    .split(/\r\n|\r|\n/)
    .map((raw, line) => ({ line, typed: raw.trim() }))
    .filter(({ typed }) => typed);
  for (const { line, typed } of lines.slice(0, limits.interests)) {
    try {
      interests.push({ ...parseInterest(typed), typed });
    } catch (error) {
      if (!(error instanceof InterestError)) throw error;
      errors.push({ line, typed, error });
    }
  }
  const [first] = lines.slice(limits.interests);
  if (first) {
    const message = `There is room for ${limits.interests} interests; this is the first of ${lines.length - limits.interests} too many.`;
    errors.push({ ...first, error: new InterestError(message, 0, first.typed.length) });
  }
  return { interests, errors };
}

class Parser {
  private at = 0;
  private readonly text: string;
  private readonly tokens: Token[];
  constructor(text: string, tokens: Token[]) {
    this.text = text;
    this.tokens = tokens;
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
        this.text.length - position,
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
          without(this.text, token),
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
    const words = toWords(token, field, exact);
    if (words) return words;
    throw new InterestError(
      "There is no word here to look for.",
      token.position,
      token.length,
      without(this.text, token),
    );
  }

  private group(opening: Token, depth: number, field: Field | undefined): Node {
    if (depth > limits.depth)
      throw new InterestError(`Brackets may be nested ${limits.depth} deep.`, opening.position, opening.length);
    const node = this.either(depth + 1, field);
    if (this.next()?.type !== ")")
      throw new InterestError("This bracket is not closed.", opening.position, opening.length, `${this.text})`);
    return node;
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
