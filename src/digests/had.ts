import type { Sql } from "../db.ts";
import type { DueReader } from "./due.ts";
import { leastAfter, type News } from "./news.ts";
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
  const ids = readers.map(({ id }) => id);
  const leastTrending = Math.min(...news.trending.map(({ id }) => id));
  const least = readers.map(({ id, trending }) => {
    const own = interests.get(id) ?? [];
    const matched = Math.min(...own.map((interest) => leastAfter(news, interest)));
    const from = own.length > 0 || !trending ? matched : leastTrending;
    return Number.isFinite(from) ? from : null;
  });
  const trending = news.trending.slice(0, looked).map(({ id }) => id);
  // What trends comes with matches, or to who is new.
  const offered = readers.filter((it, at) => it.trending && (it.first || least[at] !== null)).map(({ id }) => id);
  const rows = await sql<{ reader: number; paper: number }[]>`
    select d.subscriber_id as reader, d.paper_id as paper
    from unnest(${ids}::bigint[], ${least}::bigint[]) as r (id, least)
    join digest_papers d on d.subscriber_id = r.id and d.paper_id >= r.least
    union all
    select subscriber_id, paper_id from digest_papers
    where subscriber_id = any(${offered}::bigint[]) and paper_id = any(${trending}::bigint[])`;
  const had = new Map<number, Set<number>>();
  for (const { reader, paper } of rows) had.getOrInsertComputed(reader, () => new Set()).add(paper);
  return had;
}
