import type { Sql } from "../db.ts";

/** Days in order, the first and the last included. */
export type Period = { from: Temporal.PlainDate; to: Temporal.PlainDate };

export type Day = { date: Temporal.PlainDate; hits: number };

/** Hits of each query on each day of a period, days without any included. */
export async function countByDay(sql: Sql, tsqueries: string[], { from, to }: Period): Promise<Day[][]> {
  const rows = await sql<{ ordinal: number; day: Temporal.PlainDate; hits: number }[]>`
    select q.ordinal, found.day, found.hits
    from unnest(${tsqueries}::text[]) with ordinality as q (tsquery, ordinal)
    cross join lateral (
      select p.day, count(*)::int as hits from papers p
      where p.vector @@ q.tsquery::tsquery and p.day between ${from} and ${to} group by p.day
    ) as found`;
  const byOrdinal = Map.groupBy(rows, (row) => row.ordinal);
  const dates = Array.from({ length: from.until(to).days + 1 }, (_, index) => from.add({ days: index }));
  return tsqueries.map((_, at) => {
    const hits = new Map((byOrdinal.get(at + 1) ?? []).map((row) => [row.day.toString(), row.hits]));
    return dates.map((date) => ({ date, hits: hits.get(date.toString()) ?? 0 }));
  });
}
