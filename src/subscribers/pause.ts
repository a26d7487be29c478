import type { Context } from "../context.ts";
import type { Fragment, Sql } from "../db.ts";
import { nextSlot, type Schedule } from "../digests/schedule.ts";
import { UserError } from "../errors.ts";
import { lockReader } from "./interests.ts";

const longestDays = 366;

/** The last date that subscriber `s` gets no further edition for: of the newest one, or the eve of the day they paused until. */
export function lastDate(sql: Sql): Fragment {
  return sql`greatest((select max(local_date) from digests where subscriber_id = s.id), s.paused_until - 1)`;
}

/** No mails until a day, on which the best of what came meanwhile is sent. Throws `UserError` when that is no day to come. */
export async function pause({ sql, clock }: Context, subscriberId: number, typed: string): Promise<Temporal.PlainDate> {
  const until = readDay(typed);
  await sql.begin(async (transaction) => {
    await lockReader(transaction, subscriberId);
    const [reader] = await transaction<
      { timezone: string }[]
    >`select timezone from subscribers where id = ${subscriberId}`;
    const today = clock()
      .toZonedDateTimeISO(reader?.timezone ?? "UTC")
      .toPlainDate();
    const days = today.until(until, { largestUnit: "days" }).days;
    if (days < 1) throw new UserError("invalid", "Choose a day to come.", "until");
    if (days > longestDays) throw new UserError("invalid", "Choose a day within a year.", "until");
    await transaction`update subscribers set paused_until = ${until} where id = ${subscriberId}`;
    await setNextDue(transaction, subscriberId, clock());
  });
  return until;
}

/** Mails from the next hour on that the reader chose. */
export async function resume({ sql, clock }: Context, subscriberId: number): Promise<void> {
  await sql.begin(async (transaction) => {
    await lockReader(transaction, subscriberId);
    await transaction`update subscribers set paused_until = null where id = ${subscriberId}`;
    await setNextDue(transaction, subscriberId, clock());
  });
}

async function setNextDue(sql: Sql, subscriberId: number, now: Temporal.Instant): Promise<void> {
  const [reader] = await sql<(Schedule & { last: Temporal.PlainDate | null })[]>`
    select cadence, weekday, hour, timezone, ${lastDate(sql)} as last from subscribers s
    where id = ${subscriberId} and status = 'active'`;
  if (!reader) return;
  await sql`
    update subscribers set next_due_at = ${nextSlot(reader, now, reader.last ?? undefined).at} where id = ${subscriberId}`;
}

function readDay(typed: string): Temporal.PlainDate {
  try {
    if (/^\d{4}-\d\d-\d\d$/.test(typed)) return Temporal.PlainDate.from(typed, { overflow: "reject" });
  } catch {
    // Such as 31 February.
  }
  throw new UserError("invalid", "Choose a day, such as 2026-12-24.", "until");
}
