import type { Sql } from "../db.ts";
import { refusalLimits } from "./refusals.ts";

/** Minutes until one mail is tried again, doubled with each time that the server refuses us anew. */
const pause = { firstMinutes: 1, mostMinutes: 15 };

/** The mail server refuses us. `times` is how often all senders have stopped for it; none: a single mail has met it so far. */
export type Pause = { reason: string; since: Temporal.Instant; until: Temporal.Instant; times: number };

/** The pause that there is, if there is one. When its time is over it goes on until the server takes a mail. */
export async function readPause(sql: Sql): Promise<Pause | undefined> {
  const [row] = await sql<Pause[]>`select reason, since, until, times from sending_pause`;
  return row;
}

/**
 * Stops all senders, longer each time until the server takes a mail. Those who find out together stop them once. With a `mailId`
 * it takes two different mails to do so. Answers whether they have stopped.
 */
export async function pauseSending(
  sql: Sql,
  it: { reason: string; mailId: number | undefined; now: Temporal.Instant },
): Promise<boolean> {
  const { reason, now } = it;
  const mailId = it.mailId ?? null;
  const first = mailId === null ? 1 : 0;
  await sql`
    insert into sending_pause as p (reason, mail_id, since, until, times)
    values (${reason}, ${mailId}, ${now}, ${now.add({ minutes: first * pause.firstMinutes })}, ${first})
    on conflict (only_one) do update set reason = excluded.reason, mail_id = excluded.mail_id, times = p.times + 1,
      until = ${now}::timestamptz + least(${pause.firstMinutes} * 2 ^ p.times, ${pause.mostMinutes}) * interval '1 minute'
    where p.until <= ${now} and (excluded.mail_id is null or p.mail_id is distinct from excluded.mail_id)`;
  return isPausedAt(await readPause(sql), now);
}

/** Whether no mail may be sent, not even to try. */
export function isPausedAt(pause: Pause | undefined, now: Temporal.Instant): pause is Pause {
  return pause !== undefined && Temporal.Instant.compare(now, pause.until) < 0;
}

/**
 * Ends the pause: a mail was taken, or a person says so. What was refused shortly before and in it was the server's fault, and
 * tells nothing of addresses. Answers whether there was one.
 */
export async function resumeSending(sql: Sql): Promise<boolean> {
  const ended = await sql`
    with ended as (delete from sending_pause returning since, times),
    forgotten as (
      update outbox o set refused_at = null
      from ended where ended.times > 0 and o.refused_at > ended.since - ${refusalLimits.minutes} * interval '1 minute'
    )
    select from ended`;
  return ended.count > 0;
}
