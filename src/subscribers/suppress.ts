import type { Context } from "../context.ts";
import type { Sql } from "../db.ts";
import { addressKey } from "./address.ts";
import { addressHash } from "./subscribe.ts";

export type SuppressionReason = "bounce" | "complaint";

/**
 * Ends all mail to addresses until their owners ask: the suppressions, the readers whose addresses they are, and what is queued
 * for them. In the caller's transaction, so that all of it holds or none. `result` tells in the outbox why a mail was cancelled.
 */
export async function suppress(
  sql: Sql,
  secret: string,
  it: { emails: string[]; reason: SuppressionReason; result: string; now: Temporal.Instant },
): Promise<void> {
  const { emails, reason, result, now } = it;
  if (emails.length === 0) return;
  const keys = [...new Set(emails.map(addressKey))].sort();
  const readers = await sql<{ id: number }[]>`
    update subscribers set status = 'suppressed', next_due_at = null where email_key = any(${keys}::text[]) returning id`;
  await addSuppressions(
    sql,
    emails.map((email) => addressHash(secret, email)),
    { reason, now },
  );
  await sql`
    update outbox set state = 'cancelled', settled_at = ${now}, result = ${result}
    where subscriber_id = any(${readers.map((reader) => reader.id)}::bigint[]) and state in ('queued', 'unknown')`;
}

/** Who complained is not taken for one whose mailbox is gone, in whatever order the reports came. */
async function addSuppressions(
  sql: Sql,
  hashes: Buffer[],
  { reason, now }: { reason: SuppressionReason; now: Temporal.Instant },
): Promise<void> {
  const texts = hashes.map((hash) => `\\x${hash.toString("hex")}`);
  await sql`
    insert into suppressions (address_hash, reason, created_at)
    select distinct hash::bytea, ${reason}, ${now}::timestamptz from unnest(${texts}::text[]) as hash
    on conflict (address_hash) do update set reason = excluded.reason, created_at = excluded.created_at
    where suppressions.reason <> 'complaint'`;
}

/** Lets a suppressed address ask again by the form; its owner must still confirm. Undefined: it was not suppressed. */
export async function liftSuppression(
  { sql, config }: Pick<Context, "sql" | "config">,
  email: string,
): Promise<{ reason: string; since: Temporal.Instant } | undefined> {
  const [row] = await sql<{ reason: string; since: Temporal.Instant }[]>`
    delete from suppressions where address_hash = ${addressHash(config.secret, email)} returning reason, created_at as since`;
  return row;
}
