import type { Context } from "../context.ts";
import type { Sql } from "../db.ts";
import { messageDomain } from "../delivery/outbox.ts";
import { addressKey, parseAddress } from "./address.ts";
import { addressHash } from "./subscribe.ts";

/** A form can be sent for anybody's address: more links than this in a day are not mailed. */
const linksADay = 3;

/**
 * Mails the link to their preferences to who reads at the address, or has. Whether somebody does, neither the answer nor its time
 * tells: the same statements run and the same rows are written. Throws `UserError` when it is no address.
 */
export async function requestLink({ sql, clock, config }: Context, typed: string): Promise<string> {
  const email = parseAddress(typed);
  const now = clock();
  await sql`
    with reader as (
      select id, email from subscribers s
      where email_key = ${addressKey(email)} and status in ('active', 'paused', 'unsubscribed')
        and (select count(*) from link_requests where subscriber_id = s.id and created_at > ${now.subtract({ hours: 24 })}) < ${linksADay}
        and not exists (select from suppressions where address_hash = ${addressHash(config.secret, email)} and reason = 'complaint')
    ),
    request as (
      insert into link_requests (subscriber_id, created_at) values ((select id from reader), ${now}) returning id
    )
    insert into outbox (kind, subscriber_id, subject_id, email, message_id, priority, created_at, due_at, expires_at)
    select 'preferences-link', reader.id, request.id, reader.email,
      '<' || gen_random_uuid() || '@' || ${messageDomain(config)}::text || '>', 0,
      ${now}::timestamptz, ${now}::timestamptz, ${now.add({ hours: 24 })}::timestamptz
    from reader cross join request`;
  return email;
}

/** Tables whose rows are about a reader, by the name of their column. */
async function tablesAboutReaders(sql: Sql): Promise<{ name: string; hasPaper: boolean }[]> {
  return sql<{ name: string; hasPaper: boolean }[]>`
    select c.relname as name, exists (
      select from pg_attribute a where a.attrelid = c.oid and a.attname = 'paper_id' and not a.attisdropped
    ) as "hasPaper"
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'subscriber_id' and not a.attisdropped
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    order by c.relname`;
}

/**
 * Everything that is held about a reader: their row and each that names them, in whatever table, papers with their titles. What
 * tokens there are is told, not what would let somebody in.
 */
export async function exportSubscriber(sql: Sql, subscriberId: number): Promise<Record<string, unknown[]>> {
  const held: Record<string, unknown[]> = {
    subscribers: await rowsOf(sql, sql`select to_jsonb(t) as row from subscribers t where id = ${subscriberId}`),
  };
  for (const { name, hasPaper } of await tablesAboutReaders(sql)) {
    const paper = hasPaper
      ? sql`|| (select jsonb_build_object('paper', slug, 'title', title) from papers where id = t.paper_id)`
      : sql``;
    const contents = name === "digests" ? sql`|| jsonb_build_object('contents', t.contents::jsonb)` : sql``;
    held[name] = await rowsOf(
      sql,
      sql`select to_jsonb(t) - 'hash' - 'subscriber_id' ${paper} ${contents} as row from ${sql(name)} t where subscriber_id = ${subscriberId}`,
    );
  }
  return held;
}

async function rowsOf(sql: Sql, select: ReturnType<Sql>): Promise<unknown[]> {
  const rows = await sql<{ row: unknown }[]>`select row from (${select}) as held order by row->>'id'`;
  return rows.map(({ row }) => row);
}

/**
 * Forgets a reader: their row and each that names them, in whatever table, and their mails in the local mailbox. Interests that
 * nobody else holds go with the next housekeeping. Runs in the caller's transaction: all of it or nothing.
 */
export async function eraseSubscriber(sql: Sql, subscriberId: number): Promise<void> {
  const [reader] = await sql<{ email: string }[]>`select email from subscribers where id = ${subscriberId} for update`;
  if (!reader) return;
  await sql`
    update queries q set unheld_since = to_timestamp(0)
    where id in (select query_id from interests where subscriber_id = ${subscriberId})
      and not exists (select from interests i where i.query_id = q.id and i.subscriber_id <> ${subscriberId})`;
  await sql`
    delete from mailbox where recipients && (
      select array_agg(email) from (
        select ${reader.email}::text as email union
        select old_email from address_changes where subscriber_id = ${subscriberId} and confirmed_at is not null
      ) as own
    )`;
  for (const { name } of await tablesAboutReaders(sql))
    await sql`delete from ${sql(name)} where subscriber_id = ${subscriberId}`;
  await sql`delete from subscribers where id = ${subscriberId}`;
}
