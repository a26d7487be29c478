import type { Sql } from "../db.ts";
import { addressHash } from "../subscribers/subscribe.ts";

/**
 * Never again to the addresses of these mails, until their owner asks: each is kept as a hash, its reader gets nothing more, and
 * what is queued for them is cancelled. Part of the caller's transaction.
 */
export async function suppressReaders(
  sql: Sql,
  secret: string,
  mailIds: number[],
  reason: "bounce" | "complaint",
  now: Temporal.Instant,
): Promise<void> {
  const mails = await sql<{ subscriberId: number; email: string }[]>`
    select subscriber_id as "subscriberId", email from outbox where id = any(${mailIds}::bigint[]) order by subscriber_id`;
  await addSuppressions(
    sql,
    mails.map((mail) => addressHash(secret, mail.email)),
    reason,
    now,
  );
  const ids = mails.map((mail) => mail.subscriberId);
  await sql`update subscribers set status = 'suppressed', next_due_at = null where id = any(${ids}::bigint[])`;
  await sql`
    update outbox set state = 'cancelled', settled_at = ${now}, result = ${`suppressed: ${reason}`}
    where subscriber_id = any(${ids}::bigint[]) and state in ('queued', 'unknown')`;
}

/** A complaint outweighs a bounce: it is remembered when the owner comes back. */
async function addSuppressions(sql: Sql, hashes: Buffer[], reason: string, now: Temporal.Instant): Promise<void> {
  const texts = hashes.map((hash) => `\\x${hash.toString("hex")}`);
  await sql`
    insert into suppressions (address_hash, reason, created_at)
    select distinct hash::bytea, ${reason}, ${now}::timestamptz from unnest(${texts}::text[]) as hash
    on conflict (address_hash) do update set reason = excluded.reason where suppressions.reason <> 'complaint'`;
}
