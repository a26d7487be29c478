import type { Database, Sql } from "../db.ts";

export type DeadLetter = {
  id: number;
  kind: string;
  email: string;
  attempts: number;
  failedAt: Temporal.Instant;
  reason: string;
};

/** Mails that have failed, newest first. */
export async function listFailed(sql: Sql, limit: number): Promise<DeadLetter[]> {
  return sql<DeadLetter[]>`
    select id, kind, email, attempts, settled_at as "failedAt", coalesce(result, 'no reason was given') as reason
    from outbox where state = 'failed' order by settled_at desc, id desc limit ${limit}`;
}

export type Requeued = {
  /** Mails that are queued again. */
  queued: number;
  /** Digests that are planned anew, with what has come since: their papers had gone back. */
  planned: number;
  /** Mails that nobody waits for: the reader has left, a later digest has the papers, or the link has expired. */
  passed: number;
};

/** Has failed mails sent after all: one, or all that there are. */
export async function requeueFailed(sql: Database, id: number | "all", now: Temporal.Instant): Promise<Requeued> {
  return sql.begin(async (transaction) => {
    const rows = await transaction<{ id: number }[]>`
      select id from outbox where state = 'failed' ${id === "all" ? sql`` : sql`and id = ${id}`} for update`;
    const ids = rows.map((row) => row.id);
    const planned = await planAnew(transaction, ids, now);
    const queued = await queueAgain(transaction, ids, now);
    return { queued, planned, passed: ids.length - planned - queued };
  });
}

async function queueAgain(sql: Sql, ids: number[], now: Temporal.Instant): Promise<number> {
  const queued = await sql`
    update outbox set state = 'queued', attempts = 0, due_at = ${now}, settled_at = null, result = null, lane = null
    where id = any(${ids}::bigint[]) and state = 'failed' and kind <> 'digest' and expires_at > ${now}`;
  return queued.count;
}

/** A digest that has failed has let go of its papers. Without it the reader's edition of that day is still to be made. */
async function planAnew(sql: Sql, ids: number[], now: Temporal.Instant): Promise<number> {
  const [row] = await sql<{ planned: number }[]>`
    with last as (
      select o.id as mail_id, d.id as digest_id, d.local_date, d.number, s.id as subscriber_id
      from outbox o join digests d on d.id = o.subject_id join subscribers s on s.id = d.subscriber_id
      where o.id = any(${ids}::bigint[]) and o.kind = 'digest' and s.status = 'active'
        and not exists (select from digests later where later.subscriber_id = s.id and later.local_date > d.local_date)
    ),
    undone as (delete from digests d using last where d.id = last.digest_id),
    due as (
      -- A first edition is the first once more, so that it waits for no hour.
      update subscribers s set next_due_at = ${now}, served_on = last.local_date - 1, editions = last.number - 1,
        planned_at = case when last.number > 1 then s.planned_at end
      from last where s.id = last.subscriber_id
    ),
    replaced as (
      update outbox o set state = 'cancelled', result = 'planned anew after: ' || coalesce(o.result, '')
      from last where o.id = last.mail_id
    )
    select count(*)::int as planned from last`;
  return row?.planned ?? 0;
}

/** What a person can do about mails that failed so. */
export function remedyFor(reason: string): string {
  return remedies.find(([pattern]) => pattern.test(reason))?.[1] ?? usualRemedy;
}

const usualRemedy = "When that is mended: npm run cli -- outbox --requeue all";

const remedies: [RegExp, string][] = [
  [/could not be (?:rendered|composed)/, "This is a fault in Paper Round; the log says more."],
  [/SMTPUTF8/, "Name a server in SMTP_URL that has SMTPUTF8."],
  [/^\d{3}[ -]5\.1\./, "There are no such addresses, and nothing more is sent to them."],
  [/^given up/, "Their papers come with the next digest. Look at SMTP_URL and its server."],
];
