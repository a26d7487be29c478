/**
 * The language of interests, one interest a line:
 *
 *     interest  = either
 *     either    = all { "OR" all }
 *     all       = part { part }              at least one part without "-"
 *     part      = [ "-" ] ( field ":" atom | atom )
 *     atom      = phrase | word | "(" either ")"
 *     phrase    = '"' words '"'
 *     word      = letters, digits and signs, with a "*" at its end for "begins so"
 *     field     = "title" | "author" | "org" | "cat"
 *
 * A text becomes a tree, the tree one canonical form, and the form a source for PostgreSQL's `to_tsquery`. Nothing here
 * decides what a lexeme is: `fold_text` and the text search configuration in the database do.
 */
export type Node = Words | { type: "not"; node: Node } | { type: "all" | "either"; nodes: Node[] };

export type Words = { type: "words"; text: string; phrase: boolean; prefix: boolean; field: Field | undefined };

export type Field = "title" | "author" | "org" | "cat";

/** What can't be read: where (in characters of the line, from 0), how long, a sentence, and what would do instead. */
export class InterestError extends Error {
  readonly position: number;
  readonly length: number;
  readonly mend: string | undefined;
  constructor(message: string, position: number, length: number, mend?: string) {
    super(message);
    this.name = "InterestError";
    this.position = position;
    this.length = length;
    this.mend = mend;
  }
}

export type Interest = {
  tree: Node;
  /** Equivalent interests have the same: case, order, spacing and repetition do not matter. */
  canonical: string;
  /** For `to_tsquery('paper_words', fold_text(...))`. */
  source: string;
};

export const limits = { characters: 1000, terms: 32, depth: 10, interests: 50 };

/** Reads one interest. Throws `InterestError`. */
export function parseInterest(line: string): Interest {
  const text = line.replaceAll("\0", " ").replace(/[“”„‟«»]/g, '"');
  if (text.length > limits.characters || text.normalize("NFKC").length > 2 * limits.characters)
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
  return { tree, canonical: print(tree, "either"), source: toQuerySource(tree) };
}

/** Reads what was typed into the form: a line an interest, empty lines left out. Errors carry the line, from 0. */
export function parseInterests(text: string): {
  interests: (Interest & { typed: string })[];
  errors: { line: number; typed: string; error: InterestError }[];
} {
  const interests: (Interest & { typed: string })[] = [];
  const errors: { line: number; typed: string; error: InterestError }[] = [];
  text.split(/\r\n|\r|\n/).forEach((raw, line) => {
    const typed = raw.trim();
    if (!typed) return;
    try {
      if (interests.length >= limits.interests)
        throw new InterestError(`There is room for ${limits.interests} interests.`, 0, typed.length);
      interests.push({ ...parseInterest(typed), typed });
    } catch (error) {
      if (!(error instanceof InterestError)) throw error;
      errors.push({ line, typed, error });
    }
  });
  return { interests, errors };
}

type Token = { position: number; length: number } & (
  | { type: "word" | "phrase"; text: string }
  | { type: "field"; field: Field }
  | { type: "(" | ")" | "-" | "OR" }
);

const fields: readonly string[] = ["title", "author", "org", "cat"] satisfies Field[];

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /\s+|([()])|-(?=\S)|"([^"]*)("?)|([A-Za-z]+):(?=["(\p{L}\p{N}])|[^\s()"]+/gu;
  for (const match of text.matchAll(pattern)) {
    const [whole, bracket, phrase, closing, name] = match;
    const at = { position: match.index, length: whole.length };
    if (/^\s+$/.test(whole)) continue;
    if (bracket) tokens.push({ ...at, type: bracket as "(" | ")" });
    else if (whole === "-") tokens.push({ ...at, type: "-" });
    else if (phrase !== undefined) {
      if (!closing)
        throw new InterestError("This quotation mark is not closed.", match.index, whole.length, `${text}"`);
      tokens.push({ ...at, type: "phrase", text: phrase });
    } else if (name !== undefined && fields.includes(name.toLowerCase()))
      tokens.push({ ...at, type: "field", field: name.toLowerCase() as Field });
    else if (name !== undefined)
      throw new InterestError(
        `There is no field ${whole} The fields are ${fields.map((field) => `${field}:`).join(", ")}.`,
        match.index,
        whole.length,
        text.replace(whole, `${name} `),
      );
    else if (whole === "OR" || whole === "|") tokens.push({ ...at, type: "OR" });
    else if (whole === "AND" || whole === "&" || whole === "+")
      continue; // "and" is what a space means
    else tokens.push({ ...at, type: "word", text: whole });
  }
  return tokens;
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
    for (let type = this.peek(); type !== undefined && type !== ")" && type !== "OR"; type = this.peek())
      nodes.push(this.part(depth, field));
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
          "A minus needs a word, a phrase or a bracket behind it.",
          token.position,
          token.length,
          without(this.text, token),
        );
      return { type: "not", node: this.part(depth, field) };
    }
    if (token.type === "field") {
      const following = this.tokens[this.at];
      if (!following || !["word", "phrase", "("].includes(following.type))
        throw new InterestError(`${token.field}: needs a word or a phrase behind it.`, token.position, token.length);
      return this.part(depth, token.field);
    }
    if (token.type === "(") return this.group(token, depth, field);
    if (token.type === "word" || token.type === "phrase") return words(token, field);
    throw new InterestError("This does not belong here.", token.position, token.length, without(this.text, token));
  }

  private group(opening: Token, depth: number, field: Field | undefined): Node {
    if (depth >= limits.depth)
      throw new InterestError(`Brackets may be nested ${limits.depth} deep.`, opening.position, opening.length);
    const node = this.either(depth + 1, field);
    if (this.next()?.type !== ")")
      throw new InterestError("This bracket is not closed.", opening.position, opening.length, `${this.text})`);
    return node;
  }

  private peek(): Token["type"] | undefined {
    return this.tokens[this.at]?.type;
  }

  private next(): Token | undefined {
    return this.tokens[this.at++];
  }
}

