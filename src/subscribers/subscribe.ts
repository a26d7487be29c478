import { createHmac } from "node:crypto";
import type { Context } from "../context.ts";
import type { Sql } from "../db.ts";
import { queueConfirmation } from "../delivery/outbox.ts";
import { UserError } from "../errors.ts";
import { deriveToken, issueTokens } from "../token.ts";
import { addressKey, parseAddress } from "./address.ts";
import { FormError, type Preferences, parsePreferences } from "./preferences.ts";

const confirmWithin = { hours: 7 * 24 };
/** A form can be sent for anybody's address: more confirmations than this in a day are not mailed. */
const confirmationsADay = 4;
/** Mail to an address that is gone harms the sender; its owner may have made it anew. */
const confirmationsADayAfterBounce = 1;

/**
 * Takes the subscribe form. Whatever is known of the address, it answers the same and writes the same rows; only the mail
 * differs, or is cancelled at once. Nothing takes effect before the owner confirms. Throws `FormError`.
 */
export async function subscribe(context: Context, form: Record<string, unknown>): Promise<{ email: string }> {
  const { sql, clock, config } = context;
  const [email, preferences] = await checkForm(context, form);
  const now = clock();
  await sql.begin(async (transaction) => {
    const subscriberId = await findOrAddSubscriber(transaction, email, now);
    const [request] = await transaction<{ id: number }[]>`
      insert into subscription_requests (subscriber_id, preferences, is_change, created_at)
      select id, ${transaction.json(preferences)}, status = 'active', ${now} from subscribers where id = ${subscriberId}
      returning id`;
    const subjectId = (request as { id: number }).id;
    const token = deriveToken(config.secret, "confirm", subjectId);
    await issueTokens(transaction, now, [
      { token, purpose: "confirm", subscriberId, subjectId, expiresAt: now.add(confirmWithin) },
    ]);
    const withheld = await whyWithheld(transaction, config.secret, email, subscriberId, now);
    await queueConfirmation(transaction, config, { subscriberId, requestId: subjectId, email, now, withheld });
  });
  return { email };
}

async function checkForm({ sql }: Context, form: Record<string, unknown>): Promise<[string, Preferences]> {
  const fields: Record<string, string> = {};
  let email = "";
  let preferences: Preferences | undefined;
  try {
    email = parseAddress(typeof form.email === "string" ? form.email : "");
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    fields.email = error.message;
  }
  try {
    preferences = await parsePreferences(sql, form);
  } catch (error) {
    if (!(error instanceof FormError)) throw error;
    Object.assign(fields, error.fields);
  }
  if (Object.keys(fields).length > 0 || !preferences) throw new FormError(fields);
  return [email, preferences];
}

async function findOrAddSubscriber(sql: Sql, email: string, now: Temporal.Instant): Promise<number> {
  await sql`
    insert into subscribers (email, email_key, status, created_at) values (${email}, ${addressKey(email)}, 'pending', ${now})
    on conflict (email_key) do nothing`;
  const [row] = await sql<{ id: number }[]>`select id from subscribers where email_key = ${addressKey(email)}`;
  return (row as { id: number }).id;
}

/**
 * Why no confirmation is mailed, or undefined. Whoever complained is not mailed again because somebody typed their address; one
 * that bounced gets the mail with the link, which alone lifts the suppression.
 */
async function whyWithheld(sql: Sql, secret: string, email: string, subscriberId: number, now: Temporal.Instant) {
  const [row] = await sql<{ suppressed: string | null; recent: number }[]>`
    select
      (select reason from suppressions where address_hash = ${addressHash(secret, email)}) as suppressed,
      (select count(*)::int from outbox where subscriber_id = ${subscriberId} and kind = 'confirm'
        and state <> 'cancelled' and created_at > ${now.subtract({ hours: 24 })}) as recent`;
  if (row?.suppressed === "complaint") return "the owner of the address complained";
  const most = row?.suppressed ? confirmationsADayAfterBounce : confirmationsADay;
  return row && row.recent >= most ? `there were ${row.recent} confirmations in a day` : undefined;
}

/** The key of an address in `suppressions`: it outlives the reader, so it must not tell who they were. */
export function addressHash(secret: string, email: string): Buffer {
  return createHmac("sha256", secret)
    .update(`address:${addressKey(email)}`)
    .digest();
}
