import type { Context } from "../context.ts";
import type { Sql } from "../db.ts";
import { addressKey } from "../subscribers/address.ts";
import { addressHash } from "../subscribers/subscribe.ts";

export type SuppressionReason = "bounce" | "complaint";

/** Never again to the addresses of these mails, until their owners ask. Part of the caller's transaction. */
export async function suppressReaders(
  sql: Sql,
  secret: string,
  mailIds: number[],
  reason: SuppressionReason,
  now: Temporal.Instant,
): Promise<void> {
  const mails = await sql<{ subscriberId: number; email: string }[]>`
    select subscriber_id as "subscriberId", email from outbox where id = any(${mailIds}::bigint[]) order by subscriber_id`;
  await suppressAddresses(sql, secret, mails, reason, now);
}

/**
 * Never again to these addresses, until their owners ask: each is kept as a hash, its reader gets nothing more, and what is
 * queued for them is cancelled. A reader who has another address by now goes on. Part of the caller's transaction.
 */
export async function suppressAddresses(
  sql: Sql,
  secret: string,
  addresses: { subscriberId: number; email: string }[],
  reason: SuppressionReason,
  now: Temporal.Instant,
): Promise<void> {
  await addSuppressions(
    sql,
    addresses.map(({ email }) => addressHash(secret, email)),
    reason,
    now,
  );
  const keys = addresses.map(({ email }) => addressKey(email));
  await sql`
    update subscribers s set status = 'suppressed', next_due_at = null
    from unnest(${addresses.map((it) => it.subscriberId)}::bigint[], ${keys}::text[]) as r (id, key)
    where s.id = r.id and s.email_key = r.key`;
  await sql`
    update outbox o set state = 'cancelled', settled_at = ${now}, result = ${`suppressed: ${reason}`}
    from subscribers s
    where s.id = any(${addresses.map((it) => it.subscriberId)}::bigint[]) and s.status = 'suppressed'
      and o.subscriber_id = s.id and o.state in ('queued', 'unknown')`;
}

/** Lets the owner of a suppressed address ask again by the form; they must still confirm. Undefined: it was not suppressed. */
export async function liftSuppression(
  { sql, config }: Pick<Context, "sql" | "config">,
  email: string,
): Promise<{ reason: string; since: Temporal.Instant } | undefined> {
  const [row] = await sql<{ reason: string; since: Temporal.Instant }[]>`
    delete from suppressions where address_hash = ${addressHash(config.secret, email)} returning reason, created_at as since`;
  return row;
}

/** A complaint outweighs a bounce: it is remembered when the owner comes back. */
async function addSuppressions(sql: Sql, hashes: Buffer[], reason: string, now: Temporal.Instant): Promise<void> {
  const texts = hashes.map((hash) => `\\x${hash.toString("hex")}`);
  await sql`
    insert into suppressions (address_hash, reason, created_at)
    select distinct hash::bytea, ${reason}, ${now}::timestamptz from unnest(${texts}::text[]) as hash
    on conflict (address_hash) do update set reason = excluded.reason where suppressions.reason <> 'complaint'`;
}
