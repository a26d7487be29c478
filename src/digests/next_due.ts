import type { Sql } from "../db.ts";
import { dueAfterChange, nextSlot, type Schedule } from "./schedule.ts";

/**
 * When a reader's next digest is due once these parts of their schedule are as wanted. Lock the reader before: nothing is
 * written here.
 */
export async function nextDueAt(
  sql: Sql,
  subscriberId: number,
  wanted: Partial<Schedule>,
  now: Temporal.Instant,
): Promise<Temporal.Instant> {
  const [row] = await sql<
    (Schedule & { first: boolean; servedOn: Temporal.PlainDate | null; pausedUntil: Temporal.PlainDate | null })[]
  >`
    select cadence, weekday, hour, timezone, planned_at is null as first, served_on as "servedOn", paused_until as "pausedUntil"
    from subscribers where id = ${subscriberId}`;
  if (!row) return now;
  const schedule = { ...row, ...wanted };
  const due = row.first ? now : dueAfterChange(schedule, row.servedOn, now);
  const today = now.toZonedDateTimeISO(schedule.timezone).toPlainDate();
  if (!row.pausedUntil || Temporal.PlainDate.compare(row.pausedUntil, today) <= 0) return due;
  // The first of the day on which the pause ends, or after.
  const resumed = nextSlot(schedule, now, row.pausedUntil.subtract({ days: 1 })).at;
  return Temporal.Instant.compare(due, resumed) > 0 ? due : resumed;
}
