import type { Sql } from "../db.ts";
import { readLexemes, readStems } from "./lexemes.ts";
import { type Program, type Term, weightBits } from "./program.ts";

export type Piece = { text: string; hit: boolean };

/** A text as it is shown, the field it comes from, and what it is to be marked for. */
export type Shown = { text: string; field: "title" | "abstract"; program: Program | undefined };

/**
 * Marks the words that made each text a hit. The words of a text are told from one another here, as a reader sees them; what
 * lexemes they are, the database says. Answers the texts in pieces, in order.
 */
export async function markHits(sql: Sql, texts: Shown[]): Promise<Piece[][]> {
  const split = texts.map(({ text, program }) => (program ? [...text.matchAll(visibleWord)] : []));
  const lexemes = await readLexemes(
    sql,
    split.flat().map(([word]) => word),
  );
  const words = split.map((visible, text) =>
    visible.flatMap((match) => {
      const [from, to] = [match.index, match.index + match[0].length];
      const followsHyphen = /[-‐‑–]/.test(texts[text]?.text[from - 1] ?? "");
      return lexemes.words(match[0]).map((word) => ({ word, stem: lexemes.stem(word), from, to, followsHyphen }));
    }),
  );
  const wanted = texts.map(({ program, field }) =>
    program ? termsOf(program, field === "title" ? weightBits.A : weightBits.D) : [],
  );
  const joins = words.map((list, at) => possibleJoins(list, wanted[at] ?? []));
  const stems = await readStems(
    sql,
    joins.flat().filter((join) => join !== undefined),
  );
  return texts.map(({ text }, at) => {
    const joined = joins[at]?.map((word) => (word === undefined ? undefined : { word, stem: stems.get(word) ?? word }));
    return cutAt(text, hitsIn(words[at] ?? [], joined ?? [], wanted[at] ?? []));
  });
}

const visibleWord = /[\p{L}\p{N}\p{M}+#*'’]+/gu;

type Word = { word: string; stem: string; from: number; to: number; followsHyphen: boolean };
/** A word or a phrase that is looked for: its terms and the gaps before them. */
type Wanted = { terms: Term[]; gaps: number[] };

/** What a field may be hit by: all but what is left out. */
function termsOf(program: Program, weight: number): Wanted[] {
  if (program.type === "not") return [];
  if (program.type === "and" || program.type === "or") return program.nodes.flatMap((node) => termsOf(node, weight));
  const wanted =
    program.type === "phrase" ? { terms: program.terms, gaps: [0, ...program.gaps] } : { terms: [program], gaps: [0] };
  return wanted.terms.every((term) => term.weights & weight) ? [wanted] : [];
}

/** Each word with its neighbour behind, where they may be what a term looks for as one word. */
function possibleJoins(words: Word[], wanted: Wanted[]): (string | undefined)[] {
  const beginnings = new Set(wanted.flatMap(({ terms }) => terms.map(({ lexeme }) => beginning(lexeme))));
  return words.map(({ word }, at) => {
    const next = words[at + 1]?.word;
    if (next === undefined) return undefined;
    return beginnings.has(beginning(word.length < 3 ? word + next : word)) ? word + next : undefined;
  });
}

function beginning(lexeme: string): string {
  return lexeme.replace("=", "").slice(0, 3);
}

/** A word and its neighbour behind, as one. */
type Joined = { word: string; stem: string };

function hitsIn(words: Word[], joined: (Joined | undefined)[], wanted: Wanted[]): Set<Word> {
  const byFirst = Map.groupBy(wanted, ({ terms }) => (terms[0]?.prefix ? "" : terms[0]?.lexeme));
  const beginSo = byFirst.get("") ?? [];
  const isLookedFor = lookFor(wanted);
  const places = words.map((word, at) =>
    joined[at - 1] || joined[at] || isLookedFor(word) ? placeAt(words, at, joined) : nowhere,
  );
  const hits = new Set<Word>();
  for (const [at, place] of places.entries())
    for (const it of [...[...place.keys()].flatMap((lexeme) => byFirst.get(lexeme) ?? []), ...beginSo])
      for (const hit of phraseAt(places, at, it)) hits.add(hit);
  return new Set(words.filter((word) => hits.has(word)));
}

/** Whether some term may look for a word: most words of a text are looked for by none. */
function lookFor(wanted: Wanted[]): (word: Word) => boolean {
  const terms = wanted.flatMap((it) => it.terms);
  const lexemes = new Set(terms.map((it) => it.lexeme));
  const anyPrefix = terms.some((it) => it.prefix);
  const anyExact = terms.some((it) => it.lexeme.startsWith("="));
  return ({ word, stem }) => anyPrefix || lexemes.has(stem) || (anyExact && lexemes.has(`=${word}`));
}

/** The lexemes at the place of a word, with the words that make them: its own, and those of it and a neighbour as one. */
type Place = Map<string, Word[]>;
const nowhere: Place = new Map();

function placeAt(words: Word[], at: number, joined: (Joined | undefined)[]): Place {
  const word = words[at] as Word;
  const place: Place = new Map([
    [word.stem, [word]],
    [`=${word.word}`, [word]],
  ]);
  for (const first of [at - 1, at]) {
    const join = joined[first];
    if (!join) continue;
    const pair = [words[first] as Word, words[first + 1] as Word];
    place.set(join.stem, place.get(join.stem) ?? pair);
    if (pair[1]?.followsHyphen) place.set(`=${join.word}`, pair);
  }
  return place;
}

/** The words of a phrase, or of a single term, that begins here; none when it does not. */
function phraseAt(places: Place[], start: number, { terms, gaps }: Wanted): Word[] {
  const found: Word[] = [];
  let at = start;
  for (const [part, term] of terms.entries()) {
    at += gaps[part] ?? 0;
    const words = wordsOf(places[at], term);
    if (!words) return [];
    found.push(...words);
  }
  return found;
}

function wordsOf(place: Place | undefined, { lexeme, prefix }: Term): Word[] | undefined {
  if (!place || !prefix) return place?.get(lexeme);
  for (const [there, words] of place) if (there.startsWith(lexeme)) return words;
  return undefined;
}

function cutAt(text: string, hits: Set<Word>): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const { from, to } of hits) {
    if (from < end) continue;
    if (from > end) pieces.push({ text: text.slice(end, from), hit: false });
    pieces.push({ text: text.slice(from, to), hit: true });
    end = to;
  }
  if (end < text.length) pieces.push({ text: text.slice(end), hit: false });
  return pieces;
}
