import type { Field, Words } from "./language.ts";

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

export type Token = { position: number; length: number } & (
  | { type: "word" | "phrase"; text: string }
  | { type: "field"; field: Field }
  | { type: "(" | ")" | "-" | "=" | "OR" }
);

const fields: readonly string[] = ["title", "author", "org", "cat"] satisfies Field[];

/** The signs and words of a line, with their places. Throws `InterestError`. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  // `title: agents` is meant as it is without the space; `Agents: a survey` has no field in it.
  const pattern =
    /\s+|([()])|[-=](?=\S)|"([^"]*)("?)|((?i:title|author|org|cat)(?=:)|[A-Za-z]+(?=:[="(\p{L}\p{N}])):|[^\s()"]+/gu;
  for (const match of text.matchAll(pattern)) {
    const [whole, bracket, phrase, closing, name] = match;
    const at = { position: match.index, length: whole.length };
    if (/^\s+$/.test(whole)) continue;
    if (bracket) tokens.push({ ...at, type: bracket as "(" | ")" });
    else if (whole === "-" || whole === "=") tokens.push({ ...at, type: whole });
    else if (phrase !== undefined) {
      if (!closing)
        throw new InterestError("This quotation mark is not closed.", match.index, whole.length, `${text}"`);
      tokens.push({ ...at, type: "phrase", text: phrase });
    } else if (name !== undefined && fields.includes(name.toLowerCase()))
      tokens.push({ ...at, type: "field", field: name.toLowerCase() as Field });
    else if (name !== undefined)
      throw new InterestError(
        `There is no field “${name}”. The fields are ${fields.map((field) => `${field}:`).join(", ")}.`,
        match.index,
        whole.length,
        `${text.slice(0, match.index)}${name} ${text.slice(match.index + whole.length)}`,
      );
    else if (whole === "OR" || whole === "|") tokens.push({ ...at, type: "OR" });
    else if (whole === "AND" || whole === "&" || whole === "+")
      continue; // "and" is what a space means
    else tokens.push({ ...at, type: "word", text: whole });
  }
  return tokens;
}

/** Words that join sentences. Outside of a phrase they say nothing about a paper. */
const linkingWords = new Set(
  `a about also an and are as at be been between both but by can do does for from had has have how i in into is it its not of
  on or our s such t than that the their then these they this those to was we were what when where which while who will with`
    .trim()
    .split(/\s+/),
);

/** Whether a word is passed over when it stands by itself. */
export function isLinking(word: string): boolean {
  return linkingWords.has(word);
}

/** `A*` is the search algorithm; with more before it a star means "begins so". */
export const endsInStar = /[\p{L}\p{N}\p{M}]{2}\*+$/u;

/** The words of a token, folded as far as a reader takes forms for equal. Throws `InterestError`. */
export function toWords(
  token: Token & { type: "word" | "phrase"; text: string },
  field: Field | undefined,
  exact: boolean,
): Words {
  const folded = token.text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[‐‑‒–−]/g, "-")
    .replaceAll("’", "'")
    .replace(/[^\p{L}\p{N}\p{M}+#*.'\-/ ^_$\\{}]/gu, " ")
    .replace(/\s+/g, " ")
    .replace(/^[- ]+| $/g, "");
  const prefix = token.type === "word" && endsInStar.test(folded);
  const text = prefix ? folded.replace(/\*+$/, "") : folded;
  if (!/[\p{L}\p{N}]/u.test(text))
    throw new InterestError("There is no word here to look for.", token.position, token.length);
  return { type: "words", text, prefix, exact: exact && !prefix, field };
}
