import type { Context } from "../context.ts";
import type { Sql } from "../db.ts";
import { queueNotice } from "../delivery/outbox.ts";
import { nextDueAt } from "../digests/next_due.ts";
import { findToken } from "../token.ts";

/** How long the undo on the farewell page works: longer, and a forwarded mail could subscribe its owner again. */
const undoWithin = { hours: 1 };

export type Reader = { id: number; email: string; status: string; cadence: string; moves: number };

/**
 * The reader that a link acts for, for a page that shows a button. `moved`: it is a link for leaving, mailed to an address that
 * nothing goes to any more. Undefined: there is no such link.
 */
export async function findReader(
  { sql, clock }: Context,
  purpose: "unsubscribe" | "fewer" | "resubscribe" | "preferences",
  token: string,
) {
  const holder = await findToken(sql, purpose, token, clock());
  if (!holder) return undefined;
  const [reader] = await sql<
    Reader[]
  >`select id, email, status, cadence, moves from subscribers where id = ${holder.subscriberId}`;
  return reader && { ...reader, moved: holder.moved };
}

/**
 * Ends all mail to the address that the link was mailed to, and cancels what is queued, in one transaction. May be repeated.
 * Where the mails have moved to another address, it is ended already, and the link can't harm who reads there. False: no such
 * link.
 *
 * Who leaves by the page with the button is told once more by mail, with the way back: everybody who a mail was forwarded to can
 * press it. A mail program that leaves for its reader (`by` "program") has said all there is to say.
 */
export async function unsubscribe(
  { sql, clock, config }: Context,
  token: string,
  by: "page" | "program" = "program",
): Promise<boolean> {
  const now = clock();
  const holder = await findToken(sql, "unsubscribe", token, now);
  if (!holder) return false;
  if (holder.moved) return true;
  const { subscriberId } = holder;
  await sql.begin(async (transaction) => {
    const email = await endMail(transaction, subscriberId, now);
    if (by === "page" && email)
      await queueNotice(transaction, config, { kind: "goodbye", subscriberId, subjectId: subscriberId, email, now });
  });
  return true;
}

/**
 * Ends all mail to a reader who asked for it, in the caller's transaction. May be repeated. Answers the address if it was not
 * ended before.
 */
export async function endMail(sql: Sql, subscriberId: number, now: Temporal.Instant): Promise<string | undefined> {
  const [reader] = await sql<{ email: string }[]>`
    update subscribers set status = 'unsubscribed', unsubscribed_at = ${now}, next_due_at = null
    where id = ${subscriberId} and status not in ('unsubscribed', 'suppressed') returning email`;
  await sql`
    update outbox set state = 'cancelled', settled_at = ${now}, result = 'unsubscribed'
    where subscriber_id = ${subscriberId} and state in ('queued', 'unknown') and kind <> 'goodbye'`;
  return reader?.email;
}

/** Takes an unsubscription back within the hour, the mails that it cancelled included. Undefined: no such link. */
export async function resubscribe({ sql, clock }: Context, token: string): Promise<"done" | "too late" | undefined> {
  const now = clock();
  const holder = await findToken(sql, "resubscribe", token, now);
  if (!holder) return undefined;
  return sql.begin(async (transaction) => {
    const [reader] = await transaction<{ status: string; unsubscribed_at: Temporal.Instant | null }[]>`
      select status, unsubscribed_at from subscribers where id = ${holder.subscriberId} for update`;
    if (reader?.status === "active") return "done";
    const since = reader?.status === "unsubscribed" ? reader.unsubscribed_at : null;
    if (!reader || !since || Temporal.Instant.compare(since.add(undoWithin), now) < 0) return "too late";
    await transaction`
      update subscribers set status = 'active', unsubscribed_at = null,
        next_due_at = ${await nextDueAt(transaction, holder.subscriberId, {}, now)}
      where id = ${holder.subscriberId}`;
    await transaction`
      update outbox set state = 'queued', settled_at = null, result = null, lease_holder = null, lease_expires_at = null
      where subscriber_id = ${holder.subscriberId} and state = 'cancelled' and result = 'unsubscribed'
        and settled_at >= ${since} and expires_at > ${now}`;
    return "done";
  });
}

/** One digest a week instead of more, on the weekday of the reader's choice. False: no such link. */
export async function receiveFewer({ sql, clock }: Context, token: string): Promise<boolean> {
  const now = clock();
  const holder = await findToken(sql, "fewer", token, now);
  if (!holder) return false;
  await sql.begin(async (transaction) => {
    await transaction`select from subscribers where id = ${holder.subscriberId} for update`;
    const next = await nextDueAt(transaction, holder.subscriberId, { cadence: "weekly" }, now);
    await transaction`
      update subscribers set cadence = 'weekly',
        next_due_at = case when next_due_at > ${now} then ${next}::timestamptz else next_due_at end
      where id = ${holder.subscriberId} and status = 'active'`;
  });
  return true;
}
