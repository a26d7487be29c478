import { normalize, print } from "./canonical.ts";
import { Parser } from "./parser.ts";
import { InterestError, tokenize } from "./tokens.ts";

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
 * "the") count in a phrase and are passed over outside of one. `cat:cs.CL,cs.LG` is a list, any of which will do. A text becomes
 * a tree, the tree one canonical form that parses to itself; `expression.ts` makes a tsquery of it. Nothing here decides what a
 * lexeme is: PostgreSQL does.
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

/** The same for what nobody is there to mend, such as a line that an earlier version of the language took. */
export function tryInterest(line: string): Interest | undefined {
  try {
    return read(line);
  } catch (error) {
    if (error instanceof InterestError) return undefined;
    throw error;
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
  if (line.length > limits.characters)
    throw new InterestError(
      `An interest may have ${limits.characters} characters; this has ${line.length}.`,
      limits.characters,
      line.length - limits.characters,
    );
  const text = toPlainSigns(line);
  const tokens = tokenize(text);
  const terms = tokens.filter((token) => token.type === "word" || token.type === "phrase");
  if (terms.length > limits.terms)
    throw new InterestError(
      `An interest may have ${limits.terms} terms; this has ${terms.length}.`,
      terms[limits.terms]?.position ?? 0,
      1,
    );
  const tree = normalize(new Parser(text, tokens, limits.depth).interest());
  if (countTerms(tree) > limits.terms)
    throw new InterestError(
      `An interest may have ${limits.terms} terms; this, written out, has ${countTerms(tree)}.`,
      0,
      text.length,
    );
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

function countTerms(node: Node): number {
  if (node.type === "words") return 1;
  return node.type === "not" ? countTerms(node.node) : node.nodes.reduce((sum, it) => sum + countTerms(it), 0);
}

/** Quotation marks and full-width signs as the language writes them, each one character as before: places stay. */
function toPlainSigns(line: string): string {
  return line
    .replace(/[\0\u3000]/g, " ")
    .replace(/[“”„‟«»「」『』〝〞]/g, '"')
    .replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0));
}

/** A line as it is read: control characters are spaces, as a terminal that a mail's text is read in would do what an escape says. */
export function asRead(line: string): string {
  return line.replace(/\p{Cc}/gu, " ").trim();
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
    .map((raw, line) => ({ line, typed: asRead(raw) }))
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
