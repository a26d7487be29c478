import type { Context } from "../context.ts";
import type { Sql } from "../db.ts";
import { addressKey } from "./address.ts";
import { addressHash } from "./subscribe.ts";

export type SuppressionReason = "bounce" | "complaint";

/**
 * Ends all mail to an address until its owner asks: the suppression, the reader whose address it is, and what is queued for it.
 * In the caller's transaction, so that all of it holds or none. `result` tells in the outbox why a mail was cancelled.
 */
export async function suppress(
  sql: Sql,
  secret: string,
  it: { email: string; reason: SuppressionReason; result: string; now: Temporal.Instant },
): Promise<void> {
  const { email, reason, result, now } = it;
  await sql`
    update subscribers set status = 'suppressed', next_due_at = null
    where email_key = ${addressKey(email)}`;
  // Who complained is not taken for one whose mailbox is gone, in whatever order the reports came.
  await sql`
    insert into suppressions (address_hash, reason, created_at) values (${addressHash(secret, email)}, ${reason}, ${now})
    on conflict (address_hash) do update set reason = excluded.reason, created_at = excluded.created_at
    where excluded.reason = 'complaint'`;
  await sql`
    update outbox o set state = 'cancelled', settled_at = ${now}, result = ${result}
    from subscribers s
    where s.email_key = ${addressKey(email)} and o.subscriber_id = s.id and o.state in ('queued', 'unknown')`;
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
