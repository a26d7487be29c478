import type { Fragment, Sql } from "../db.ts";
import type { Log } from "../log.ts";
import { dueEdition, isTimeZone, type Schedule } from "./schedule.ts";

/** A reader who is due, and the edition that is. */
export type DueReader = Turn & {
  dates: Dates;
  email: string;
  editions: number;
  limit: number;
  trending: boolean;
  /** They ask for news of papers that they have had. */
  notes: boolean;
  /** They want a note when there is nothing to read. */
  allIsWell: boolean;
  /** How many papers they voted on. */
  votes: number;
  /** Nothing was planned for them yet. */
  first: boolean;
  /** When something last was, in seconds of the epoch; 0 when nothing was. */
  planned: number;
  plannedBatchId: number;
};

/** Where a reader stands among those who wait, who waits longest first. `dueAt` is as PostgreSQL tells it. */
export type Turn = { dueAt: string; id: number };

/** As `dueEdition` says them, as ISO text. */
type Dates = {
  /** The reader's own date that the edition is for; none when they have had it: what is new waits for the next one. */
  date: string | undefined;
  next: string;
  /** The date that they were served for when there is nothing to read, and when they are due again then. */
  empty: { date: string; next: string };
};

/**
 * Locks readers who are due, those who wait longest first, and reckons their dates. A reader with an interest that no
 * batch up to `batch` has matched waits: their first digest would be missing papers. So does one who was due after `through`,
 * unless it is for a first digest. Only those `behind` a turn are looked at, where one is given.
 */
export async function claimDueReaders(
  sql: Sql,
  log: Log,
  { now, through, batch, most, behind }: Wanted & { behind?: Turn | undefined },
): Promise<DueReader[]> {
  const isBehind = behind
    ? sql`and (s.next_due_at, s.id) > (${behind.dueAt}::timestamptz, ${behind.id}::bigint)`
    : sql``;
  const due = (which: Fragment, limit: Fragment) => sql`
    select s.id, s.email, s.editions, s.paper_limit as "limit", s.trending, s.votes, s.notes, s.all_is_well as "allIsWell",
      s.planned_at is null as first, coalesce(date_part('epoch', s.planned_at), 0) as planned, s.planned_batch_id as "plannedBatchId",
      s.next_due_at::text as "dueAt", s.served_on::text as "servedOn", s.cadence, s.weekday, s.hour, s.timezone
    from subscribers s
    where s.status = 'active' and ${which} ${isBehind}
      and s.id not in (select i.subscriber_id from queries q join interests i on i.query_id = q.id
        where q.batch_id is null or q.batch_id > ${batch})
    order by s.next_due_at, s.id limit ${limit}
    for no key update of s skip locked`;
  const timely = due(sql`s.next_due_at <= ${through}`, sql`${most}`);
  if (Temporal.Instant.compare(through, now) >= 0) return dateReaders(await sql<ClaimedReader[]>`${timely}`, now, log);
  // Those who are held are many; an index of their own leads to the few among them who are new.
  const rows = await sql<ClaimedReader[]>`
    with timely as (${timely}),
    first as (${due(firstSince(sql, through, now), sql`${most} - (select count(*) from timely)`)})
    select * from timely union all select * from first`;
  return dateReaders(rows, now, log);
}

/** Readers who were due `through` this time, of those for whom matches through this batch are enough, and how many at most. */
type Wanted = { now: Temporal.Instant; through: Temporal.Instant; batch: number; most: number };

/** How many readers there are to claim; `most` stands for more. Those whose interests are to be matched first are among them. */
export async function countDueReaders(
  sql: Sql,
  { now, through, most }: { now: Temporal.Instant; through: Temporal.Instant; most: number },
): Promise<number> {
  const [row] = await sql<{ due: number }[]>`
    select count(*)::int as due from (
      select from subscribers s where s.status = 'active' and s.next_due_at <= ${through}
      union all
      select from subscribers s where s.status = 'active' and ${firstSince(sql, through, now)}
      limit ${most}
    ) as waiting`;
  return row?.due ?? 0;
}

