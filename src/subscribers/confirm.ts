import type { Context } from "../context.ts";
import type { Sql } from "../db.ts";
import { queueNotice } from "../delivery/outbox.ts";
import { parseInterests } from "../interests/language.ts";
import { findToken, issueTokens, readerTokens } from "../token.ts";
import { applyPreferences, type Preferences, preferencesSchema } from "./preferences.ts";
import { addressHash } from "./subscribe.ts";

/** What a form asked for, its interests as typed. */
export type Wish = { preferences: Preferences; interests: string[]; isChange: boolean };

/** What the mails about requests show, by the requests' ids. */
export async function readConfirmations(sql: Sql, ids: number[]): Promise<Map<number, Wish>> {
  const rows = await sql<{ id: number; preferences: unknown; isChange: boolean }[]>`
    select r.id, r.preferences, r.is_change as "isChange" from subscription_requests r where r.id = any(${ids}::bigint[])`;
  return new Map(
    rows.map((row) => {
      const preferences = preferencesSchema.parse(row.preferences);
      const interests = parseInterests(preferences.interests).interests.map((interest) => interest.typed);
      return [row.id, { preferences, interests, isChange: row.isChange }];
    }),
  );
}

export type Confirmation = { email: string; preferences: Preferences; confirmed: boolean; isChange: boolean };

/** What a confirmation link is about, for the page with the button. Changes nothing. Undefined: no such link, or expired. */
export async function readConfirmation({ sql, clock }: Context, token: string): Promise<Confirmation | undefined> {
  const holder = await findToken(sql, "confirm", token, clock());
  if (!holder) return undefined;
  const [row] = await sql<{ email: string; preferences: unknown; confirmed: boolean; isChange: boolean }[]>`
    select s.email, r.preferences, r.confirmed_at is not null as confirmed, r.is_change as "isChange"
    from subscription_requests r join subscribers s on s.id = r.subscriber_id where r.id = ${holder.subjectId}`;
  return row && { ...row, preferences: preferencesSchema.parse(row.preferences) };
}

/**
 * Puts a request into force. A reader who was not active becomes so, is welcomed, and their first digest is due at once. A link
 * that has been used does nothing more: it can't undo an unsubscription that came later.
 */
export async function confirm(context: Context, token: string): Promise<Confirmation | undefined> {
  const { sql, clock, config } = context;
  const holder = await findToken(sql, "confirm", token, clock());
  if (!holder?.subjectId) return undefined;
  const { subscriberId, subjectId: requestId } = holder;
  await sql.begin(async (transaction) => {
    const [before] = await transaction<{ status: string; email: string; moves: number }[]>`
      select status, email, moves from subscribers where id = ${subscriberId} for no key update`;
    const now = clock();
    const [request] = await transaction<{ preferences: unknown }[]>`
      update subscription_requests set confirmed_at = ${now}
      where id = ${requestId} and confirmed_at is null returning preferences`;
    if (!before || !request) return;
    if (before.status !== "active") await activate(transaction, subscriberId, now);
    const email = await takeConfirmedAddress(transaction, subscriberId, requestId);
    await applyPreferences(transaction, clock, subscriberId, preferencesSchema.parse(request.preferences));
    await transaction`delete from suppressions where address_hash = ${addressHash(config.secret, before.email)}`;
    await issueTokens(transaction, now, readerTokens(config.secret, [{ subscriberId, email, moves: before.moves }]));
    if (before.status !== "active")
      await queueNotice(transaction, config, { kind: "welcome", subscriberId, subjectId: requestId, email, now });
  });
  return readConfirmation(context, token);
}

/** Mails go to the address as it was confirmed: whoever typed it first may have written it in another way. Answers it. */
async function takeConfirmedAddress(sql: Sql, subscriberId: number, requestId: number): Promise<string> {
  const [row] = await sql<{ email: string }[]>`
    update subscribers s set email = coalesce(
      (select o.email from outbox o where o.subscriber_id = s.id and o.kind = 'confirm' and o.subject_id = ${requestId}), s.email)
    where s.id = ${subscriberId} returning s.email`;
  return (row as { email: string }).email;
}

/**
 * Due at once, and afresh: what matched while they were away is not what they come back for, and a digest that leaving
 * cancelled never reached them.
 */
async function activate(sql: Sql, subscriberId: number, now: Temporal.Instant): Promise<void> {
  await sql`
    with gone as (
      delete from digests d using outbox o
      where d.subscriber_id = ${subscriberId} and o.subscriber_id = d.subscriber_id and o.kind = 'digest' and o.subject_id = d.id
        and o.state = 'cancelled'
      returning d.id
    )
    delete from digest_papers dp using gone where dp.subscriber_id = ${subscriberId} and dp.digest_id = gone.id`;
  await sql`delete from interests where subscriber_id = ${subscriberId}`;
  await sql`
    update subscribers set status = 'active', confirmed_at = ${now}, next_due_at = ${now}, unsubscribed_at = null,
      planned_at = null, planned_batch_id = 0, paused_until = null, all_is_well = false, notes = false,
      served_on = (select max(local_date) from digests d where d.subscriber_id = subscribers.id)
    where id = ${subscriberId}`;
}
