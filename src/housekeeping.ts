import type { Context } from "./context.ts";
import type { Sql } from "./db.ts";
import { giveUpExpired } from "./delivery/settle.ts";
import { retireQueries } from "./interests/queries.ts";

const keep = {
  nearMissDays: 30,
  mailboxMails: 1000,
  pendingDays: 30,
  settledConfirmationDays: 30,
  reportDays: 400,
  idleReportDays: 30,
};

/** At a time: a million that nobody could send must not be one statement. */
const mostExpired = 5000;

/** The housekeeping stage: what has outlived its use goes. */
export async function housekeeping({ sql, clock }: Context): Promise<{ done: number; left: number }> {
  const now = clock();
  const monthAgo = now.subtract({ hours: 24 * keep.pendingDays });
  const early = await hurryReaders(sql, now);
  const expired = await giveUpExpired(sql, now, mostExpired);
  const tokens = await sql`delete from tokens where expires_at < ${now}`;
  // Addresses that were typed into the form and never confirmed are not ours to keep.
  const pending = await sql`
    with gone as (
      delete from subscribers s where status in ('pending', 'suppressed') and confirmed_at is null and created_at < ${monthAgo}
        and not exists (select from subscription_requests r where r.subscriber_id = s.id and r.created_at >= ${monthAgo})
      returning id
    )
    delete from outbox o using gone where o.subscriber_id = gone.id`;
  const confirmations = await sql`
    delete from outbox where kind <> 'digest' and settled_at < ${now.subtract({ hours: 24 * keep.settledConfirmationDays })}`;
  // A weekly reader's digests that came back are looked at for a year; replies of the absent mean nothing soon.
  const reports = await sql`
    delete from reports where received_at < ${now.subtract({ hours: 24 * keep.reportDays })}
      or (received_at < ${now.subtract({ hours: 24 * keep.idleReportDays })} and kind = 'other')`;
  const requests = await sql`delete from link_requests where created_at < ${monthAgo}`;
  const retired = await retireQueries(sql, now);
  // Those of a batch at a time: when there were some, there may be more.
  const nearMisses = await sql`
    delete from near_misses where batch_id in (
      select b.id from batches b where b.matched_at < ${now.subtract({ hours: 24 * keep.nearMissDays })}
        and exists (select from near_misses n where n.batch_id = b.id) order by b.id limit 1)`;
  const news = await sql`delete from paper_news where noted_at < ${monthAgo}`;
  const mails = await sql`
    delete from mailbox where id <= (select id from mailbox order by id desc offset ${keep.mailboxMails} limit 1)`;
  const lines = await sql`delete from mail_lines where free_at < ${now.subtract({ hours: 24 })}`;
  return {
    done:
      early +
      expired +
      retired +
      [tokens, pending, confirmations, requests, reports, nearMisses, news, mails, lines].reduce(
        (sum, result) => sum + result.count,
        0,
      ),
    left: (expired === mostExpired ? mostExpired : 0) + nearMisses.count,
  };
}

/**
 * No schedule reaches as far as ten days, counted from the end of a pause: whose next digest lies further ahead got it from a
 * clock that was wrong.
 */
async function hurryReaders(sql: Sql, now: Temporal.Instant): Promise<number> {
  const readers = await sql`
    update subscribers set next_due_at = ${now}
    where status = 'active' and next_due_at > ${now}::timestamptz + interval '10 days'
      and next_due_at > greatest(${now}::timestamptz, paused_until::timestamp at time zone 'UTC') + interval '10 days'`;
  return readers.count;
}
