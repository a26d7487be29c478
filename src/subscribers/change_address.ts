import type { Context } from "../context.ts";
import type { Sql } from "../db.ts";
import { queueNotice } from "../delivery/outbox.ts";
import { UserError } from "../errors.ts";
import { deriveToken, findToken, issueTokens, type Purpose } from "../token.ts";
import { addressKey, parseAddress } from "./address.ts";
import { lockReader } from "./interests.ts";
import { eraseSubscriber } from "./privacy.ts";
import { addressHash } from "./subscribe.ts";

export const changeWithin = { hours: 7 * 24 };
/** A reader may mistype an address; they may not mail strangers. */
const changesADay = 4;

/** Asks the owner of another address whether the mails shall come there. Throws `UserError`. Answers the address. */
export async function requestAddressChange(context: Context, subscriberId: number, typed: string): Promise<string> {
  const { sql, clock, config } = context;
  const newEmail = parseAddress(typed);
  await sql.begin(async (transaction) => {
    await lockReader(transaction, subscriberId);
    const now = clock();
    const [reader] = await transaction<{ email: string; recent: number; complained: boolean; asked: number }[]>`
      select email,
        (select count(*)::int from address_changes where subscriber_id = s.id and created_at > ${now.subtract({ hours: 24 })}) as recent,
        (select count(*)::int from address_changes where new_email = ${newEmail} and created_at > ${now.subtract({ hours: 24 })}) as asked,
        exists (select from suppressions where address_hash = ${addressHash(config.secret, newEmail)} and reason = 'complaint') as complained
      from subscribers s where id = ${subscriberId}`;
    if (!reader) return;
    if (addressKey(reader.email) === addressKey(newEmail))
      throw new UserError("invalid", "Your papers go to that address already.", "email");
    if (reader.recent >= changesADay)
      throw new UserError("conflict", "That is enough for a day. Try again tomorrow.", "email");
    const [change] = await transaction<{ id: number }[]>`
      insert into address_changes (subscriber_id, old_email, new_email, created_at)
      values (${subscriberId}, ${reader.email}, ${newEmail}, ${now}) returning id`;
    const subjectId = (change as { id: number }).id;
    await issueTokens(transaction, now, [
      {
        token: deriveToken(config.secret, "address", subjectId),
        purpose: "address",
        subscriberId,
        subjectId,
        expiresAt: now.add(changeWithin),
      },
    ]);
    // Who complained, or has been asked often, is not mailed again because somebody typed their address.
    if (!reader.complained && reader.asked < changesADay)
      await queueNotice(transaction, config, { kind: "address-change", subscriberId, subjectId, email: newEmail, now });
  });
  return newEmail;
}

export type AddressChange = {
  id: number;
  subscriberId: number;
  oldEmail: string;
  newEmail: string;
  confirmed: boolean;
  undone: boolean;
  /** Whether the link takes the change back. */
  undoes: boolean;
};

/** What a link about an address is for, for the page with the button. Changes nothing. */
export async function findAddressChange({ sql, clock }: Context, token: string): Promise<AddressChange | undefined> {
  const wish = await findToken(sql, "address", token, clock());
  const holder = wish ?? (await findToken(sql, "address-undo", token, clock()));
  if (!holder?.subjectId) return undefined;
  const change = (await readAddressChanges(sql, [holder.subjectId])).get(holder.subjectId);
  return change && { ...change, undoes: !wish };
}

/** Changes by their ids, for the mails about them. */
export async function readAddressChanges(sql: Sql, ids: number[]): Promise<Map<number, Omit<AddressChange, "undoes">>> {
  const rows = await sql<Omit<AddressChange, "undoes">[]>`
    select id, subscriber_id as "subscriberId", old_email as "oldEmail", new_email as "newEmail",
      confirmed_at is not null as confirmed, undone_at is not null as undone
    from address_changes where id = any(${ids}::bigint[])`;
  return new Map(rows.map((row) => [row.id, row]));
}

/**
 * Does what the link is for, once: the mails go to the new address and the old one is told, or it is taken back. Either way all
 * links that were mailed to the address before end, those that wait for an answer included, but those that only show a digest which
 * came there; of the way back, who takes it keeps none to others. Throws `UserError` when somebody else reads at the address that they would go to.
 */
export async function actOnAddressChange(context: Context, token: string): Promise<AddressChange | undefined> {
  const change = await findAddressChange(context, token);
  if (!change) return undefined;
  const { sql, clock, config } = context;
  const { subscriberId, id: subjectId } = change;
  await sql.begin(async (transaction) => {
    await lockReader(transaction, subscriberId);
    const now = clock();
    const done = change.undoes
      ? await transaction`
          update address_changes set undone_at = ${now}
          where id = ${subjectId} and confirmed_at is not null and undone_at is null`
      : await transaction`
          update address_changes c set confirmed_at = ${now}, old_email = s.email
          from subscribers s where c.id = ${subjectId} and s.id = c.subscriber_id and c.confirmed_at is null`;
    if (done.count === 0) return;
    await moveTo(transaction, config.secret, subscriberId, change.undoes ? change.oldEmail : change.newEmail);
    const ended: Purpose[] = change.undoes ? ["address", "address-undo"] : ["address"];
    await transaction`
      delete from tokens where subscriber_id = ${subscriberId} and purpose = any(${ended}::text[]) and subject_id <> ${subjectId}`;
    if (change.undoes) return;
    await issueTokens(transaction, now, [
      {
        token: deriveToken(config.secret, "address-undo", subjectId),
        purpose: "address-undo",
        subscriberId,
        subjectId,
        expiresAt: now.add(changeWithin),
      },
    ]);
    const email = (await readAddressChanges(transaction, [subjectId])).get(subjectId)?.oldEmail ?? change.oldEmail;
    await queueNotice(transaction, config, { kind: "address-changed", subscriberId, subjectId, email, now });
  });
  return findAddressChange(context, token);
}

/** Whoever was never confirmed at the address, or left, gives way: its owner has just said what they want. */
async function moveTo(sql: Sql, secret: string, subscriberId: number, email: string): Promise<void> {
  const [other] = await sql<{ id: number; status: string }[]>`
    select id, status from subscribers where email_key = ${addressKey(email)} and id <> ${subscriberId} for update`;
  if (other?.status === "active")
    throw new UserError(
      "conflict",
      `${email} gets Paper Round already, with interests of its own. Stop those mails first.`,
    );
  if (other) await eraseSubscriber(sql, other.id);
  await endLinks(sql, subscriberId);
  await sql`
    update subscribers set email = ${email}, email_key = ${addressKey(email)}, moves = moves + 1 where id = ${subscriberId}`;
  await sql`delete from suppressions where address_hash = ${addressHash(secret, email)}`;
}

/**
 * Whoever reads at the address that the mails are leaving can change nothing any more, nor confirm what was asked there. A link
 * for leaving is kept, marked with that address: it goes on to end the mails there, of which there are none.
 */
async function endLinks(sql: Sql, subscriberId: number): Promise<void> {
  await sql`
    delete from tokens
    where subscriber_id = ${subscriberId} and purpose in ('preferences', 'fewer', 'resubscribe', 'confirm')`;
  await sql`
    update tokens t set mailed_to = s.email_key from subscribers s
    where s.id = ${subscriberId} and t.subscriber_id = s.id and t.purpose = 'unsubscribe' and t.mailed_to is null`;
}
