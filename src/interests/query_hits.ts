import type { Sql } from "../db.ts";

/** What a query hits: how many papers, and the best of them, best first, with their ranks. */
export type QueryHits = { query: number; count: number; papers: number[]; ranks: number[] };

/** Writes what queries hit in a batch, behind what they have of it. A query may have gone since it was read. */
export async function saveHits(sql: Sql, batch: number, found: QueryHits[]): Promise<void> {
  if (found.length === 0) return;
  await sql`
    insert into query_hits (query_id, batch_id, hits, paper_ids, ranks)
    select f.query_id, ${batch}, f.hits, f.paper_ids::bigint[], f.ranks::real[]
    from unnest(${found.map((it) => it.query)}::bigint[], ${found.map((it) => it.count)}::int[],
      ${found.map((it) => toArray(it.papers))}::text[], ${found.map((it) => toArray(it.ranks))}::text[]) as f (query_id, hits, paper_ids, ranks)
    join queries q on q.id = f.query_id
    on conflict (query_id, batch_id) do update set hits = query_hits.hits + excluded.hits,
      paper_ids = query_hits.paper_ids || excluded.paper_ids, ranks = query_hits.ranks || excluded.ranks`;
}

function toArray(numbers: number[]): string {
  return `{${numbers}}`;
}

/**
 * Papers that were `matchedBefore` keep their place among the hits of earlier batches, with the rank that they have now: nobody
 * gets them as new again. Answers what was found without them.
 */
export async function keepInPlace(
  sql: Sql,
  batch: number,
  found: QueryHits[],
  matchedBefore: Set<number>,
): Promise<QueryHits[]> {
  if (matchedBefore.size === 0) return found;
  const again = found.flatMap(({ query, papers, ranks }) =>
    papers.flatMap((paper, at) => (matchedBefore.has(paper) ? [{ query, paper, rank: ranks[at] as number }] : [])),
  );
  if (again.length === 0) return found;
  const rows = await sql<{ query: number; paper: number }[]>`
    with kept as materialized (
      select h.query_id, h.batch_id, a.paper_id, a.rank
      from unnest(${again.map((it) => it.query)}::bigint[], ${again.map((it) => it.paper)}::bigint[],
        ${again.map((it) => it.rank)}::real[]) as a (query_id, paper_id, rank)
      join query_hits h on h.query_id = a.query_id and h.batch_id < ${batch} and a.paper_id = any(h.paper_ids)
    ),
    ranked as (
      update query_hits h set ranks = array(
        select coalesce(k.rank, m.rank) from unnest(h.paper_ids, h.ranks) with ordinality as m (paper_id, rank, place)
        left join kept k on k.query_id = h.query_id and k.batch_id = h.batch_id and k.paper_id = m.paper_id
        order by m.place)
      where (h.query_id, h.batch_id) in (select query_id, batch_id from kept)
    )
    select query_id as query, paper_id as paper from kept`;
  const kept = Map.groupBy(rows, (row) => row.query);
  return found.map((hits) => {
    const papers = new Set(kept.get(hits.query)?.map((it) => it.paper));
    if (papers.size === 0) return hits;
    const isNew = (_: unknown, at: number) => !papers.has(hits.papers[at] as number);
    return { ...hits, papers: hits.papers.filter(isNew), ranks: hits.ranks.filter(isNew) };
  });
}
