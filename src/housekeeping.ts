import type { Context } from "./context.ts";
import { giveUpExpired } from "./delivery/outbox.ts";
import { retireQueries } from "./interests/queries.ts";

const keep = { mailboxMails: 1000, pendingDays: 30, settledConfirmationDays: 30 };

/** The housekeeping stage: what has outlived its use goes. */
export async function housekeeping({ sql, clock }: Context): Promise<{ done: number; left: number }> {
  const now = clock();
  const monthAgo = now.subtract({ hours: 24 * keep.pendingDays });
  const expired = await giveUpExpired(sql, now);
  const tokens = await sql`delete from tokens where expires_at < ${now}`;
  // Addresses that were typed into the form and never confirmed are not ours to keep.
  const pending = await sql`
    delete from subscribers s where status = 'pending' and created_at < ${monthAgo}
      and not exists (select from subscription_requests r where r.subscriber_id = s.id and r.created_at >= ${monthAgo})`;
  const confirmations = await sql`
    delete from outbox where kind <> 'digest' and settled_at < ${now.subtract({ hours: 24 * keep.settledConfirmationDays })}`;
  const requests = await sql`delete from link_requests where created_at < ${monthAgo}`;
  const retired = await retireQueries(sql, now);
  const mails = await sql`
    delete from mailbox where id <= (select id from mailbox order by id desc offset ${keep.mailboxMails} limit 1)`;
  return {
    done:
      expired +
      retired +
      [tokens, pending, confirmations, requests, mails].reduce((sum, result) => sum + result.count, 0),
    left: 0,
  };
}
