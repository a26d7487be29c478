import type { Clock } from "../clock.ts";
import type { Database, Sql } from "../db.ts";
import { UserError } from "../errors.ts";
import { type Interest, limits, parseInterests } from "../interests/language.ts";
import { saveQueries } from "../interests/queries.ts";

/** How far back a new interest reaches for its first digest. */
const lookBackDays = 7;

/** Makes these the interests of a reader. One that they had keeps its place in time; one that was muted is so no more. */
export async function replaceInterests(
  sql: Sql,
  subscriberId: number,
  interests: (Interest & { typed: string })[],
  now: Temporal.Instant,
): Promise<void> {
  const queries = await addInterests(sql, subscriberId, interests, 0, now);
  await sql`delete from interests where subscriber_id = ${subscriberId} and query_id <> all (${queries}::bigint[])`;
}

/** Adds interests from a position of the reader's list on, or moves them there. Answers their queries. */
async function addInterests(
  sql: Sql,
  subscriberId: number,
  interests: (Interest & { typed: string })[],
  first: number,
  now: Temporal.Instant,
): Promise<number[]> {
  const queries = await saveQueries(sql, interests, now);
  const rows = interests.map((interest, at) => ({
    query_id: queries.get(interest.canonical),
    position: first + at,
    typed: interest.typed,
  }));
  await sql`
    insert into interests (subscriber_id, query_id, position, typed, created_at, since_batch_id)
    select distinct on (r.query_id) ${subscriberId}, r.query_id, r.position, r.typed, ${now}::timestamptz,
      coalesce((select max(id) from batches where matched_at <= ${now.subtract({ hours: 24 * lookBackDays })}), 0)
    from jsonb_to_recordset(${sql.json(rows)}) as r (query_id bigint, position int, typed text)
    order by r.query_id, r.position
    on conflict (subscriber_id, query_id) do update set position = excluded.position, typed = excluded.typed`;
  await sql`
    delete from muted_interests
    where subscriber_id = ${subscriberId} and canonical = any(${interests.map((it) => it.canonical)}::text[])`;
  return [...queries.values()];
}

/** Takes an interest out of the digests without forgetting it. Answers how it was typed; undefined: the reader has no such one. */
export function muteInterest(
  sql: Database,
  clock: Clock,
  subscriberId: number,
  interestId: number,
): Promise<string | undefined> {
  return sql.begin(async (transaction) => {
    await lockReader(transaction, subscriberId);
    const [muted] = await transaction<{ typed: string }[]>`
      with taken as (
        delete from interests i using queries q
        where i.id = ${interestId} and i.subscriber_id = ${subscriberId} and q.id = i.query_id
        returning q.canonical, i.typed
      )
      insert into muted_interests (subscriber_id, canonical, typed, muted_at)
      select ${subscriberId}, canonical, typed, ${clock()} from taken
      on conflict (subscriber_id, canonical) do update set typed = excluded.typed, muted_at = excluded.muted_at
      returning typed`;
    return muted?.typed;
  });
}

/** Puts a muted interest back, at the end of the list; as a new one it looks back a week. Answers how it was typed. */
export function unmuteInterest(
  sql: Database,
  clock: Clock,
  subscriberId: number,
  canonical: string,
): Promise<string | undefined> {
  return sql.begin(async (transaction) => {
    await lockReader(transaction, subscriberId);
    const [muted] = await transaction<{ typed: string }[]>`
      select typed from muted_interests where subscriber_id = ${subscriberId} and canonical = ${canonical}`;
    if (!muted) return undefined;
    const [held] = await transaction<{ count: number; next: number }[]>`
      select count(*)::int as count, coalesce(max(position) + 1, 0) as next from interests where subscriber_id = ${subscriberId}`;
    if ((held?.count ?? 0) >= limits.interests)
      throw new UserError("conflict", `There is room for ${limits.interests} interests. Take one out first.`);
    const { interests, errors } = parseInterests(muted.typed);
    if (errors[0])
      throw new UserError("conflict", `“${muted.typed}” is no interest any more. ${errors[0].error.message}`);
    await addInterests(transaction, subscriberId, interests, held?.next ?? 0, clock());
    return muted.typed;
  });
}

/** Planning is either before all of a change or after all of it. */
export async function lockReader(sql: Sql, subscriberId: number): Promise<void> {
  await sql`select from subscribers where id = ${subscriberId} for no key update`;
}

/** What a reader has muted, in order. */
export function readMuted(sql: Sql, subscriberId: number): Promise<{ canonical: string; typed: string }[]> {
  return sql<{ canonical: string; typed: string }[]>`
    select canonical, typed from muted_interests where subscriber_id = ${subscriberId} order by muted_at, canonical`;
}
