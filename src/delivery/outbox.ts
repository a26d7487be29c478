import { randomUUID } from "node:crypto";
import type { Config } from "../config.ts";
import { CopyRows, copyRows, toTimestamp } from "../copy.ts";
import type { Fragment, Sql } from "../db.ts";

/** Lower goes first: somebody sits and waits for a confirmation. */
export const priority = { confirm: 0, digest: 10 } as const;

/**
 * Mails about a reader's own doings, each with the row that it is about: a request of theirs, or a change of address; a goodbye is
 * about the reader, so that there is one until housekeeping clears it away.
 */
export type NoticeKind = "welcome" | "preferences-link" | "address-change" | "address-changed" | "goodbye";
export type MailKind = "confirm" | "digest" | NoticeKind;

/** Mails that go to the reader's address of the moment, with the links that act for them; the others ask or tell some address. */
export const followsReader: MailKind[] = ["digest", "welcome", "preferences-link", "goodbye"];

/** Mails to an address that somebody has typed and nobody has confirmed: that it is refused says nothing of the mail server. */
export const asksAddress: MailKind[] = ["confirm", "address-change"];

/**
 * A confirmation is of no use once its link has expired; a digest a day late is overtaken by the next; a goodbye speaks of an hour
 * in which it can be taken back.
 */
const goodFor = { confirm: { hours: 7 * 24 }, digest: { hours: 24 }, goodbye: { hours: 1 } } as const;

/** Only mails with a priority below this are sent: digests wait while they are paused. */
export function sendablePriority(sql: Sql): Fragment {
  return sql`(case when exists (select from digest_pauses where resumed_at is null) then ${priority.digest}::int else 32767 end)`;
}

/** Queues the mail with the link. When it is `withheld`, the row is cancelled from the start, so that both ways cost the same. */
export async function queueConfirmation(
  sql: Sql,
  config: Config,
  it: { subscriberId: number; requestId: number; email: string; now: Temporal.Instant; withheld: string | undefined },
): Promise<void> {
  await sql`
    insert into outbox (kind, subscriber_id, subject_id, email, message_id, state, priority, created_at, due_at, expires_at,
      settled_at, result)
    values ('confirm', ${it.subscriberId}, ${it.requestId}, ${it.email},
      '<' || gen_random_uuid() || ${`@${messageDomain(config)}>`}::text, ${it.withheld ? "cancelled" : "queued"},
      ${priority.confirm}, ${it.now}, ${it.now}, ${it.now.add(goodFor.confirm)},
      ${it.withheld ? it.now : null}::timestamptz, ${it.withheld ?? null})`;
}

/** Queues a mail that answers what a reader did; somebody sits and waits for it. There is one about each thing. */
export async function queueNotice(
  sql: Sql,
  config: Config,
  it: { kind: NoticeKind; subscriberId: number; subjectId: number; email: string; now: Temporal.Instant },
): Promise<void> {
  await sql`
    insert into outbox (kind, subscriber_id, subject_id, email, message_id, priority, created_at, due_at, expires_at)
    values (${it.kind}, ${it.subscriberId}, ${it.subjectId}, ${it.email},
      '<' || gen_random_uuid() || ${`@${messageDomain(config)}>`}::text, ${priority.confirm}, ${it.now}, ${it.now},
      ${it.now.add(it.kind === "goodbye" ? goodFor.goodbye : goodFor.confirm)})
    on conflict (subscriber_id, kind, subject_id) do nothing`;
}

/** Queues a mail for each digest. */
export async function queueDigests(
  sql: Sql,
  config: Config,
  digests: { digestId: number; subscriberId: number; email: string }[],
  now: Temporal.Instant,
): Promise<void> {
  const at = toTimestamp(now);
  const expires = toTimestamp(now.add(goodFor.digest));
  const domain = messageDomain(config);
  const rows = new CopyRows(9);
  for (const { subscriberId, digestId, email } of digests) {
    rows.row().text("digest").bigint(subscriberId).bigint(digestId).text(email).text(`<${randomUUID()}@${domain}>`);
    rows.smallint(priority.digest).bigint(at).bigint(at).bigint(expires);
  }
  await copyRows(
    sql,
    `copy outbox (kind, subscriber_id, subject_id, email, message_id, priority, created_at, due_at, expires_at)
     from stdin (format binary)`,
    rows,
  );
}

/** The domain of Message-ID: the sender's, so that it is one that is ours. */
export function messageDomain(config: Config): string {
  return config.mailFrom.address.slice(config.mailFrom.address.lastIndexOf("@") + 1);
}
