import type { Fragment, Sql } from "../db.ts";

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

/** How much paper `p` trends; `sql/0011_web.sql` says what that is. */
export function trendOf(sql: Sql): Fragment {
  return sql`trend(p.upvotes, p.comments, p.published_on, p.first_seen_at)`;
}
