import type { Database, Sql } from "../db.ts";
import { countByDay } from "../interests/hits_by_day.ts";
import { unlessTooLong, withinBounds } from "../papers/search.ts";

/** One of a reader's interests, and what became of it. */
export type InterestReport = {
  id: number;
  typed: string;
  also: string[];
  /** Papers of the last 30 days that it hits; undefined: to count them takes too long. */
  lastMonth: number | undefined;
  /** The last papers that it brought, newest first. */
  sent: { slug: string; title: string; date: Temporal.PlainDate }[];
};

const days = 30;
const papersTold = 3;
const editionsRead = 30;

/** How each of a reader's interests does, in their order. */
export async function reportInterests(
  sql: Database,
  subscriberId: number,
  now: Temporal.Instant,
): Promise<InterestReport[]> {
  const interests = await sql<{ id: number; queryId: number; typed: string; tsquery: string; also: string[] }[]>`
    select i.id, i.query_id as "queryId", i.typed, q.expression::text as tsquery, q.also
    from interests i join queries q on q.id = i.query_id where i.subscriber_id = ${subscriberId} order by i.position`;
  if (interests.length === 0) return [];
  const to = now.toZonedDateTimeISO("UTC").toPlainDate();
  const tsqueries = interests.map((it) => it.tsquery);
  const period = { from: to.subtract({ days: days - 1 }), to };
  const hits = await unlessTooLong(
    withinBounds(sql, (transaction) => countByDay(transaction, tsqueries, period)),
    undefined,
  );
  const sent = Map.groupBy(await lastSent(sql, subscriberId), (row) => row.queryId);
  return interests.map(({ id, queryId, typed, also }, at) => ({
    id,
    typed,
    also,
    lastMonth: hits?.[at]?.reduce((sum, day) => sum + day.hits, 0),
    sent: (sent.get(queryId) ?? []).map(({ slug, title, date }) => ({ slug, title, date })),
  }));
}

/** Of a reader's newest editions: what an interest has not brought in so many is no news of it. */
function lastSent(sql: Sql, subscriberId: number) {
  return sql<{ queryId: number; slug: string; title: string; date: Temporal.PlainDate }[]>`
    with newest as (
      select id, local_date from digests where subscriber_id = ${subscriberId} order by local_date desc limit ${editionsRead}
    )
    select query_id as "queryId", slug, title, date from (
      select e.query_id, e.slug, e.title, d.local_date as date,
        row_number() over (partition by e.query_id order by d.local_date desc, e.place) as place
      from newest d join digest_entries e on e.digest_id = d.id where e.query_id is not null
    ) as sent
    where place <= ${papersTold} order by query_id, place`;
}

/** A reader's editions, newest first. */
export function listDigests(
  sql: Sql,
  subscriberId: number,
  most: number,
): Promise<{ id: number; number: number; date: Temporal.PlainDate; papers: number }[]> {
  return sql<{ id: number; number: number; date: Temporal.PlainDate; papers: number }[]>`
    select id, number, local_date as date, json_array_length(contents::json -> 'papers') as papers
    from digests where subscriber_id = ${subscriberId} order by local_date desc limit ${most}`;
}
