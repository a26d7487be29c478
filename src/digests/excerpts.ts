import type { Sql } from "../db.ts";
import { excerpt } from "../interests/excerpt.ts";
import { markHits, type Piece } from "../interests/marks.ts";
import { compile } from "../interests/program.ts";
import { Recent } from "../recent.ts";
import { keyOf, type PaperText } from "./paper_texts.ts";

/** The sentence of an abstract that an interest hit, in pieces, and the same in one. */
export type Excerpt = {
  pieces: Piece[];
  text: string;
  /** What it is of: a paper's revision and an expression. */
  key: string;
};

/** What is looked for in a paper: the text of a query's expression; none: the abstract's beginning is shown. */
export type WantedExcerpt = { paper: PaperText; expression: string | undefined };

const excerptsKept = 30_000;
/** Longer abstracts are nobody's; they are worked through each time rather than kept. */
const longestKept = 20_000;

/** Many readers share an interest: what is marked for one is kept for the next, for each database apart. */
const kept = new WeakMap<Sql, Recent<string, Excerpt>>();

/** What mails show of abstracts, in order. */
export async function readExcerpts(sql: Sql, wanted: WantedExcerpt[]): Promise<Excerpt[]> {
  const recent = kept.getOrInsertComputed(sql, () => new Recent<string, Excerpt>(excerptsKept));
  const keyed = wanted.map((it) => ({ ...it, key: keyOfExcerpt(it) }));
  const found = new Map<string, Excerpt>();
  const missing = new Map<string, WantedExcerpt>();
  for (const { key, ...it } of keyed) {
    const known = found.get(key) ?? recent.get(key);
    if (known) found.set(key, known);
    else missing.set(key, it);
  }
  for (const [key, made] of await makeExcerpts(sql, missing)) {
    found.set(key, made);
    if ((missing.get(key)?.paper.abstract.length ?? 0) <= longestKept) recent.set(key, made);
  }
  return keyed.map(({ key }) => found.get(key) as Excerpt);
}

async function makeExcerpts(sql: Sql, wanted: Map<string, WantedExcerpt>): Promise<Map<string, Excerpt>> {
  const marked = await markHits(
    sql,
    [...wanted.values()].map(({ paper, expression }) => ({
      text: paper.abstract,
      field: "abstract",
      program: expression === undefined ? undefined : compile(expression),
    })),
  );
  return new Map(
    [...wanted.keys()].map((key, index) => {
      const pieces = excerpt(marked[index] as Piece[]);
      return [key, { pieces, text: pieces.map((piece) => piece.text).join(""), key }];
    }),
  );
}

function keyOfExcerpt({ paper, expression }: WantedExcerpt): string {
  return `${keyOf({ paper: paper.id, revision: paper.revision })} ${expression ?? ""}`;
}
