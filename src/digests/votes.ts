import type { Context } from "../context.ts";
import type { Database, Sql } from "../db.ts";
import { findToken } from "../token.ts";

/** A paper in a digest that a link lets its reader vote on, and how they did. */
export type Ballot = { subscriberId: number; paper: number; title: string; slug: string; liked: boolean | null };

/** A vote that a reader cast. */
export type Vote = { paper: number; slug: string; title: string; liked: boolean; votedAt: Temporal.Instant };

/**
 * What the vote link of a digest and a place in it (from 1, as written in the address) lead to. Undefined: there is no such
 * link, or the digest has no such place.
 */
export async function findBallot({ sql, clock }: Context, token: string, place: string): Promise<Ballot | undefined> {
  const holder = /^[1-9]\d{0,2}$/.test(place) ? await findToken(sql, "vote", token, clock()) : undefined;
  if (!holder) return undefined;
  const [ballot] = await sql<Ballot[]>`
    select d.subscriber_id as "subscriberId", e.paper_id as paper, e.title, e.slug, v.liked
    from digests d join digest_entries e on e.digest_id = d.id
    left join votes v on v.subscriber_id = d.subscriber_id and v.paper_id = e.paper_id
    where d.id = ${holder.subjectId} and d.subscriber_id = ${holder.subscriberId} and e.place = ${Number(place)}`;
  return ballot;
}

/**
 * Records what a reader says of a paper: more like it, less, or, where `liked` is undefined, that they take back what they
 * said. May be repeated; the last counts. A reader who was erased meanwhile has no vote any more.
 */
export async function vote(
  { sql, clock }: Context,
  { subscriberId, paper }: Pick<Ballot, "subscriberId" | "paper">,
  liked: boolean | undefined,
): Promise<void> {
  await changeVotes(sql, subscriberId, async (transaction) => {
    if (liked === undefined)
      await transaction`delete from votes where subscriber_id = ${subscriberId} and paper_id = ${paper}`;
    else
      await transaction`
        insert into votes (subscriber_id, paper_id, liked, voted_at) values (${subscriberId}, ${paper}, ${liked}, ${clock()})
        on conflict (subscriber_id, paper_id) do update set liked = excluded.liked, voted_at = excluded.voted_at`;
  });
}

/** Takes back all that a reader voted. */
export async function forgetVotes(sql: Database, subscriberId: number): Promise<void> {
  await changeVotes(sql, subscriberId, async (transaction) => {
    await transaction`delete from votes where subscriber_id = ${subscriberId}`;
  });
}

/** The reader is locked, so that their votes are counted one change after the other. */
async function changeVotes(sql: Database, subscriberId: number, change: (sql: Sql) => Promise<void>): Promise<void> {
  await sql.begin(async (transaction) => {
    const [reader] = await transaction`select from subscribers where id = ${subscriberId} for no key update`;
    if (!reader) return;
    await change(transaction);
    await transaction`
      update subscribers set votes = (select count(*) from votes where subscriber_id = ${subscriberId}) where id = ${subscriberId}`;
  });
}

/** What a reader voted, the newest first. */
export async function readVotes(sql: Sql, subscriberId: number): Promise<Vote[]> {
  return sql<Vote[]>`
    select v.paper_id as paper, p.slug, p.title, v.liked, v.voted_at as "votedAt"
    from votes v join papers p on p.id = v.paper_id
    where v.subscriber_id = ${subscriberId} order by v.voted_at desc, v.paper_id desc`;
}
