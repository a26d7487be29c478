import type { Context } from "./context.ts";
import type { Sql } from "./db.ts";
import { giveUpExpired } from "./delivery/settle.ts";
import { retireQueries } from "./interests/queries.ts";

const keep = { mailboxMails: 1000, pendingDays: 30, settledConfirmationDays: 30 };

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
    delete from subscribers s where status in ('pending', 'suppressed') and confirmed_at is null and created_at < ${monthAgo}
      and not exists (select from subscription_requests r where r.subscriber_id = s.id and r.created_at >= ${monthAgo})`;
  const confirmations = await sql`
    delete from outbox where kind = 'confirm' and settled_at < ${now.subtract({ hours: 24 * keep.settledConfirmationDays })}`;
  const retired = await retireQueries(sql, now);
  const mails = await sql`
    delete from mailbox where id <= (select id from mailbox order by id desc offset ${keep.mailboxMails} limit 1)`;
  const lines = await sql`delete from mail_lines where free_at < ${now.subtract({ hours: 24 })}`;
  return {
    done:
      early +
      expired +
      retired +
      [tokens, pending, confirmations, mails, lines].reduce((sum, result) => sum + result.count, 0),
    left: expired === mostExpired ? mostExpired : 0,
  };
}

/** No schedule reaches as far as ten days: whose next digest lies further ahead got it from a clock that was wrong. */
async function hurryReaders(sql: Sql, now: Temporal.Instant): Promise<number> {
  const readers = await sql`
    update subscribers set next_due_at = ${now}
    where status = 'active' and next_due_at > ${now.add({ hours: 24 * 10 })}`;
  return readers.count;
}
