import type { Sql } from "../db.ts";

/** Minutes until one mail is tried again, doubled with each time that the server refuses us anew. */
const pause = { firstMinutes: 1, mostMinutes: 60 };

/** All senders have stopped, or try one mail at a time since it is over. */
export type Pause = { reason: string; since: Temporal.Instant; until: Temporal.Instant; times: number };

/** The pause that there is, if there is one, over or not: it ends when the server takes a mail. */
export async function readPause(sql: Sql): Promise<Pause | undefined> {
  const [row] = await sql<Pause[]>`select reason, since, until, times from sending_pause`;
  return row;
}

/** Stops all senders, and longer when they were stopped before for this. Those who find out together stop them once. */
export async function pauseSending(sql: Sql, reason: string, now: Temporal.Instant): Promise<void> {
  await sql`
    insert into sending_pause (reason, since, until, times)
    values (${reason}, ${now}, ${now.add({ minutes: pause.firstMinutes })}, 1)
    on conflict (only_one) do update set reason = excluded.reason, times = sending_pause.times + 1,
      until = excluded.since + least(${pause.firstMinutes} * 2 ^ sending_pause.times, ${pause.mostMinutes}) * interval '1 minute'
    where sending_pause.until <= excluded.since`;
}

/** Ends the pause: a mail was taken, or a person says so. Answers whether there was one. */
export async function resumeSending(sql: Sql): Promise<boolean> {
  const ended = await sql`delete from sending_pause`;
  return ended.count > 0;
}
