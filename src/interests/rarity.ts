import type { Sql } from "../db.ts";

export type Rarity = {
  /**
   * The share of papers that have a lexeme, or one that begins so, from 0 to 1; for one too rare to be counted, half the share below
   * which that is so.
   */
  frequency: (lexeme: string, begins?: boolean) => number;
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
  const lexemes = row?.lexemes ?? [];
  // The frequencies come in the order of the lexemes; behind them stand the least and the greatest.
  const least = (row?.shares?.[lexemes.length] ?? 0) / 2;
  const shares = new Map(lexemes.map((lexeme, at) => [lexeme, row?.shares?.[at] ?? 0]));
  let sorted: string[] | undefined;
  /** As if no paper had two of them: nearer to it than the commonest of them alone. */
  const frequencyOfBeginning = (beginning: string) => {
    sorted ??= lexemes.toSorted();
    let at = firstFrom(sorted, beginning);
    let sum = 0;
    for (; sorted[at]?.startsWith(beginning); at++) sum += shares.get(sorted[at] as string) ?? 0;
    return Math.min(1, Math.max(sum, least));
  };
  return {
    frequency: (lexeme, begins) => (begins ? frequencyOfBeginning(lexeme) : (shares.get(lexeme) ?? least)),
    papers: row?.papers ?? 0,
  };
}

const fewestWaiting = 1000;

/**
 * Has the lexemes of papers counted anew where as many papers wait to be matched as were counted: a first read of thousands is matched
 * before PostgreSQL comes to it by itself, and how rare words are decides what comes first, and what is no acronym.
 */
export async function countLexemes(sql: Sql): Promise<void> {
  const [row] = await sql<{ counted: number; waiting: number }[]>`
    select greatest(c.reltuples, 0)::float8 as counted, (select count(*) from papers where batch_id is null)::float8 as waiting
    from pg_class c where c.oid = 'papers'::regclass`;
  if (row && row.waiting >= Math.max(fewestWaiting, row.counted)) await sql`analyze papers`;
}

/** The index of the first of the sorted names that does not come before this one. */
function firstFrom(sorted: string[], name: string): number {
  let low = 0;
  for (let high = sorted.length; low < high; ) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as string) < name) low = middle + 1;
    else high = middle;
  }
  return low;
}
