import type { Config } from "../config.ts";
import type { Fragment, Sql } from "../db.ts";

/** Lower goes first: somebody sits and waits for a confirmation. */
export const priority = { confirm: 0, digest: 10 } as const;

/** Mails about a reader's own doings, each with the row that it is about. */
export type NoticeKind = "preferences-link" | "address-change" | "address-changed";

/** A confirmation is of no use once its link has expired; a digest a day late is overtaken by the next. */
const goodFor = { confirm: { hours: 7 * 24 }, digest: { hours: 24 } } as const;

/** Queues the mail with the link. When it is `withheld`, the row is cancelled from the start, so that both ways cost the same. */
export async function queueConfirmation(
  sql: Sql,
  config: Config,
  it: { subscriberId: number; requestId: number; email: string; now: Temporal.Instant; withheld: string | undefined },
): Promise<void> {
  await sql`
    insert into outbox (kind, subscriber_id, subject_id, email, message_id, state, priority, created_at, due_at, expires_at,
      settled_at, result)
    values ('confirm', ${it.subscriberId}, ${it.requestId}, ${it.email},
      '<' || gen_random_uuid() || ${`@${messageDomain(config)}>`}::text, ${it.withheld ? "cancelled" : "queued"},
      ${priority.confirm}, ${it.now}, ${it.now}, ${it.now.add(goodFor.confirm)},
      ${it.withheld ? it.now : null}::timestamptz, ${it.withheld ?? null})`;
}

/** Queues a mail that answers what a reader did; somebody sits and waits for it. */
export async function queueNotice(
  sql: Sql,
  config: Config,
  it: { kind: NoticeKind; subscriberId: number; subjectId: number; email: string; now: Temporal.Instant },
): Promise<void> {
  await sql`
    insert into outbox (kind, subscriber_id, subject_id, email, message_id, priority, created_at, due_at, expires_at)
    values (${it.kind}, ${it.subscriberId}, ${it.subjectId}, ${it.email},
      '<' || gen_random_uuid() || ${`@${messageDomain(config)}>`}::text, ${priority.confirm}, ${it.now}, ${it.now},
      ${it.now.add(goodFor.confirm)})`;
}

/** Queues a mail for each digest. */
export async function queueDigests(
  sql: Sql,
  config: Config,
  digestIds: number[],
  now: Temporal.Instant,
): Promise<void> {
  await sql`
    insert into outbox (kind, subscriber_id, subject_id, email, message_id, priority, created_at, due_at, expires_at)
    select 'digest', s.id, d.id, s.email, '<' || gen_random_uuid() || ${`@${messageDomain(config)}>`}::text,
      ${priority.digest}, ${now}, ${now}, ${now.add(goodFor.digest)}
    from digests d join subscribers s on s.id = d.subscriber_id
    where d.id = any(${digestIds}::bigint[])`;
}

/** The domain of Message-ID: the sender's, so that it is one that is ours. */
function messageDomain(config: Config): string {
  return config.mailFrom.address.slice(config.mailFrom.address.lastIndexOf("@") + 1);
}

export type OutboxRow = {
  id: number;
  kind: "confirm" | "digest" | NoticeKind;
  subscriberId: number;
  subjectId: number;
  email: string;
  messageId: string;
  attempts: number;
  createdAt: Temporal.Instant;
  expiresAt: Temporal.Instant;
};

/**
 * Claims mails that are due, or whose sender is gone, most urgent first, until `leaseUntil`. Consent is looked at again here:
 * what a reader does not want any more is cancelled instead.
 */
export async function claimMails(
  sql: Sql,
  it: { now: Temporal.Instant; leaseUntil: Temporal.Instant; holder: string; limit: number },
): Promise<OutboxRow[]> {
  return sql<OutboxRow[]>`
    with abandoned as (
      select id from outbox where state in ('sending', 'unknown') and lease_expires_at <= ${it.now} and expires_at > ${it.now}
      order by lease_expires_at limit ${it.limit} for update skip locked
    ),
    queued as (
      select id from outbox where state = 'queued' and due_at <= ${it.now} and expires_at > ${it.now}
      order by priority, due_at, id limit ${it.limit} for update skip locked
    ),
    due as (select id from abandoned union all select id from queued limit ${it.limit}),
    claimed as (
      update outbox o set
        state = case when wanted then 'sending' else 'cancelled' end,
        attempts = attempts + wanted::int,
        lease_holder = case when wanted then ${it.holder}::text end,
        lease_expires_at = case when wanted then ${it.leaseUntil}::timestamptz end,
        settled_at = case when wanted then null else ${it.now}::timestamptz end,
        result = case when wanted then o.result else 'unsubscribed' end
      from (
        select o.id, o.kind <> 'digest' or s.status = 'active' as wanted
        from due join outbox o using (id) join subscribers s on s.id = o.subscriber_id
      ) as checked
      where checked.id = o.id
      returning o.*
    )
    select id, kind, subscriber_id as "subscriberId", subject_id as "subjectId", email, message_id as "messageId", attempts,
      created_at as "createdAt", expires_at as "expiresAt"
    from claimed where state = 'sending' order by priority, id`;
}

