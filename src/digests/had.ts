import type { Sql } from "../db.ts";
import type { DueReader } from "./due.ts";
import type { News } from "./news.ts";
import type { Interest } from "./rank.ts";

/**
 * What readers have had already of what may come, of what trends among the first `looked`. Papers have ascending numbers, so that of
 * a reader's papers only the last few need be looked at; what trends goes further back, as far as it does for who gets nothing else.
 */
export async function readHad(
  sql: Sql,
  news: News,
  readers: DueReader[],
  interests: Map<number, Interest[]>,
  looked: number,
): Promise<Map<number, Set<number>>> {
  if (readers.length === 0) return new Map();
  const leastTrending = Math.min(...news.trending.map(({ id }) => id));
  const least = readers.map(({ id, trending }) => {
    const own = interests.get(id) ?? [];
    const matched = Math.min(...own.map(({ query }) => news.hits.get(query)?.least ?? Number.POSITIVE_INFINITY));
    const from = own.length > 0 || !trending ? matched : leastTrending;
    return Number.isFinite(from) ? from : null;
  });
  // In order, or PostgreSQL sorts them for each reader.
  const trending = news.trending.slice(0, looked).map(({ id }) => id);
  trending.sort((one, other) => one - other);
  const rows = await sql<{ reader: number; papers: string }[]>`
    select r.id as reader, had.papers
    from unnest(${readers.map((it) => it.id)}::bigint[], ${least}::bigint[], ${readers.map((it) => (it.trending ? 1 : 0))}::int[])
      as r (id, least, trending)
    cross join lateral (
      select string_agg(paper_id::text, ' ') as papers from (
        select paper_id from digest_papers where subscriber_id = r.id and paper_id >= r.least
        union all
        select paper_id from digest_papers where r.trending = 1 and subscriber_id = r.id and paper_id = any(${trending}::bigint[])
      ) as papers
    ) as had
    where had.papers is not null`;
  return new Map(rows.map(({ reader, papers }) => [reader, new Set(papers.split(" ").map(Number))]));
}
