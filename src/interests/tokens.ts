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
export type TextToken = Extract<Token, { text: string }>;

const fields: readonly string[] = ["title", "author", "org", "cat"] satisfies Field[];

/** What other search engines call the fields. */
const otherNames: Record<string, Field> = {
  ...{
    ti: "title",
    titles: "title",
    au: "author",
    authors: "author",
    by: "author",
    category: "cat",
    categories: "cat",
  },
  ...{ subject: "cat", organization: "org", organisation: "org", affiliation: "org", institution: "org", from: "org" },
};

/** The signs and words of a line, with their places. Throws `InterestError`. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  // `title: agents` is meant as it is without the space; `Agents: a survey` has no field in it. Phones and word processors write
  // a dash where a minus was typed.
  const pattern =
    /\s+|([()])|[-‐‑‒–—−=](?=\S)|"([^"]*)("?)|((?i:title|author|org|cat)(?=:)|[A-Za-z]+(?=:[="(\p{L}\p{N}])):|[^\s()"]+/gu;
  for (const match of text.matchAll(pattern)) {
    const [whole, bracket, phrase, closing, name] = match;
    const at = { position: match.index, length: whole.length };
    if (/^\s+$/.test(whole)) continue;
    if (bracket) tokens.push({ ...at, type: bracket as "(" | ")" });
    else if (whole === "=") tokens.push({ ...at, type: "=" });
    else if (/^[-‐‑‒–—−]$/.test(whole) && /\S/.test(text[match.index + 1] ?? " ")) tokens.push({ ...at, type: "-" });
    else if (phrase !== undefined) {
      if (!closing)
        throw new InterestError("This quotation mark is not closed.", match.index, whole.length, `${text}"`);
      tokens.push({ ...at, type: "phrase", text: phrase });
    } else if (name !== undefined) tokens.push({ ...at, type: "field", field: toField(name, text, at) });
    else if (whole === "OR" || /^\|+$/.test(whole)) tokens.push({ ...at, type: "OR" });
    else if (whole === "NOT") tokens.push({ ...at, type: "-" });
    else if (whole === "AND" || /^(?:&+|\+)$/.test(whole))
      continue; // "and" is what a space means
    else tokens.push({ ...at, type: "word", text: whole });
  }
  return tokens;
}

function toField(name: string, text: string, { position, length }: { position: number; length: number }): Field {
  if (fields.includes(name.toLowerCase())) return name.toLowerCase() as Field;
  const [before, after] = [text.slice(0, position), text.slice(position + length)];
  const meant = Object.hasOwn(otherNames, name.toLowerCase()) ? otherNames[name.toLowerCase()] : undefined;
  throw new InterestError(
    `There is no field “${name}”. The fields are ${fields.map((field) => `${field}:`).join(", ")}.`,
    position,
    length,
    meant ? `${before}${meant}:${after}` : `${before}${name} ${after}`,
  );
}

/** Words that join sentences. Outside of a phrase they say nothing about a paper. */
const linkingWords = new Set(
  `a about also an and are as at be been between both but by can do does for from had has have how i if in into is it its not of
  on or our s such t than that the their then these they this those to was we were what when where which while who whose why will with`
    .trim()
    .split(/\s+/),
);

/** Whether a folded word is passed over when it stands by itself. */
export function isLinking(word: string): boolean {
  return linkingWords.has(word);
}

/** `A*` is the search algorithm, and no category; with more before it a star means "begins so". */
export function endsInStar(text: string, field: Field | undefined): boolean {
  return (field === "cat" ? /[\p{L}\p{N}]\*+$/u : /[\p{L}\p{N}\p{M}]{2}\*+$/u).test(text);
}

/** The words of a token, folded as far as a reader takes forms for equal; undefined when there are none. */
export function toWords(token: TextToken, field: Field | undefined, exact: boolean): Words | undefined {
  const folded = fold(field === "author" && token.type === "phrase" ? givenNameFirst(token.text) : token.text);
  const prefix = token.type === "word" && endsInStar(folded, field);
  const text = prefix ? folded.replace(/\*+$/, "") : folded;
  if (!/[\p{L}\p{N}]/u.test(text)) return undefined;
  return { type: "words", text, prefix, exact: exact && !prefix, field };
}

/**
 * A text in lower case, without accents, without signs around it that say nothing, and without the s of `LLMs`: once in lower case,
 * nothing would tell it from that of `DNS`.
 */
export function fold(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f\u20d0-\u20f0\ufe00-\ufe0f\u00ad\u200b-\u200d\u2060\ufeff]/g, "")
    .normalize("NFKC")
    .replace(/(?<=[A-Z0-9][A-Z])s(?![A-Za-z0-9])/g, "")
    .toLowerCase()
    .replace(/[‐‑‒–−]/g, "-")
    .replaceAll("’", "'")
    .replace(/[^\p{L}\p{N}\p{M}+#*.'\-/ ^_$\\{}]/gu, " ")
    .replace(/\s+/g, " ")
    .replace(/^[-+.'#*/ ]+|[-.'/ ]+$/g, "");
}

/** `LeCun, Yann` is how lists of references have it. */
function givenNameFirst(name: string): string {
  return name.replace(/^([^,]+),\s*([^,]+)$/, "$2 $1");
}
