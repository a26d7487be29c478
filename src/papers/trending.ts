import type { Fragment, Sql } from "../db.ts";

/** Days after which a paper's votes count half: as in `trend`, which `sql/0010_web.sql` makes. */
const halfLifeDays = 3;

const daysConsidered = 10;

/** The papers of the last days that others vote for most, newer ones ahead: ids in order. */
export async function trendingPapers(sql: Sql, now: Temporal.Instant, limit: number): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`
    select id from papers p
    where upvotes > 0 and first_seen_at between ${now.subtract({ hours: 24 * daysConsidered })} and ${now}
    order by ${trendOf(sql)} desc, id desc
    limit ${limit}`;
  return rows.map((row) => row.id);
}

/** How much paper `p` trends, beside others: a number that stays what it is while time goes by, and has an index. */
export function trendOf(sql: Sql): Fragment {
  return sql`trend(p.upvotes, p.comments, p.published_on, p.first_seen_at)`;
}

/** How much it trends at a time: votes and comments, halved with every few days since it was first seen. */
export function trendScore(sql: Sql, now: Temporal.Instant): Fragment {
  return sql`(coalesce(p.upvotes, 0) + 2 * coalesce(p.comments, 0)) *
    0.5 ^ greatest(0, extract(epoch from ${now}::timestamptz - p.first_seen_at)::float8 / ${halfLifeDays * 86_400})`;
}
