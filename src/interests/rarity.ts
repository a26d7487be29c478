import type { Sql } from "../db.ts";

export type Rarity = {
  /** The share of papers that have a lexeme, from 0 to 1; for one too rare to be counted, the share below which that is so. */
  frequency: (lexeme: string) => number;
  papers: number;
};

/**
 * How common lexemes are, from the statistics that PostgreSQL's ANALYZE keeps of `papers.vector`: no count of our own to keep
 * right. Where there are none yet, every lexeme is as rare as any.
 */
export async function readRarity(sql: Sql): Promise<Rarity> {
  const [row] = await sql<{ papers: number; lexemes: string[] | null; shares: number[] | null }[]>`
    select greatest(c.reltuples, 0)::float8 as papers, s.most_common_elems::text::text[] as lexemes,
      s.most_common_elem_freqs as shares
    from pg_class c
    left join pg_stats s on s.schemaname = c.relnamespace::regnamespace::text and s.tablename = c.relname and s.attname = 'vector'
    where c.oid = 'papers'::regclass`;
  const shares = new Map((row?.lexemes ?? []).map((lexeme, at) => [lexeme, row?.shares?.[at] ?? 0]));
  // The frequencies come in the order of the lexemes; behind them stand the least and the greatest.
  const least = row?.lexemes ? (row.shares?.[row.lexemes.length] ?? 0) : 0;
  const papers = row?.papers ?? 0;
  return { frequency: (lexeme) => shares.get(lexeme) ?? least / 2, papers };
}
