import type { Database, Fragment, Sql } from "../db.ts";
import { suppress } from "../subscribers/suppress.ts";
import type { MailKind } from "./outbox.ts";
import { findGone } from "./refusals.ts";
import type { Settlement } from "./settlement.ts";

export type SettledMail = Settlement & { id: number; kind: MailKind };

type Who = { holder: string; now: Temporal.Instant };

/**
 * Writes what became of mails, each kind in one statement, except of those that somebody else has taken over since. The papers of
 * a digest that failed go back to the reader's next one.
 */
export async function settleMails(sql: Database, secret: string, who: Who, mails: SettledMail[]): Promise<void> {
  const sent = mails.filter((it) => it.state === "sent");
  if (sent.length > 0) await settleSent(sql, who, sent);
  const again = mails.filter((it) => it.state === "queued" || it.state === "unknown");
  if (again.length > 0) await settleAgain(sql, who, again);
  const failed = mails.filter((it) => it.state === "failed");
  const doubtful = mails.filter((it) => it.state === "doubtful");
  if (failed.length + doubtful.length === 0) return;
  await sql.begin(async (transaction) => {
    const ids = await findGone(
      transaction,
      doubtful.map((it) => ({ id: it.id, isLast: it.dueAt === undefined })),
    );
    const isOver = (it: { id: number; dueAt?: Temporal.Instant }) => ids.has(it.id) || it.dueAt === undefined;
    const over = doubtful.filter(isOver).map((it) => ({ ...it, refused: true }));
    await settleFailed(transaction, who, [...failed, ...over]);
    const kept = doubtful.filter((it) => !isOver(it));
    if (kept.length > 0) await settleAgain(transaction, who, kept);
    const emails = await selectAddresses(transaction, [...ids]);
    await suppress(transaction, secret, { emails, reason: "bounce", result: "suppressed: bounce", now: who.now });
  });
}

async function selectAddresses(sql: Sql, mailIds: number[]): Promise<string[]> {
  const rows = await sql<{ email: string }[]>`select email from outbox where id = any(${mailIds}::bigint[])`;
  return rows.map((row) => row.email);
}

async function settleSent(sql: Sql, who: Who, mails: { id: number; result: string }[]): Promise<void> {
  await sql`
    update outbox o set state = 'sent', result = r.result, settled_at = ${who.now}, lease_holder = null, lease_expires_at = null
    from unnest(${mails.map((it) => it.id)}::bigint[], ${mails.map((it) => it.result)}::text[]) as r (id, result)
    where o.id = r.id and o.state = 'sending' and o.lease_holder = ${who.holder}`;
}

async function settleAgain(
  sql: Sql,
  who: Who,
  mails: Extract<SettledMail, { state: "queued" | "unknown" | "doubtful" }>[],
): Promise<void> {
  const rows = mails.map((it) => ({
    id: it.id,
    state: it.state === "unknown" ? "unknown" : "queued",
    result: it.result || null, // none: what it had stays
    due_at: it.dueAt?.toString() ?? null,
    lane: it.state === "queued" ? (it.lane ?? null) : null,
    counted: it.state !== "queued" || it.counted,
    refused_at: it.state === "doubtful" ? who.now.toString() : null,
  }));
  await sql`
    update outbox o set state = r.state, result = coalesce(r.result, o.result), attempts = o.attempts - (not r.counted)::int,
      due_at = coalesce(r.due_at, o.due_at), lane = r.lane, refused_at = coalesce(o.refused_at, r.refused_at), lease_holder = null,
      lease_expires_at = case when r.state = 'unknown' then r.due_at end
    from jsonb_to_recordset(${sql.json(rows)}) as r (id bigint, state text, result text, due_at timestamptz, lane text, counted boolean, refused_at timestamptz)
    where o.id = r.id and o.state = 'sending' and o.lease_holder = ${who.holder}`;
}

async function settleFailed(
  sql: Sql,
  who: Who,
  mails: { id: number; result: string; refused: boolean }[],
): Promise<void> {
  const refusedAt = mails.map((it) => (it.refused ? who.now.toString() : null));
  await failMails(
    sql,
    sql`
      update outbox o set state = 'failed', result = r.result, settled_at = ${who.now}, lease_holder = null, lease_expires_at = null,
        refused_at = coalesce(o.refused_at, r.refused_at)
      from unnest(${mails.map((it) => it.id)}::bigint[], ${mails.map((it) => it.result)}::text[], ${refusedAt}::timestamptz[])
        as r (id, result, refused_at)
      where o.id = r.id and o.state = 'sending' and o.lease_holder = ${who.holder}`,
  );
}

/** Gives up so many of the mails whose time is over and that nobody is sending. Answers how many they were. */
export function giveUpExpired(sql: Sql, now: Temporal.Instant, limit: number): Promise<number> {
  return failMails(
    sql,
    sql`
      update outbox o set state = 'failed', settled_at = ${now}, lease_holder = null, lease_expires_at = null,
        result = 'given up: ' || coalesce(o.result, 'it could not be sent in time')
      from (
        select id from (
          select id from outbox where state = 'queued' and expires_at <= ${now}
          order by expires_at limit ${limit} for update skip locked
        ) as queued
        union all
        select id from (
          select id from outbox where state in ('sending', 'unknown') and lease_expires_at <= ${now} and expires_at <= ${now}
          order by lease_expires_at limit ${limit} for update skip locked
        ) as held
        limit ${limit}
      ) as late
      where late.id = o.id`,
  );
}

/** In one statement: the mails fail, their digests let go of their papers, and their readers' place in the matches goes back. */
async function failMails(sql: Sql, failing: Fragment): Promise<number> {
  const [row] = await sql<{ failed: number }[]>`
    with failed as (${failing} returning o.kind, o.subject_id),
    digested as (
      select d.id, d.subscriber_id, d.after_batch_id, d.contents from failed f join digests d on f.kind = 'digest' and d.id = f.subject_id
    ),
    let_go as (
      delete from digest_papers dp using digested d cross join lateral json_array_elements(d.contents::json -> 'papers') as entry
      where dp.subscriber_id = d.subscriber_id and dp.paper_id = (entry ->> 'paper')::bigint and dp.digest_id = d.id
    ),
    set_back as (
      update subscribers s set planned_batch_id = least(s.planned_batch_id, d.after_batch_id)
      from (select subscriber_id, min(after_batch_id) as after_batch_id from digested group by subscriber_id) d
      where s.id = d.subscriber_id
    )
    select count(*)::int as failed from failed`;
  return row?.failed ?? 0;
}