function words(token: Token & { type: "word" | "phrase"; text: string }, field: Field | undefined): Words {
  const prefix = token.type === "word" && token.text.endsWith("*");
  const text = (prefix ? token.text.replace(/\*+$/, "") : token.text)
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[‐‑‒–]/g, "-")
    .replaceAll("’", "'")
    .replace(/[^\p{L}\p{N}\p{M}+#.'\-/ ^_]/gu, " ")
    .replace(/\s+/g, " ")
    .replace(/^[- ]+| $/g, "");
  if (!/[\p{L}\p{N}]/u.test(text))
    throw new InterestError("There is no word here to look for.", token.position, token.length);
  if (prefix && !/^[\p{L}\p{N}\p{M}]{2,}$/u.test(text))
    throw new InterestError(
      "A star needs two letters or more before it, and no other signs.",
      token.position,
      token.length,
    );
  return { type: "words", text, phrase: text.includes(" "), prefix, field };
}

/** Flattens, sorts and takes out repetition, so that equivalent trees are equal. */
function normalize(node: Node): Node {
  if (node.type === "words") return node;
  if (node.type === "not") {
    const inner = normalize(node.node);
    return inner.type === "not" ? inner.node : { type: "not", node: inner };
  }
  const flat = node.nodes.map(normalize).flatMap((child) => (child.type === node.type ? child.nodes : [child]));
  const unique = new Map(flat.map((child) => [print(child, "all"), child]));
  const sorted = [...unique.keys()].sort().map((key) => unique.get(key) as Node);
  return sorted.length === 1 ? (sorted[0] as Node) : { type: node.type, nodes: sorted };
}

function print(node: Node, inside: "all" | "either"): string {
  if (node.type === "not") return `-${print(node.node, "all")}`;
  if (node.type === "words") {
    const bare = node.phrase ? `"${node.text}"` : `${node.text}${node.prefix ? "*" : ""}`;
    return node.field ? `${node.field}:${bare}` : bare;
  }
  if (node.type === "either") {
    const joined = node.nodes.map((child) => print(child, "either")).join(" OR ");
    return inside === "all" ? `(${joined})` : joined;
  }
  const joined = node.nodes.map((child) => print(child, "all")).join(" ");
  return inside === "all" ? `(${joined})` : joined;
}

/** The weight labels that name the fields in `paper_vector`. */
const weights: Record<Field, string> = { title: "A", author: "B", org: "B", cat: "C" };

function toQuerySource(node: Node): string {
  if (node.type === "not") return `!(${toQuerySource(node.node)})`;
  if (node.type !== "words") {
    const operator = node.type === "all" ? " & " : " | ";
    return node.nodes.map((child) => `(${toQuerySource(child)})`).join(operator);
  }
  const label = `${node.prefix ? "*" : ""}${node.field ? weights[node.field] : ""}`;
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'${label ? `:${label}` : ""}`;
  // `fine-tuning` is looked for in two words, and joined, as the papers' text is indexed.
  const joined = /\p{L}-\p{L}/u.test(node.text) && !node.phrase ? node.text.replaceAll("-", "") : undefined;
  return joined ? `(${quoted(node.text)} | ${quoted(joined)})` : quoted(node.text);
}

function without(text: string, token: Token): string {
  return `${text.slice(0, token.position)}${text.slice(token.position + token.length)}`.replace(/\s+/g, " ").trim();
}
