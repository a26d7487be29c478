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
    return own.length > 0 || !trending ? matched : leastTrending;
  });
  const alike = groupAlike(ids, least);
  const trending = news.trending.slice(0, looked).map(({ id }) => id);
  // What trends comes with matches, or to who is new.
  const offered = readers
    .filter((it, at) => it.trending && (it.first || Number.isFinite(least[at])))
    .map(({ id }) => id);
  const rows = await sql<{ reader: number; paper: number }[]>`
    select d.subscriber_id as reader, d.paper_id as paper
    from unnest(${alike.map((it) => it.least)}::bigint[], ${alike.map((it) => `{${it.ids}}`)}::text[]) as r (least, ids)
    join digest_papers d on d.subscriber_id = any(r.ids::bigint[]) and d.paper_id >= r.least
    union all
    select subscriber_id, paper_id from digest_papers
    where subscriber_id = any(${offered}::bigint[]) and paper_id = any(${trending}::bigint[])`;
  const had = new Map<number, Set<number>>();
  for (const { reader, paper } of rows) had.getOrInsertComputed(reader, () => new Set()).add(paper);
  return had;
}

/**
 * Readers who want papers from about as far back, and from where the first of them does, which is not twice as far as any of them
 * asks for. PostgreSQL, from 17 on, goes through the index once for a group, where for each reader it would go down from the top.
 */
function groupAlike(ids: number[], least: number[]): { ids: number[]; least: number }[] {
  const wanted = ids.map((id, at) => ({ id, least: least[at] as number })).filter((it) => Number.isFinite(it.least));
  const newest = Math.max(...wanted.map((it) => it.least));
  const groups = Map.groupBy(wanted, (it) => Math.floor(Math.log2(newest - it.least + 1)));
  return [...groups.values()].map((of) => ({
    ids: of.map(({ id }) => id),
    least: Math.min(...of.map((it) => it.least)),
  }));
}
