import type { Sql } from "../db.ts";
import { listingDatesAround, type Period } from "../papers/search.ts";
import { dateInWords, dayInWords } from "../papers/words.ts";

export const units = ["date", "week", "month"] as const;
type Unit = (typeof units)[number];

/** A day, an ISO week or a month as it stands in an address, and its days. */
export type NamedPeriod = Period & { unit: Unit; name: string; words: string };

export const periodHelp = "Write a date as 2026-11-20, a week as 2026-W47, a month as 2026-11.";

/** Reads `date=2026-11-20`, `week=2026-W47` or `month=2026-11`, the first that is there. Throws `RangeError` on anything else. */
export function readPeriod(query: Partial<Record<Unit, string>>): NamedPeriod | undefined {
  const unit = units.find((it) => query[it]);
  if (!unit) return undefined;
  const text = query[unit] as string;
  // Only years that a database knows, and no calendar but the one that papers are dated in.
  if (!/^(19|20|21)\d\d-W?\d\d(-\d\d)?$/.test(text)) throw new RangeError(`${text} is no period`);
  if (unit === "date") return periodOf("date", Temporal.PlainDate.from(text, { overflow: "reject" }));
  if (unit === "month")
    return periodOf("month", Temporal.PlainYearMonth.from(text, { overflow: "reject" }).toPlainDate({ day: 1 }));
  const [, year, number] = /^(\d{4})-W(\d\d)$/.exec(text) ?? [];
  if (!year || !number) throw new RangeError(`${text} is no week`);
  // The week of 4 January is the first of the year (ISO 8601).
  const week = periodOf("week", Temporal.PlainDate.from(`${year}-01-04`).add({ weeks: Number(number) - 1 }));
  if (week.name !== text) throw new RangeError(`${year} has no week ${number}`);
  return week;
}

/** The day, week or month that a date is in. */
export function periodOf(unit: Unit, date: Temporal.PlainDate): NamedPeriod {
  if (unit === "date") return { unit, name: date.toString(), from: date, to: date, words: dateInWords(date) };
  if (unit === "month") {
    const from = date.with({ day: 1 });
    const words = date.toLocaleString("en-GB", { month: "long", year: "numeric" });
    return {
      unit,
      name: date.toPlainYearMonth().toString(),
      from,
      to: from.add({ months: 1 }).subtract({ days: 1 }),
      words,
    };
  }
  const from = date.subtract({ days: date.dayOfWeek - 1 });
  const to = from.add({ days: 6 });
  const name = `${date.yearOfWeek}-W${String(date.weekOfYear).padStart(2, "0")}`;
  const words = `Week ${date.weekOfYear}, ${from.month === to.month ? from.day : dayInWords(from).replace(/ \d+$/, "")} to ${dayInWords(to)}`;
  return { unit, name, from, to, words };
}

/** The nearest periods of the same length, before and after, in which papers were listed: no empty weekend stands between. */
export async function periodsAround(
  sql: Sql,
  period: NamedPeriod,
  today: Temporal.PlainDate,
): Promise<{ before: NamedPeriod | undefined; after: NamedPeriod | undefined }> {
  const { before, after } = await listingDatesAround(sql, period, today);
  return { before: before && periodOf(period.unit, before), after: after && periodOf(period.unit, after) };
}
