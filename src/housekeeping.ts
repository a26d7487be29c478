import type { Context } from "./context.ts";
import type { Sql } from "./db.ts";
import { giveUpExpired } from "./delivery/settle.ts";
import { choosePart, forgetMatches, retireQueries } from "./interests/retire.ts";
import { daysBefore, daysKept, forgetOutlived } from "./retention.ts";
import { addUpCounts } from "./row_counts.ts";

/** Rows of a kind at a time: a million must not be one statement. */
const most = 5000;
/** Of the local mailbox. */
const mailboxMails = 1000;

/** The housekeeping stage: what can't be sent any more is given up, and what has outlived its use goes (`retention.ts`). */
export async function housekeeping({ sql, clock }: Context): Promise<{ done: number; left: number }> {
  const now = clock();
  const expired = await giveUpExpired(sql, now, most);
  const outlived = await forgetOutlived(sql, now, most);
  const part = await choosePart(sql);
  const matches = await forgetMatches(sql, part, daysBefore(now, daysKept.matches), most);
  const retired = await retireQueries(sql, part, now);
  const early = await hurryReaders(sql, now);
  const small = await clearSmallTables(sql, now);
  await addUpCounts(sql);
  const done = [expired, ...outlived, matches, retired, early, small].reduce((sum, count) => sum + count, 0);
  const isMore = [expired, ...outlived, matches].some((count) => count >= most);
  return { done, left: isMore ? most : 0 };
}

/** What never has more rows than there are domains, or parts of a batch. */
async function clearSmallTables(sql: Sql, now: Temporal.Instant): Promise<number> {
  const yesterday = now.subtract({ hours: 24 });
  const mails = await sql`
    delete from mailbox where id <= (select id from mailbox order by id desc offset ${mailboxMails} limit 1)`;
  const lines = await sql`delete from mail_lines where free_at < ${yesterday}`;
  const ranges = await sql`
    delete from batch_ranges r using batches b where b.id = r.batch_id and b.completed_at < ${yesterday}`;
  return mails.count + lines.count + ranges.count;
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
