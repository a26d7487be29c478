import type { Fragment, Sql } from "../db.ts";
import { Batch } from "./batch.ts";
import { compile, type Program } from "./program.ts";
import { QuerySet } from "./query_set.ts";
import { readRarity } from "./rarity.ts";

export type RankedPaper = { id: number; rank: number };

/** Of more hits than this the newest are ranked, unless the caller wants fewer. */
const mostRanked = 1000;

type Options = { where: Fragment; most: number; among?: number };

/**
 * One query against many papers, from the index: how many of papers `p` that `where` lets through it hits (counted up to
 * `among`), and the best of the newest, with the rank that matching would give them. `tsquery` is its text.
 */
export async function findHits(
  sql: Sql,
  tsquery: string,
  { where, most, among = mostRanked }: Options,
): Promise<{ count: number; papers: RankedPaper[] }> {
  const program = compile(tsquery);
  if (program) return rankHits(sql, program, tsquery, { where, most, among });
  const hits = await sql<{ id: number }[]>`
    select p.id from papers p where p.vector @@ ${tsquery}::tsquery and ${where}
    order by p.first_seen_at desc, p.id desc limit ${among}`;
  return { count: hits.length, papers: hits.slice(0, most).map(({ id }) => ({ id, rank: 0 })) };
}

/** The hits of a tsquery, ranked for a program: that of the same query, or of one that is not so easily hit. */
export async function rankHits(
  sql: Sql,
  program: Program,
  tsquery: string,
  { where, most, among = mostRanked }: Options,
): Promise<{ count: number; papers: RankedPaper[] }> {
  const { lexemes, beginnings } = lexemesOf(program);
  const hits = await sql<{ id: number; vector: string; length: number }[]>`
    select hit.id, hit.length, (
      select coalesce(string_agg('''' || l.lexeme || ''':' || (
        select string_agg(place || weight, ',') from unnest(l.positions, l.weights) as at (place, weight)), ' '), '')
      from unnest(hit.vector) as l
      where l.lexeme = any(${lexemes}::text[]) or l.lexeme ^@ any(${beginnings}::text[])
    ) as vector
    from (
      select p.id, p.vector, length(p.title) + length(p.abstract) as length
      from papers p where p.vector @@ ${tsquery}::tsquery and ${where}
      order by p.first_seen_at desc, p.id desc limit ${among}
    ) as hit`;
  const set = new QuerySet();
  set.add(0, program);
  // Oldest first, as a batch has them: of equals the later paper is the better.
  const papers = hits.toReversed();
  const index = new Batch(
    papers.map((paper) => paper.vector),
    set,
    await readRarity(sql),
    papers.map((paper) => paper.length),
  );
  const best = index.rank(0, most);
  return {
    count: hits.length,
    papers: best.papers.map((paper, at) => ({ id: papers[paper]?.id as number, rank: best.ranks[at] as number })),
  };
}

function lexemesOf(program: Program): { lexemes: string[]; beginnings: string[] } {
  if (program.type === "term")
    return program.prefix
      ? { lexemes: [], beginnings: [program.lexeme] }
      : { lexemes: [program.lexeme], beginnings: [] };
  const parts = program.type === "not" ? [program.node] : program.type === "phrase" ? program.terms : program.nodes;
  const found = parts.map(lexemesOf);
  return { lexemes: found.flatMap((it) => it.lexemes), beginnings: found.flatMap((it) => it.beginnings) };
}
