import type { Sql } from "./db.ts";

/** Tables whose rows are counted as they change, by their state (`sql/0022_row_counts.sql`). */
type Counted = "outbox" | "subscribers";

/** How many rows of a table there are in each state, however many that is. */
export async function countRows(sql: Sql, relation: Counted): Promise<Record<string, number>> {
  const rows = await sql<{ state: string; count: number }[]>`
    select state, sum(change)::bigint as count from row_counts where relation = ${relation}
    group by state having sum(change) <> 0 order by state`;
  return Object.fromEntries(rows.map((row) => [row.state, row.count]));
}

/** Adds up what was counted, so that there is a row for each state and a few of late. */
export async function addUpCounts(sql: Sql): Promise<void> {
  await sql`
    with counted as (delete from row_counts returning relation, state, change)
    insert into row_counts select relation, state, sum(change) from counted group by relation, state having sum(change) <> 0`;
}