/** Writes that a mail was sent, unless somebody else has taken it over since. */
export async function settleSent(
  sql: Sql,
  it: { id: number; holder: string; result: string; now: Temporal.Instant },
): Promise<void> {
  await sql`
    update outbox set state = 'sent', result = ${it.result}, settled_at = ${it.now}, lease_holder = null, lease_expires_at = null
    where id = ${it.id} and state = 'sending' and lease_holder = ${it.holder}`;
}

/** Writes that a mail will not be sent, and gives the papers of a digest back to the reader's next one. */
export async function settleFailed(
  sql: Sql,
  it: { id: number; holder: string; result: string; now: Temporal.Instant },
): Promise<void> {
  await failMails(
    sql,
    sql`
      update outbox set state = 'failed', result = ${it.result}, settled_at = ${it.now}, lease_holder = null, lease_expires_at = null
      where id = ${it.id} and state = 'sending' and lease_holder = ${it.holder}`,
  );
}

/** Gives up the mails whose time is over and that nobody is sending. Answers how many. */
export function giveUpExpired(sql: Sql, now: Temporal.Instant): Promise<number> {
  return failMails(
    sql,
    sql`
      update outbox set state = 'failed', settled_at = ${now}, lease_holder = null, lease_expires_at = null,
        result = 'given up: ' || coalesce(result, 'it could not be sent in time')
      where expires_at <= ${now}
        and (state = 'queued' or (state in ('sending', 'unknown') and lease_expires_at <= ${now}))`,
  );
}

/** In one statement: the mails fail, their digests let go of their papers, and their readers' place in the matches goes back. */
async function failMails(sql: Sql, failing: Fragment): Promise<number> {
  const [row] = await sql<{ failed: number }[]>`
    with failed as (${failing} returning kind, subject_id),
    digested as (
      select d.id, d.subscriber_id, d.after_batch_id from failed f join digests d on f.kind = 'digest' and d.id = f.subject_id
    ),
    let_go as (
      delete from digest_papers dp using digested d where dp.digest_id = d.id
    ),
    set_back as (
      update subscribers s set planned_batch_id = least(s.planned_batch_id, d.after_batch_id)
      from (select subscriber_id, min(after_batch_id) as after_batch_id from digested group by subscriber_id) d
      where s.id = d.subscriber_id
    )
    select count(*)::int as failed from failed`;
  return row?.failed ?? 0;
}

/** Puts a mail that is known as unsent back into the queue. */
export async function requeueMail(
  sql: Sql,
  it: { id: number; holder: string; result: string; dueAt: Temporal.Instant },
): Promise<void> {
  await sql`
    update outbox set state = 'queued', result = ${it.result}, due_at = ${it.dueAt}, lease_holder = null, lease_expires_at = null
    where id = ${it.id} and state = 'sending' and lease_holder = ${it.holder}`;
}

/** Nobody knows whether it arrived: it is sent again, as the same mail, when it is due. */
export async function leaveUnknown(
  sql: Sql,
  it: { id: number; holder: string; result: string; dueAt: Temporal.Instant },
): Promise<void> {
  await sql`
    update outbox set state = 'unknown', result = ${it.result}, lease_expires_at = ${it.dueAt}
    where id = ${it.id} and state = 'sending' and lease_holder = ${it.holder}`;
}

/** Ends the leases of senders on this machine that are gone, so that a restart need not wait for them. */
export async function releaseLeases(
  sql: Sql,
  now: Temporal.Instant,
  isGone: (holder: string) => boolean,
): Promise<void> {
  const holders = await sql<{ holder: string }[]>`
    select distinct lease_holder as holder from outbox where state = 'sending' and lease_expires_at > ${now}`;
  const gone = holders.map((row) => row.holder).filter(isGone);
  if (gone.length === 0) return;
  await sql`
    update outbox set lease_expires_at = ${now} where state = 'sending' and lease_holder = any(${gone}::text[])`;
}

/** How many mails wait to be sent now, those of senders that may be gone included; a thousand stands for more. */
export async function countDueMails(sql: Sql, now: Temporal.Instant): Promise<number> {
  const [row] = await sql<{ due: number }[]>`
    select count(*)::int as due from (
      select from outbox
      where expires_at > ${now}
        and ((state = 'queued' and due_at <= ${now}) or (state in ('sending', 'unknown') and lease_expires_at <= ${now}))
      limit 1000
    ) as waiting`;
  return row?.due ?? 0;
}
