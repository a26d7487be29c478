/** An acronym in the singular ("LLM") and what it stands for, as written but for TeX and spacing. */
export type Definition = { short: string; long: string };

/**
 * The acronyms that a title or an abstract (one of them at a time, with TeX or without) defines in brackets, in their
 * order and each pair once: "long form (SF)" and "SF (long form)". Linear in time, and rather misses one than guesses.
 *
 * What may be a short form, and how far a long form may reach, is from Schwartz & Hearst, "A simple algorithm for
 * identifying abbreviation definitions in biomedical text" (2003). They begin the long form at the last word where the
 * letters can be found behind; here it begins where they fit best, for the last makes "policy optimization" of every PPO.
 */
export function findDefinitions(text: string): Definition[] {
  const plain = withoutTex(text);
  const found = new Map<string, Definition>();
  for (const match of plain.matchAll(bracket)) {
    const before = sentenceUpTo(plain, match.index);
    const inside = match[1] as string;
    const definition = shortInside(before, inside) ?? longInside(before, inside);
    if (definition) found.set(`${definition.short}\n${definition.long}`, definition);
  }
  return [...found.values()];
}

/** How many characters in and before a bracket are looked at: enough for 15 words, and what keeps the time linear. */
const reach = 250;

const bracket = new RegExp(`\\(([^()]{2,${reach}})\\)`, "g");

/** Words that cost nothing to pass over, and that no long form begins or ends with. */
const small = new Set(["a", "an", "and", "by", "for", "from", "into", "of", "or", "the", "to", "via", "with"]);

function withoutTex(text: string): string {
  return text.replace(/\\[a-zA-Z]+\*?\s*(?=\{)|\\(it|bf|em|sc|tt|rm)\b|\*\*|[\\${}^]/g, "").replace(/[\s~]+/g, " ");
}

function sentenceUpTo(text: string, end: number): string {
  const start = Math.max(0, end - reach);
  const words = text.slice(start, end).replace(start > 0 ? /^\S*/ : "", "");
  return (words.split(/[.!?;:]\s|[()[\]]/).at(-1) as string).trim();
}

function shortInside(before: string, inside: string): Definition | undefined {
  const head = inside.split(/[;,]/, 1)[0] as string;
  const short = shortForm(head);
  if (!short || before.endsWith(",")) return undefined;
  const words = before.split(" ").slice(-mostWords(short)).join(" ");
  // A comma often follows the first of some names, as in "two encoders (DINO, CLIP)".
  return defined(short, words, { whole: false, initials: inside[head.length] === "," });
}

function longInside(before: string, inside: string): Definition | undefined {
  const short = shortForm(/\S+$/.exec(before)?.[0] ?? "");
  if (!short) return undefined;
  const long = (inside.split(";", 1)[0] as string).trim().replace(/^(i\.e\.,?|short for|from|for|the|an?) /i, "");
  const head = long.split(",", 1)[0] as string;
  return [...new Set([head, long])]
    .filter((words) => /[ -]/.test(words) && words.split(" ").length <= mostWords(short))
    .map((words) => defined(short, words, { whole: true, initials: words.includes(",") }))
    .find((definition) => definition);
}

function mostWords(short: string): number {
  return Math.min(short.length + 5, 2 * short.length);
}

/** The short form without the "s" of a plural, if this looks like one: "LoRA", "k-NN", "T2I", "SAM 3". */
function shortForm(written: string): string | undefined {
  const short = written
    .trim()
    .replace(/^["'“‘`*]+|["'”’`*]+$/g, "")
    .replace(/(?<=\p{Lu})['’]?s$/u, "");
  const word = /^(?=.{2,10}$)[\p{L}\p{N}][\p{L}\p{N}\p{M}\-–/&.+*@_]*( [\p{L}\p{N}][\p{L}\p{N}\p{M}\-–/&.+*@_]*)?$/u;
  return word.test(short) && /\p{Lu}.*[\p{Lu}\p{N}]|\p{N}.*\p{Lu}/u.test(short) ? short : undefined;
}

/** The definition whose long form is the end of the text, or the whole, if the letters fit well enough. */
function defined(short: string, text: string, rule: { whole: boolean; initials: boolean }): Definition | undefined {
  const letters = short.toLowerCase().match(/[\p{L}\p{N}]/gu) as string[];
  const parts = [...text.matchAll(/[\p{Lu}\p{N}]+[\p{Ll}\p{M}'’]*|\p{L}[\p{L}\p{M}'’]*|,/gu)];
  if (small.has(parts.at(-1)?.[0] ?? "")) return undefined;
  const least = rule.initials ? 2 * letters.length - 1 : Math.max(2, letters.length - 1);
  let best = { score: least - 1, at: -1 };
  /** For each number of letters: how well those behind it fit the parts gone through so far, from the end. */
  let fits = [...letters.map(() => Number.NEGATIVE_INFINITY), 0];
  for (const { 0: written, index: at } of parts.toReversed()) {
    const part = written.toLowerCase();
    const taken = fits.map((_, from) => howWell(part, letters, from, fits));
    const score = taken[0] as number;
    const first = !rule.whole || at === parts[0]?.index;
    if (score > best.score && first && mayBegin(text, at, written, letters[0] as string)) best = { score, at };
    const cost = small.has(part) || (rule.whole && part === ",") ? 0 : 1;
    fits = fits.map((passed, from) => Math.max(passed - cost, taken[from] as number));
  }
  const long = text.slice(best.at).replace(/[^\p{L}\p{N}]+$/u, "");
  const repeats = ` ${spaced(long)} `.includes(` ${spaced(short)} `);
  return best.at >= 0 && long.length > short.length && !repeats ? { short, long } : undefined;
}

/**
 * How well the letters from one on fit, if some of them are read from this part of a word and the others behind it. A
 * letter counts two where a part begins, one next to the letter before it ("TeCoD"), and nothing elsewhere.
 */
function howWell(part: string, letters: string[], from: number, behind: number[]): number {
  let [best, score, at] = [Number.NEGATIVE_INFINITY, 0, -1];
  for (let n = from; n < letters.length; n++) {
    const next = at < 0 && soundsLike(part, letters[n] as string) ? 0 : part.indexOf(letters[n] as string, at + 1);
    if (next < 0 || (n === 0 && next > 0)) break;
    score += next === 0 ? 2 : next === at + 1 ? 1 : 0;
    at = next;
    best = Math.max(best, score + (behind[n + 1] as number));
  }
  return best;
}

/** The X of "explainable" and of "vehicle-to-everything", the 2 of "text-to-image", the 4 of "AI for science". */
function soundsLike(part: string, letter: string): boolean {
  if (letter === "x") return /^e(x|verything$)/.test(part);
  return (letter === "2" && part === "to") || (letter === "4" && part === "for");
}

/** At the beginning of a word; behind a hyphen, too, if the word does not begin with that letter itself. */
function mayBegin(text: string, at: number, written: string, letter: string): boolean {
  if (small.has(written) && text[at + written.length] === " ") return false;
  const word = text.slice(text.lastIndexOf(" ", at) + 1, at).toLowerCase();
  const start = /[\p{L}\p{N}]/u.exec(word)?.[0];
  return start === undefined || (start !== letter && !/[\p{L}\p{N}'’]$/u.test(word));
}

function spaced(text: string): string {
  return text.replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}
