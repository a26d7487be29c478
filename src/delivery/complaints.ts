import type { Sql } from "../db.ts";

/**
 * What share of complaints providers bear. Google and Yahoo ask senders to stay under 0.1% and deliver no more to the inbox over
 * 0.3%: better to wait until somebody has looked. Readers are counted, not reports, so that one of them can't stop the mail of
 * all, and a few of them must agree, so that a small installation is not stopped by one.
 */
export const complaintLimits = { alarm: 0.001, pause: 0.003, readers: 3, days: 7 };

/** Digests wait from here on if too many readers complained. Call it after a complaint is committed, so that each sees the others. */
export async function pauseOnComplaints(sql: Sql, now: Temporal.Instant): Promise<boolean> {
  const share = await readShare(sql, now, complaintLimits.pause);
  if (!share) return false;
  const result = await sql`
    insert into digest_pauses (paused_at, reason) values (${now}, ${inWords(share)})
    on conflict ((resumed_at is null)) where resumed_at is null do nothing`;
  return result.count > 0;
}

/** Lets digests go again; complaints until now count no more. False: they were not paused. */
export async function resumeDigests(sql: Sql, now: Temporal.Instant): Promise<boolean> {
  const result = await sql`update digest_pauses set resumed_at = ${now} where resumed_at is null`;
  return result.count > 0;
}

/** What `status` says of complaints, with the remedy. */
export async function complaintProblems(sql: Sql, now: Temporal.Instant): Promise<string[]> {
  const [pause] = await sql<{ paused_at: Temporal.Instant; reason: string }[]>`
    select paused_at, reason from digest_pauses where resumed_at is null`;
  if (pause)
    return [
      `Digests are paused since ${pause.paused_at.toString({ smallestUnit: "second" })}: ${pause.reason}. ` +
        "Look at what was sent and to whom, then run: npm run cli -- resume",
    ];
  const share = await readShare(sql, now, complaintLimits.alarm);
  if (!share) return [];
  return [
    `${inWords(share)}. Providers want less than ${percent(complaintLimits.alarm)}; at ${percent(complaintLimits.pause)} digests pause. ` +
      "Look at who subscribed and whether they asked for it.",
  ];
}

type Share = { readers: number; mails: number };

/**
 * The mails sent of late and the readers who complained of one of them, when their share is over `limit`. A mail that is not kept
 * any more is none of these. No more mails are counted than decide it: a few thousand of millions.
 */
async function readShare(sql: Sql, now: Temporal.Instant, limit: number): Promise<Share | undefined> {
  const [window] = await sql<{ since: Temporal.Instant }[]>`
    select greatest(${now.subtract({ hours: 24 * complaintLimits.days })}::timestamptz, max(resumed_at)) as since from digest_pauses`;
  const { since } = window as { since: Temporal.Instant };
  const [complaints] = await sql<{ readers: number }[]>`
    select count(distinct r.subscriber_id)::int as readers from reports r left join outbox o on o.id = r.outbox_id
    where r.kind = 'complaint' and r.received_at > ${since}
      and (r.outbox_id is null or coalesce(o.settled_at, o.created_at) > ${since})`;
  const readers = complaints?.readers ?? 0;
  if (readers < complaintLimits.readers) return undefined;
  const enough = Math.ceil(readers / limit);
  const [sent] = await sql<{ mails: number }[]>`
    select count(*)::int as mails from (
      select from outbox where state = 'sent' and settled_at > ${since} limit ${enough}
    ) as recent`;
  const mails = sent?.mails ?? 0;
  return readers > limit * mails ? { readers, mails } : undefined;
}

function inWords({ readers, mails }: Share): string {
  const share = mails > 0 ? ` (${percent(readers / mails)})` : "";
  return `${readers} readers complained of ${mails} mails sent in the last ${complaintLimits.days} days${share}`;
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))}%`;
}
