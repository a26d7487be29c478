import type { Context } from "../context.ts";
import type { Sql } from "../db.ts";
import { nextDueAt } from "../digests/next_due.ts";
import { UserError } from "../errors.ts";
import { lockReader } from "./interests.ts";

const longestDays = 366;

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

/** Mails again: at once where a date has passed meanwhile. */
export async function resume({ sql, clock }: Context, subscriberId: number): Promise<void> {
  await sql.begin(async (transaction) => {
    await lockReader(transaction, subscriberId);
    await transaction`update subscribers set paused_until = null where id = ${subscriberId}`;
    await setNextDue(transaction, subscriberId, clock());
  });
}

async function setNextDue(sql: Sql, subscriberId: number, now: Temporal.Instant): Promise<void> {
  const next = await nextDueAt(sql, subscriberId, {}, now);
  await sql`update subscribers set next_due_at = ${next} where id = ${subscriberId} and status = 'active'`;
}

function readDay(typed: string): Temporal.PlainDate {
  try {
    if (/^\d{4}-\d\d-\d\d$/.test(typed)) return Temporal.PlainDate.from(typed, { overflow: "reject" });
  } catch {
    // Such as 31 February.
  }
  throw new UserError("invalid", "Choose a day, such as 2026-12-24.", "until");
}
