import type { Fragment, Sql } from "./db.ts";

/**
 * Days that what has been of use is kept for; docs/operating.md says why. What is not named stays for as long as the reader, the
 * paper or the query that it is about: digests, which their readers look up, and above all what papers a reader has had.
 */
export const daysKept = {
  /** Sent or cancelled. What comes back later than that is about the reader. */
  mails: 30,
  /** As long as matches, which they tell of. */
  failedMails: 100,
  /** And until every reader who holds the query is planned with them. */
  matches: 100,
  nearMisses: 30,
  paperNews: 30,
  /** Forms, wishes for a link or another address: what they mailed has expired after a week. */
  requests: 30,
  /** Addresses that were typed into the form and never confirmed are not ours to keep. */
  unconfirmed: 30,
  /** A weekly reader's digests that came back are looked at for a year. */
  reports: 400,
  /** Replies of the absent mean nothing soon. */
  idleReports: 30,
} as const;

export function daysBefore(now: Temporal.Instant, days: number): Temporal.Instant {
  return now.subtract({ hours: 24 * days });
}

/** Takes away what has outlived its use, so many rows of a kind at most. Answers how many went of each. */
export async function forgetOutlived(sql: Sql, now: Temporal.Instant, most: number): Promise<number[]> {
  const before = (days: number) => daysBefore(now, days);
  const forget = (table: string, since: string, until: Temporal.Instant, which: Fragment = sql`true`) =>
    forgetRows(sql, table, sql`${sql(since)} < ${until} and ${which} order by ${sql(since)} limit ${most}`);
  return [
    await forget("tokens", "expires_at", now),
    await forgetUnconfirmed(sql, before(daysKept.unconfirmed), most),
    await forget("outbox", "settled_at", before(daysKept.mails), sql`state = 'sent'`),
    await forget("outbox", "settled_at", before(daysKept.mails), sql`state = 'cancelled'`),
    await forget("outbox", "settled_at", before(daysKept.failedMails), sql`state = 'failed'`),
    await forget("reports", "received_at", before(daysKept.reports)),
    await forget("reports", "received_at", before(daysKept.idleReports), sql`kind = 'other'`),
    await forget("subscription_requests", "created_at", before(daysKept.requests)),
    await forget("link_requests", "created_at", before(daysKept.requests)),
    // Those that were confirmed tell erasing what other address was the reader's.
    await forget("address_changes", "created_at", before(daysKept.requests), sql`confirmed_at is null`),
    await forget("paper_news", "noted_at", before(daysKept.paperNews)),
    await forgetNearMisses(sql, before(daysKept.nearMisses), most),
  ];
}

/** By their place in the table, which is the cheapest way to rows that an index has found. `which` has an order and a limit. */
async function forgetRows(sql: Sql, table: string, which: Fragment): Promise<number> {
  const gone = await sql`
    delete from ${sql(table)} where ctid = any(array(select ctid from ${sql(table)} where ${which} for update skip locked))`;
  return gone.count;
}

async function forgetUnconfirmed(sql: Sql, before: Temporal.Instant, most: number): Promise<number> {
  const [row] = await sql<{ readers: number }[]>`
    with gone as (
      delete from subscribers where id = any(array(
        select id from subscribers s
        where confirmed_at is null and created_at < ${before} and status in ('pending', 'suppressed')
          and not exists (select from subscription_requests r where r.subscriber_id = s.id and r.created_at >= ${before})
        order by created_at limit ${most} for update skip locked
      )) returning id
    ),
    mails as (delete from outbox where subscriber_id = any(array(select id from gone)))
    select count(*)::int as readers from gone`;
  return row?.readers ?? 0;
}

async function forgetNearMisses(sql: Sql, before: Temporal.Instant, most: number): Promise<number> {
  const gone = await sql`
    delete from near_misses where ctid = any(array(
      select old.ctid from batches b
      cross join lateral (select ctid from near_misses where batch_id = b.id limit ${most}) as old
      where b.matched_at < ${before} limit ${most}
    ))`;
  return gone.count;
}
