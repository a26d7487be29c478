import type { Fragment, Sql } from "../db.ts";

/** Days after which a paper's votes count half. */
const halfLifeDays = 3;

const daysConsidered = 10;

/** The papers of the last days that others vote for most, newer ones ahead: ids in order. */
export async function trendingPapers(sql: Sql, now: Temporal.Instant, limit: number): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`
    select id from papers p
    where upvotes > 0 and first_seen_at between ${now.subtract({ hours: 24 * daysConsidered })} and ${now}
    order by ${trendScore(sql, now)} desc, id desc
    limit ${limit}`;
  return rows.map((row) => row.id);
}

/** Votes and comments of paper `p`, halved with every few days since it was first seen. */
export function trendScore(sql: Sql, now: Temporal.Instant): Fragment {
  return sql`(coalesce(p.upvotes, 0) + 2 * coalesce(p.comments, 0)) *
    0.5 ^ greatest(0, extract(epoch from ${now}::timestamptz - p.first_seen_at)::float8 / ${halfLifeDays * 86_400})`;
}