/** Due in this time, and nothing was planned for them yet. */
function firstSince(sql: Sql, after: Temporal.Instant, now: Temporal.Instant): Fragment {
  return sql`s.next_due_at > ${after} and s.next_due_at <= ${now} and s.planned_at is null`;
}

type ClaimedReader = Omit<DueReader, "dates"> & Schedule & { servedOn: string | null };

/** Dates are reckoned once for all who are alike. */
function dateReaders(readers: ClaimedReader[], now: Temporal.Instant, log: Log): DueReader[] {
  const known = new Map<string, Dates>();
  return readers.map((reader) => {
    const { cadence, weekday, hour, timezone, first, servedOn } = reader;
    const key = `${cadence} ${weekday} ${hour} ${timezone} ${first} ${servedOn}`;
    const dates = known.getOrInsertComputed(key, () => {
      const schedule = { cadence, weekday, hour, timezone: knownZone(timezone, log) };
      const before = servedOn === null ? null : Temporal.PlainDate.from(servedOn);
      const { date, next, empty } = dueEdition(schedule, { servedOn: before, first }, now);
      return {
        date: date?.toString(),
        next: next.toString(),
        empty: { date: empty.date.toString(), next: empty.next.toString() },
      };
    });
    return Object.assign(reader, { dates });
  });
}

/** A zone that this program's calendar does not know must not keep the other readers waiting: it counts as UTC. */
function knownZone(timezone: string, log: Log): string {
  if (isTimeZone(timezone)) return timezone;
  log.warn({ timezone }, "a reader's time zone is not known; UTC is taken for it");
  return "UTC";
}

/**
 * Which readers have a digest of this date already: a clock was ahead once, and this is a date that it had reached. That is rare:
 * it is asked only where writing their digests has failed for it.
 */
export async function findDated(sql: Sql, readers: DueReader[]): Promise<Set<number>> {
  const rows = await sql<{ id: number }[]>`
    select r.id from unnest(${readers.map((it) => it.id)}::bigint[], ${readers.map((it) => it.dates.date ?? null)}::date[]) as r (id, date)
    join digests d on d.subscriber_id = r.id and d.local_date = r.date`;
  return new Set(rows.map((row) => row.id));
}

/** Whether planning failed because of readers who have a digest of the date already. */
export function isOfDated(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { constraint_name: broken } = error as { constraint_name?: string };
  return broken === "digests_subscriber_id_local_date_key" || isOfDated(error.cause);
}

/**
 * Moves the readers on. Who has had this edition already keeps their place in the matches: what is new waits for the next one.
 * Who found nothing is served for the date all the same.
 */
export async function advanceReaders(
  sql: Sql,
  readers: DueReader[],
  { digested, dated, batch, now }: { digested: Set<number>; dated: Set<number>; batch: number; now: Temporal.Instant },
): Promise<void> {
  const hasDigest = ({ id }: DueReader) => digested.has(id) || dated.has(id);
  const moves = readers.map((reader) => {
    const { date: due, next: afterDue, empty } = reader.dates;
    const { next, date } = hasDigest(reader) && due ? { next: afterDue, date: due } : empty;
    const isPlanned = due !== undefined && !dated.has(reader.id);
    return { id: reader.id, next, date, isPlanned, editions: digested.has(reader.id) ? 1 : 0 };
  });
  // Who is due at one instant is moved alike, but for zones and cadences: some statements, and some hundred where an import comes due.
  const alike = Map.groupBy(moves, (it) => `${it.next} ${it.date} ${it.isPlanned} ${it.editions}`);
  for (const moved of alike.values()) {
    const { next, date, isPlanned, editions } = moved[0] as (typeof moves)[0];
    await sql`
      update subscribers set next_due_at = ${next}, served_on = ${date}, editions = editions + ${editions}
        ${isPlanned ? sql`, planned_at = ${now}, planned_batch_id = ${batch}` : sql``}
      where id = any(${moved.map((it) => it.id)}::bigint[])`;
  }
}
