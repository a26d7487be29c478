import type { Context } from "../context.ts";
import type { Sql } from "../db.ts";
import { addressKey } from "../subscribers/address.ts";
import { lockReader } from "../subscribers/interests.ts";
import { suppress } from "../subscribers/suppress.ts";
import { endMail } from "../subscribers/unsubscribe.ts";
import { deriveToken, findToken } from "../token.ts";
import { type Consequence, consequenceOf, type ReturnedMail, softScore } from "./consequences.ts";
import type { Report } from "./report.ts";
import type { ReturnAddress } from "./return_address.ts";

/** More reports about one reader in a day than this wait, so that nobody keeps us busy with the address in a mail of theirs. */
const reportsADay = 20;

/** Whom a report is about: the mail that it names, or for an address for leaving the reader alone. */
export type Subject = {
  subscriberId: number;
  outboxId: number | null;
  digestId: number | null;
  email: string;
  status: string;
  mail: ReturnedMail | undefined;
};

/**
 * The mail or reader that a return address names. Undefined: we sent no such mail, or it is an address for leaving that came
 * to one that nothing goes to any more.
 */
export async function findSubject(
  sql: Sql,
  { config, clock }: Pick<Context, "config" | "clock">,
  to: ReturnAddress,
): Promise<Subject | undefined> {
  if (to.kind === "bounce") {
    const subject = await findMailSubject(sql, to.id);
    return subject || !to.otherwise ? subject : findSubject(sql, { config, clock }, to.otherwise);
  }
  if (to.kind !== "unsubscribe") return undefined;
  // The same rule as for the link beside it.
  const link = deriveToken(config.secret, "unsubscribe", to.id, to.moves);
  const holder = await findToken(sql, "unsubscribe", link, clock());
  return holder && !holder.moved ? findReaderSubject(sql, to.id) : undefined;
}

async function findReaderSubject(sql: Sql, subscriberId: number): Promise<Subject | undefined> {
  const [row] = await sql<{ email: string; status: string }[]>`
    select email, status from subscribers where id = ${subscriberId}`;
  return row && { subscriberId, outboxId: null, digestId: null, ...row, mail: undefined };
}

/** The mail that a report is about, if a server may ever have had it. */
async function findMailSubject(sql: Sql, id: number): Promise<Subject | undefined> {
  const [row] = await sql<
    (Omit<Subject, "outboxId" | "mail"> & { key: string; kind: string; confirmedSince: boolean | null })[]
  >`
    select o.subscriber_id as "subscriberId", o.email, s.email_key as key, s.status, o.kind,
      case when o.kind = 'digest' then o.subject_id end as "digestId", o.created_at < s.confirmed_at as "confirmedSince"
    from outbox o join subscribers s on s.id = o.subscriber_id where o.id = ${id} and o.attempts > 0`;
  if (!row) return undefined;
  const { kind, key, confirmedSince, ...rest } = row;
  const movedSince = addressKey(row.email) !== key;
  return { ...rest, outboxId: id, mail: { kind, confirmedSince: confirmedSince ?? false, movedSince } };
}

/** The number of the mail with this Message-ID. Looks through all mails: for a person who asks, not for each report. */
export async function findMail(sql: Sql, messageId: string | undefined): Promise<number | undefined> {
  const [row] = await sql<{ id: number }[]>`select id from outbox where message_id = ${messageId ?? ""}`;
  return row?.id;
}

/** Whether so many reports about a reader came within a day that the next has to wait. */
export async function isBusy(sql: Sql, subscriberId: number, now: Temporal.Instant): Promise<boolean> {
  const [row] = await sql<{ times: number }[]>`
    select coalesce(sum(times), 0)::int as times from reports
    where subscriber_id = ${subscriberId} and last_received_at > ${now.subtract({ hours: 24 })}`;
  return (row?.times ?? 0) >= reportsADay;
}

export type Settled = Consequence & {
  /** It was known already, and did nothing more. */
  again: boolean;
  suppressed: boolean;
  /** Of a soft bounce: the score with it. */
  score?: number;
};

/**
 * Keeps what a report says and does what it leads to, in the caller's transaction. Repeating it does nothing more: a sender that
 * did not hear our answer sends it again.
 */
export async function settleReport(
  sql: Sql,
  { config, clock }: Pick<Context, "config" | "clock">,
  to: ReturnAddress,
  subject: Subject,
  report: Report,
): Promise<Settled> {
  const { subscriberId, email } = subject;
  // Reports about one reader one after another, and before planning or after it.
  await lockReader(sql, subscriberId);
  const now = clock();
  const consequence = consequenceOf(report, to.kind, subject.mail);
  const again = await keepReport(sql, subject, consequence, now);
  if (consequence.does === "unsubscribe") await endMail(sql, subscriberId, now);
  if (again) return { ...consequence, again, suppressed: false };
  const score = consequence.does === "score" ? await readSoftScore(sql, subscriberId) : undefined;
  const suppressed = consequence.does === "suppress" || (score ?? 0) >= softScore.limit;
  if (suppressed) {
    const reason = consequence.kind === "complaint" ? "complaint" : "bounce";
    await suppress(sql, config.secret, { emails: [email], reason, result: `suppressed: ${consequence.detail}`, now });
  }
  return { ...consequence, again, suppressed, ...(score === undefined ? {} : { score }) };
}

/** Answers whether it was there already. The day's count starts anew after a day of quiet. */
async function keepReport(
  sql: Sql,
  { subscriberId, outboxId, digestId }: Subject,
  { kind, detail }: Consequence,
  now: Temporal.Instant,
): Promise<boolean> {
  const [row] = await sql<{ again: boolean }[]>`
    insert into reports (subscriber_id, outbox_id, digest_id, kind, detail, received_at, last_received_at)
    values (${subscriberId}, ${outboxId}, ${digestId}, ${kind}, ${detail}, ${now}, ${now})
    on conflict (subscriber_id, outbox_id, kind) do update set last_received_at = ${now},
      times = case when reports.last_received_at > ${now.subtract({ hours: 24 })} then reports.times else 0 end + 1
    returning xmax <> 0 as again`;
  return row?.again ?? false;
}

/** The score of the digests that came back since the reader confirmed. */
async function readSoftScore(sql: Sql, subscriberId: number): Promise<number> {
  const [row] = await sql<{ score: number }[]>`
    with bounced as (
      select d.local_date from reports r
      join digests d on d.id = r.digest_id
      join subscribers s on s.id = r.subscriber_id
      where r.subscriber_id = ${subscriberId} and r.kind = 'soft' and d.planned_at >= s.confirmed_at
      order by d.local_date desc limit 50
    )
    select coalesce(sum(power(${softScore.kept}::float8, (
      select count(*) from digests d
      where d.subscriber_id = ${subscriberId} and d.local_date > b.local_date
        and d.local_date <= (select max(local_date) from bounced)
    ))), 0)::float8 as score from bounced b`;
  return row?.score ?? 0;
}
