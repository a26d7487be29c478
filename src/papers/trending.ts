import type { Sql } from "../db.ts";

/** Days after which a paper's votes count half. */
const halfLifeDays = 3;

const daysConsidered = 10;

/** The papers of the last days that others vote for most, newer ones ahead: ids in order. */
export async function trendingPapers(sql: Sql, now: Temporal.Instant, limit: number): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`
    select id from papers
    where upvotes > 0 and first_seen_at between ${now.subtract({ hours: 24 * daysConsidered })} and ${now}
    order by (upvotes + 2 * coalesce(comments, 0)) *
        0.5 ^ (extract(epoch from ${now}::timestamptz - first_seen_at)::float8 / ${halfLifeDays * 86_400}) desc, id desc
    limit ${limit}`;
  return rows.map((row) => row.id);
}
