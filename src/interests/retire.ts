import type { Sql } from "../db.ts";

/** Queries that are looked at in a run: a part by chance, so that a million are gone through in some hours, a little at a time. */
const queriesInAPart = 20_000;
const queriesAtOnce = 1000;

/** Numbers of queries, the first and the last included. */
export type Part = { first: number; last: number };

/** A part of the queries; all of them where they are few. */
export async function choosePart(sql: Sql): Promise<Part> {
  const [row] = await sql<{ newest: number }[]>`select coalesce(max(id), 1) as newest from queries`;
  const parts = Math.ceil((row?.newest ?? 1) / queriesInAPart);
  const first = 1 + queriesInAPart * Math.floor(parts * Math.random());
  return { first, last: first + queriesInAPart - 1 };
}

/**
 * Marks queries of a part that nobody holds any more, and takes away those that nobody has held for a week, with all that they
 * hit, but for those that somebody is taking up again just now. Answers how many went.
 */
export async function retireQueries(sql: Sql, { first, last }: Part, now: Temporal.Instant): Promise<number> {
  await sql`
    update queries q set unheld_since = ${now}
    where id between ${first} and ${last} and unheld_since is null
      and not exists (select from interests i where i.query_id = q.id)`;
  const gone = await sql`
    delete from queries where id = any(array(
      select id from queries q where unheld_since < ${now.subtract({ hours: 24 * 7 })}
        and not exists (select from interests i where i.query_id = q.id)
      order by unheld_since limit ${queriesAtOnce} for update skip locked
    ))`;
  return gone.count;
}

/**
 * Takes away what so many queries hit in a batch at most, of a part of the queries and batches matched before a time. Those that a
 * reader who holds the query has still to be planned with stay: who has paused, or whoever is due in earnest when a clock was
 * wrong. Answers how many went.
 */
export async function forgetMatches(sql: Sql, part: Part, before: Temporal.Instant, most: number): Promise<number> {
  const [row] = await sql<{ batch: number }[]>`
    select id as batch from batches where matched_at < ${before} order by matched_at desc limit 1`;
  if (!row) return 0;
  const gone = await sql`
    delete from query_hits where ctid = any(array(
      select old.ctid from queries q
      cross join lateral (
        select ctid from query_hits where query_id = q.id and batch_id <= ${row.batch} order by batch_id limit ${most}
      ) as old
      where q.id between ${part.first} and ${part.last} and not exists (
        select from interests i join subscribers s on s.id = i.subscriber_id
        where i.query_id = q.id and s.status = 'active' and s.planned_batch_id < ${row.batch})
      limit ${most}
    ))`;
  return gone.count;
}
