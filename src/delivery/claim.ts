import type { Fragment, Sql } from "../db.ts";
import { isGone } from "./holder.ts";
import { followsReader, type MailKind, priority, sendablePriority } from "./outbox.ts";
import { roomIn } from "./rates.ts";

export type OutboxRow = {
  id: number;
  kind: MailKind;
  subscriberId: number;
  subjectId: number;
  email: string;
  /** How often the reader had moved to another address when it was claimed: its links are those of then. */
  moves: number;
  messageId: string;
  attempts: number;
  /** What came of the last attempt, if there was one. */
  result: string | null;
  /** When its address was first refused. */
  refusedAt: Temporal.Instant | null;
  createdAt: Temporal.Instant;
  expiresAt: Temporal.Instant;
};

const priorities = Object.values(priority);

/**
 * Claims mails that are due, or whose sender is gone, most urgent first, until `leaseUntil`. Consent is looked at again here:
 * what a reader does not want any more is cancelled instead, as is a goodbye to who came back; and what follows the reader goes
 * to the address that is theirs now. Those whose time is over come too, to be given up.
 */
export async function claimMails(
  sql: Sql,
  it: {
    now: Temporal.Instant;
    leaseUntil: Temporal.Instant;
    holder: string;
    limit: number;
    /** In a pause: mails that were not refused yet come first, digests before those that anybody can ask for by the form. */
    isTrial?: boolean | undefined;
    /** Milliseconds between two mails to a domain, where that is limited. */
    domainStep?: number | undefined;
  },
): Promise<OutboxRow[]> {
  return sql<OutboxRow[]>`
    with recursive abandoned as (
      select id from outbox where state in ('sending', 'unknown') and lease_expires_at <= ${it.now}
        and priority < ${sendablePriority(sql)}
      order by lease_expires_at limit ${it.limit} for update skip locked
    ),
    -- One priority after the other, so that the index leads to what is due however many there are that are not.
    queued as (
      select next.id from unnest(${priorities}::smallint[]) as p (priority)
      cross join unnest(${it.isTrial ? sql`array[false, true]` : sql`array[null::boolean]`}) as were (refused)
      cross join lateral (
        select id from outbox where state = 'queued' and lane is null and priority = p.priority and due_at <= ${it.now}
          and (were.refused is null or were.refused = (refused_at is not null))
        order by due_at, id limit ${it.limit} for update skip locked
      ) as next where p.priority < ${sendablePriority(sql)}
      order by were.refused, p.priority ${it.isTrial ? sql`desc` : sql``}
    ),
    ${it.domainStep ? setAside(sql, it.now, it.domainStep) : sql`set_aside as (select null::bigint as id where false)`},
    due as (
      select id from abandoned union all select id from set_aside union all select id from queued limit ${it.limit}
    ),
    claimed as (
      update outbox o set
        email = checked.email,
        state = case when wanted then 'sending' else 'cancelled' end,
        attempts = attempts + wanted::int,
        lease_holder = case when wanted then ${it.holder}::text end,
        lease_expires_at = case when wanted then ${it.leaseUntil}::timestamptz end,
        settled_at = case when wanted then null else ${it.now}::timestamptz end,
        result = case when wanted then o.result else 'unsubscribed' end
      from (
        select o.id, s.moves, case when o.kind = any(${followsReader}::text[]) then s.email else o.email end as email,
          case when o.kind in ('digest', 'welcome') then s.status = 'active'
            when o.kind = 'preferences-link' then s.status <> 'suppressed'
          when o.kind = 'goodbye' then s.status = 'unsubscribed' and s.unsubscribed_at = o.created_at
            else true end as wanted
        from due join outbox o using (id) join subscribers s on s.id = o.subscriber_id
      ) as checked
      where checked.id = o.id
      returning o.*, checked.moves
    )
    select id, kind, subscriber_id as "subscriberId", subject_id as "subjectId", email, moves, message_id as "messageId", attempts, result,
      refused_at as "refusedAt", created_at as "createdAt", expires_at as "expiresAt"
    from claimed where state = 'sending' order by priority, id`;
}

/** Mails that were set aside, as many of each lane as its line has places for. The lanes are read off the index one by one. */
function setAside(sql: Sql, now: Temporal.Instant, step: number): Fragment {
  return sql`
    lanes as (
      (select lane from outbox where state = 'queued' and lane is not null order by lane limit 1)
      union all
      select (select o.lane from outbox o where o.state = 'queued' and o.lane > l.lane order by o.lane limit 1)
      from lanes l where l.lane is not null
    ),
    set_aside as (
      select next.id from lanes l cross join lateral (
        select id from outbox where state = 'queued' and lane = l.lane and due_at <= ${now} and priority < ${sendablePriority(sql)}
        order by priority, due_at, id limit ${roomIn(sql, sql`l.lane`, now, step)} for update skip locked
      ) as next
    )`;
}

/** Where domains are not limited, or not any more, no mail is set aside. */
export async function clearLanes(sql: Sql): Promise<void> {
  await sql`update outbox set lane = null where state = 'queued' and lane is not null`;
}

/** Ends the leases of senders on this machine that are gone, so that nobody need wait for them. */
export async function releaseLeases(sql: Sql, now: Temporal.Instant): Promise<void> {
  const holders = await sql<{ holder: string }[]>`
    select distinct lease_holder as holder from outbox where state = 'sending' and lease_expires_at > ${now}`;
  const gone = holders.map((row) => row.holder).filter(isGone);
  if (gone.length === 0) return;
  await sql`
    update outbox set lease_expires_at = ${now} where state = 'sending' and lease_holder = any(${gone}::text[])`;
}

/**
 * How many mails wait to be sent now, those of senders that may be gone included; a thousand stands for more. In order, so that
 * they are read off the indexes: without, PostgreSQL would look through the whole queue for a priority that nothing has.
 */
export async function countDueMails(sql: Sql, now: Temporal.Instant): Promise<number> {
  const [row] = await sql<{ due: number }[]>`
    select count(*)::int as due from (
      (select from unnest(${priorities}::smallint[]) as p (priority) cross join lateral (
        select from outbox where state = 'queued' and lane is null and priority = p.priority and due_at <= ${now}
        order by due_at, id limit 1000
      ) as queued where p.priority < ${sendablePriority(sql)})
      union all
      (select from outbox where state = 'queued' and lane is not null and due_at <= ${now}
        and priority < ${sendablePriority(sql)} order by lane limit 1000)
      union all
      (select from outbox where state in ('sending', 'unknown') and lease_expires_at <= ${now}
        and priority < ${sendablePriority(sql)} order by lease_expires_at limit 1000)
      limit 1000
    ) as waiting`;
  return row?.due ?? 0;
}
