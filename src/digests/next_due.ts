import type { Sql } from "../db.ts";
import { dueAfterChange, type Schedule } from "./schedule.ts";

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
  const [row] = await sql<(Schedule & { first: boolean; servedOn: Temporal.PlainDate | null })[]>`
    select cadence, weekday, hour, timezone, planned_at is null as first, served_on as "servedOn"
    from subscribers where id = ${subscriberId}`;
  return row && !row.first ? dueAfterChange({ ...row, ...wanted }, row.servedOn, now) : now;
}
