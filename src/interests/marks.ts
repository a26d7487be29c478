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
  const words = split.map((visible) =>
    visible.flatMap((match) =>
      lexemes
        .words(match[0])
        .map((word) => ({ word, stem: lexemes.stem(word), from: match.index, to: match.index + match[0].length })),
    ),
  );
  const wanted = texts.map(({ program, field }) =>
    program ? termsOf(program, field === "title" ? weightBits.A : weightBits.D) : [],
  );
  const joins = await readStems(
    sql,
    words.flatMap((list, at) => possibleJoins(list, wanted[at] ?? [])),
  );
  return texts.map(({ text }, at) => cutAt(text, hitsIn(words[at] ?? [], wanted[at] ?? [], joins)));
}

const visibleWord = /[\p{L}\p{N}\p{M}+#*'’]+/gu;

type Word = { word: string; stem: string; from: number; to: number };
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

/** Neighbours that may be what a term looks for as one word. */
function possibleJoins(words: Word[], wanted: Wanted[]): string[] {
  const beginnings = new Set(wanted.flatMap(({ terms }) => terms.map((term) => term.lexeme.slice(0, 3))));
  return words
    .slice(1)
    .map(({ word }, at) => words[at]?.word + word)
    .filter((join) => beginnings.has(join.slice(0, 3)));
}

function hitsIn(words: Word[], wanted: Wanted[], joins: Map<string, string>): Set<Word> {
  const hits = new Set<Word>();
  const single = new Map(
    wanted.filter((it) => it.terms.length === 1).map((it) => [(it.terms[0] as Term).lexeme, it.terms[0] as Term]),
  );
  const beginnings = [...single.values()].filter((term) => term.prefix);
  const others = wanted.filter((it) => it.terms.length > 1);
  for (const [at, word] of words.entries()) {
    if (
      single.get(word.stem)?.prefix === false ||
      single.get(`=${word.word}`)?.prefix === false ||
      beginnings.some((term) => isHit(word, term))
    )
      hits.add(word);
    const next = words[at + 1];
    if (next && single.has(joins.get(word.word + next.word) ?? "")) hits.add(word).add(next);
    for (const phrase of others) for (const hit of phraseAt(words, at, phrase)) hits.add(hit);
  }
  return hits;
}

/** The words of a phrase that begins here; none when it does not. */
function phraseAt(words: Word[], start: number, { terms, gaps }: Wanted): Word[] {
  const found: Word[] = [];
  let at = start;
  for (const [part, term] of terms.entries()) {
    at += gaps[part] ?? 0;
    const word = words[at];
    if (!word || !isHit(word, term)) return [];
    found.push(word);
  }
  return found;
}

function isHit({ word, stem }: Word, { lexeme, prefix }: Term): boolean {
  return prefix ? `=${word}`.startsWith(lexeme) || stem.startsWith(lexeme) : stem === lexeme || `=${word}` === lexeme;
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
