import type { Context } from "../context.ts";
import { nextSlot, type Schedule } from "../digests/schedule.ts";
import { findToken } from "../token.ts";
import { lastDate } from "./pause.ts";

/** How long the undo on the farewell page works: longer, and a forwarded mail could subscribe its owner again. */
const undoWithin = { hours: 1 };

export type Reader = { id: number; email: string; status: string; cadence: string };

/** The reader that a link acts for, for a page that shows a button. Undefined: there is no such link. */
export async function findReader(
  { sql, clock }: Context,
  purpose: "unsubscribe" | "fewer" | "resubscribe" | "preferences",
  token: string,
) {
  const holder = await findToken(sql, purpose, token, clock());
  if (!holder) return undefined;
  const [reader] = await sql<
    Reader[]
  >`select id, email, status, cadence from subscribers where id = ${holder.subscriberId}`;
  return reader;
}

/** Ends all mail to the reader and cancels what is queued, in one transaction. May be repeated. False: no such link. */
export async function unsubscribe({ sql, clock }: Context, token: string): Promise<boolean> {
  const now = clock();
  const holder = await findToken(sql, "unsubscribe", token, now);
  if (!holder) return false;
  await sql.begin(async (transaction) => {
    await transaction`
      update subscribers set status = 'unsubscribed', unsubscribed_at = ${now}, next_due_at = null
      where id = ${holder.subscriberId} and status not in ('unsubscribed', 'suppressed')`;
    await transaction`
      update outbox set state = 'cancelled', settled_at = ${now}, result = 'unsubscribed'
      where subscriber_id = ${holder.subscriberId} and state in ('queued', 'unknown')`;
  });
  return true;
}

/** Takes an unsubscription back within the hour, the mails that it cancelled included. Undefined: no such link. */
export async function resubscribe({ sql, clock }: Context, token: string): Promise<"done" | "too late" | undefined> {
  const now = clock();
  const holder = await findToken(sql, "resubscribe", token, now);
  if (!holder) return undefined;
  return sql.begin(async (transaction) => {
    const [reader] = await transaction<
      (Schedule & { status: string; unsubscribed_at: Temporal.Instant | null; last: Temporal.PlainDate | null })[]
    >`
      select cadence, weekday, hour, timezone, status, unsubscribed_at,
        ${lastDate(transaction)} as last
      from subscribers s where id = ${holder.subscriberId} for update`;
    if (reader?.status === "active") return "done";
    const since = reader?.status === "unsubscribed" ? reader.unsubscribed_at : null;
    if (!reader || !since || Temporal.Instant.compare(since.add(undoWithin), now) < 0) return "too late";
    await transaction`
      update subscribers set status = 'active', unsubscribed_at = null,
        next_due_at = ${nextSlot(reader, now, reader.last ?? undefined).at}
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
    const [reader] = await transaction<(Schedule & { last: Temporal.PlainDate | null })[]>`
      select cadence, weekday, hour, timezone, ${lastDate(transaction)} as last
      from subscribers s where id = ${holder.subscriberId} and status = 'active' for update`;
    if (!reader) return;
    const next = nextSlot({ ...reader, cadence: "weekly" }, now, reader.last ?? undefined);
    await transaction`update subscribers set cadence = 'weekly', next_due_at = case when next_due_at > ${now} then ${next.at}::timestamptz else next_due_at end
      where id = ${holder.subscriberId}`;
  });
  return true;
}
