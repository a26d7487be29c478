import type { Sql } from "../db.ts";
import type { Log } from "../log.ts";
import { isTimeZone, lastSlot, nextSlot, type Schedule } from "./schedule.ts";

/** A reader who is due, and the edition that is. Dates as ISO text. */
export type DueReader = {
  id: number;
  email: string;
  editions: number;
  limit: number;
  trending: boolean;
  /** Nothing was planned for them yet. */
  first: boolean;
  plannedBatchId: number;
  /** The reader's own date that the edition is for, and when the one after it is due. */
  date: string;
  nextDueAt: string;
  /** They have had the edition of that date: what is new waits for the next one. */
  hasEdition: boolean;
};

/**
 * Locks readers who are due, those who wait longest first, and reckons their dates. A reader with an interest that no
 * batch up to `batch` has matched waits: their first digest would be missing papers.
 */
export async function claimDueReaders(
  sql: Sql,
  log: Log,
  { now, batch, most }: { now: Temporal.Instant; batch: number; most: number },
): Promise<DueReader[]> {
  const rows = await sql<ClaimedReader[]>`
    select s.id, s.email, s.editions, s.paper_limit as "limit", s.trending, s.planned_at is null as first,
      s.planned_batch_id as "plannedBatchId", s.edition_date::text as "editionDate", s.cadence, s.weekday, s.hour, s.timezone
    from subscribers s
    where s.status = 'active' and s.next_due_at <= ${now}
      and s.id not in (select i.subscriber_id from queries q join interests i on i.query_id = q.id
        where q.batch_id is null or q.batch_id > ${batch})
    order by s.next_due_at, s.id limit ${most}
    for no key update of s skip locked`;
  return dateReaders(rows, now, log);
}

/** How many readers are due; `most` stands for more. */
export async function countDueReaders(sql: Sql, now: Temporal.Instant, most: number): Promise<number> {
  const [row] = await sql<{ due: number }[]>`
    select count(*)::int as due from (
      select from subscribers where status = 'active' and next_due_at <= ${now} limit ${most}
    ) as waiting`;
  return row?.due ?? 0;
}

type ClaimedReader = Omit<DueReader, "date" | "nextDueAt" | "hasEdition"> & Schedule & { editionDate: string | null };

/** Dates are reckoned once for each schedule, not for each reader. */
function dateReaders(readers: ClaimedReader[], now: Temporal.Instant, log: Log): DueReader[] {
  const known = new Map<string, { date: string; nextDueAt: string }>();
  return readers.map((reader) => {
    const { cadence, weekday, hour, timezone, first, editionDate } = reader;
    const key = `${cadence} ${weekday} ${hour} ${timezone} ${first}`;
    const dates = known.getOrInsertComputed(key, () => {
      const schedule = { cadence, weekday, hour, timezone: knownZone(timezone, log) };
      // The first digest comes when the reader confirms, not at a slot; it is the edition of that day.
      const date = first ? now.toZonedDateTimeISO(schedule.timezone).toPlainDate() : lastSlot(schedule, now).date;
      return { date: date.toString(), nextDueAt: nextSlot(schedule, now, date).at.toString() };
    });
    const hasEdition = editionDate !== null && editionDate >= dates.date;
    if (!hasEdition) return { ...reader, ...dates, hasEdition };
    const schedule = { cadence, weekday, hour, timezone: knownZone(timezone, log) };
    const next = nextSlot(schedule, now, Temporal.PlainDate.from(editionDate));
    return { ...reader, date: dates.date, nextDueAt: next.at.toString(), hasEdition };
  });
}

/** A zone that this program's calendar does not know must not keep the other readers waiting: it counts as UTC. */
function knownZone(timezone: string, log: Log): string {
  if (isTimeZone(timezone)) return timezone;
  log.warn({ timezone }, "a reader's time zone is not known; UTC is taken for it");
  return "UTC";
}

/** Moves the readers on: to their next date, and behind the batches that were planned unless they had their edition already. */
export async function advanceReaders(
  sql: Sql,
  readers: DueReader[],
  { digested, batch, now }: { digested: Set<number>; batch: number; now: Temporal.Instant },
): Promise<void> {
  const bit = (value: boolean) => (value ? 1 : 0);
  await sql`
    update subscribers s set next_due_at = r.next_due_at,
      planned_at = case when r.had = 1 then s.planned_at else ${now}::timestamptz end,
      planned_batch_id = case when r.had = 1 then s.planned_batch_id else ${batch} end,
      editions = s.editions + r.gets,
      edition_date = case when r.gets = 1 then r.date else s.edition_date end
    from unnest(${readers.map((it) => it.id)}::bigint[], ${readers.map((it) => it.nextDueAt)}::timestamptz[],
      ${readers.map((it) => it.date)}::date[], ${readers.map((it) => bit(it.hasEdition))}::int[],
      ${readers.map((it) => bit(digested.has(it.id)))}::int[]) as r (id, next_due_at, date, had, gets)
    where s.id = r.id`;
}
