import type { Context } from "../context.ts";
import type { Sql } from "../db.ts";
import { queueDigests } from "../delivery/outbox.ts";
import type { Log } from "../log.ts";
import { trendingPapers } from "../papers/trending.ts";
import { readReceipt } from "./receipt.ts";
import { type Due, dueEdition, isTimeZone, type Schedule } from "./schedule.ts";

const readersInABatch = 2000;
/** How many trending papers a digest adds, and how many when they are all it has. */
const trendingAdded = 3;
/** Enough that a reader who has had the first ones, ten days of fifty a day, finds others. */
const trendingConsidered = 500;

/**
 * The plan stage: readers who are due get a digest, its papers, its mail and their next date, together or not at all. A reader
 * with nothing to read gets no mail. `left` is how many readers are due still.
 */
export async function plan(context: Context): Promise<{ done: number; left: number }> {
  const { sql, clock, config, log } = context;
  const now = clock();
  const result = await sql.begin(async (transaction) => {
    // Statistics lag behind when digests are written by the thousand, and a scan of all digests for each reader would follow.
    await transaction`select set_config('enable_seqscan', 'off', true)`;
    const readers = await claimDueReaders(transaction, now);
    if (readers.length === 0) return { readers: 0, digests: 0 };
    // Matches of later batches, which may be written while we plan, are left to the next digest.
    const batch = await newestBatch(transaction);
    const dated = dateReaders(withKnownZones(readers, log), now);
    const trending = await trendingPapers(transaction, now, trendingConsidered);
    const receipt = await readReceipt(transaction, config.sources);
    const digests = await writeDigests(transaction, dated, { batch, trending, receipt, now });
    await queueDigests(transaction, config, digests, now);
    await advanceReaders(transaction, dated, batch, now);
    return { readers: readers.length, digests: digests.length };
  });
  if (result.readers > 0) log.info(result, "planned digests");
  return { done: result.readers, left: result.readers > 0 ? await countDueReaders(sql, now) : 0 };
}

type DueReader = Schedule & { id: number; first: boolean; servedOn: Temporal.PlainDate | null };
type DatedReader = {
  id: number;
  /** Null: they have this edition already. */
  date: string | null;
  nextDueAt: string;
  /** The date that they are served for when there is nothing to read, and when they are due again then. */
  emptyDate: string;
  emptyNextDueAt: string;
};

/** A reader whose interests have not all been matched yet waits: their first digest would be missing papers. */
async function claimDueReaders(sql: Sql, now: Temporal.Instant): Promise<DueReader[]> {
  return sql<DueReader[]>`
    select s.id, s.cadence, s.weekday, s.hour, s.timezone, s.planned_at is null as first, s.served_on as "servedOn"
    from subscribers s
    where s.status = 'active' and s.next_due_at <= ${now}
      and not exists (
        select from interests i join queries q on q.id = i.query_id where i.subscriber_id = s.id and q.batch_id is null
      )
    order by s.next_due_at, s.id limit ${readersInABatch}
    for no key update of s skip locked`;
}

/** How many readers are due; a batch stands for more. */
async function countDueReaders(sql: Sql, now: Temporal.Instant): Promise<number> {
  const [row] = await sql<{ due: number }[]>`
    select count(*)::int as due from (
      select from subscribers where status = 'active' and next_due_at <= ${now} limit ${readersInABatch}
    ) as waiting`;
  return row?.due ?? 0;
}

async function newestBatch(sql: Sql): Promise<number> {
  const [row] = await sql<
    { id: number }[]
  >`select coalesce(max(id), 0) as id from batches where completed_at is not null`;
  return row?.id ?? 0;
}

/** A zone that this program's calendar does not know must not keep the other readers waiting: it counts as UTC. */
function withKnownZones(readers: DueReader[], log: Log): DueReader[] {
  return readers.map((reader) => {
    if (isTimeZone(reader.timezone)) return reader;
    log.warn(
      { reader: reader.id, timezone: reader.timezone },
      "a reader's time zone is not known; UTC is taken for it",
    );
    return { ...reader, timezone: "UTC" };
  });
}

/** Which date each reader's edition is for, and when the next is due: reckoned once for all who are alike. */
function dateReaders(readers: DueReader[], now: Temporal.Instant): DatedReader[] {
  const known = new Map<string, Omit<DatedReader, "id">>();
  return readers.map((reader) => {
    const { cadence, weekday, hour, timezone, first, servedOn } = reader;
    const key = [cadence, weekday, hour, timezone, first, servedOn].join(" ");
    let dates = known.get(key);
    if (!dates) {
      dates = inText(dueEdition(reader, reader, now));
      known.set(key, dates);
    }
    return { id: reader.id, ...dates };
  });
}

function inText({ date, next, empty }: Due): Omit<DatedReader, "id"> {
  return {
    date: date?.toString() ?? null,
    nextDueAt: next.toString(),
    emptyDate: empty.date.toString(),
    emptyNextDueAt: empty.next.toString(),
  };
}

/** Writes the digests that have something in them, with their papers. Answers their ids. */
async function writeDigests(
  sql: Sql,
  readers: DatedReader[],
  { batch, trending, receipt, now }: { batch: number; trending: number[]; receipt: string; now: Temporal.Instant },
): Promise<number[]> {
  const rows = readers.filter((reader) => reader.date !== null).map(({ id, date }) => ({ id, date }));
  const digests = await sql<{ id: number }[]>`
    with due as (
      select s.*, r.date from jsonb_to_recordset(${sql.json(rows)}) as r (id bigint, date date) join subscribers s using (id)
    ),
    candidates as (
      -- The best of a reader's interests that hit a paper is the first to compare: rank, place in their list.
      select s.id as subscriber_id, m.paper_id, count(*) as interests,
        max(array[m.rank, -i.position, i.id]::float8[]) as best
      from due s
      join interests i on i.subscriber_id = s.id
      join matches m on m.query_id = i.query_id
      where m.batch_id <= ${batch}
        -- An interest that is new to the reader looks back a week; the others go on from the last digest.
        and m.batch_id > case when s.planned_at is null or i.created_at > s.planned_at then i.since_batch_id else s.planned_batch_id end
        and not exists (select from digest_papers sent where sent.subscriber_id = s.id and sent.paper_id = m.paper_id)
      group by s.id, m.paper_id
    ),
    placed as (
      select subscriber_id, paper_id, best[3]::bigint as interest_id, count(*) over by_reader as matched,
        row_number() over (by_reader order by best[1] * (1 + ln(interests)) desc, paper_id desc) as place
      from candidates window by_reader as (partition by subscriber_id)
    ),
    matched as (
      select p.subscriber_id, p.paper_id, p.interest_id, p.place
      from placed p join due s on s.id = p.subscriber_id where p.place <= s.paper_limit
    ),
    totals as (
      select subscriber_id, max(matched) as matched from placed group by subscriber_id
    ),
    interested as (
      select distinct i.subscriber_id from interests i join due s on s.id = i.subscriber_id
    ),
    wanting as (
      -- Trending papers come with matches. Alone they come to who has no interests, and in a first digest.
      select s.id, case when i.subscriber_id is null then s.paper_limit else least(${trendingAdded}, s.paper_limit) end as room
      from due s left join interested i on i.subscriber_id = s.id left join totals t on t.subscriber_id = s.id
      where s.trending and (s.planned_at is null or t.subscriber_id is not null or i.subscriber_id is null)
    ),
    trends as (
      -- One by one down the list until there are enough: most readers have had none of the first.
      select w.id as subscriber_id, t.paper_id, t.place
      from wanting w
      cross join lateral (
        select trend.paper_id, trend.place from unnest(${trending}::bigint[]) with ordinality as trend (paper_id, place)
        where not exists (select from digest_papers sent where sent.subscriber_id = w.id and sent.paper_id = trend.paper_id)
          and not exists (
            select from interests i join matches m on m.query_id = i.query_id
            where i.subscriber_id = w.id and m.paper_id = trend.paper_id and m.batch_id <= ${batch}
          )
        order by trend.place limit w.room
      ) as t
    ),
    entries as (
      select subscriber_id, paper_id, place, interest_id from matched
      union all
      select subscriber_id, paper_id, 1000 + place, null from trends
    ),
    written as (
      insert into digests (subscriber_id, local_date, number, planned_at, matched, after_batch_id, batch_id, receipt)
      select s.id, s.date, s.editions + 1, ${now}::timestamptz,
        coalesce(t.matched, 0),
        case when s.planned_at is null
          then coalesce((select min(since_batch_id) from interests i where i.subscriber_id = s.id), 0) else s.planned_batch_id end,
        ${batch}, ${receipt}
      from due s left join totals t on t.subscriber_id = s.id
      where s.id in (select subscriber_id from entries)
      -- There is one only if a clock was ahead once, and this is a date that it had reached.
      on conflict (subscriber_id, local_date) do nothing
      returning id, subscriber_id
    ),
    filled as (
      insert into digest_papers (subscriber_id, paper_id, digest_id, position, query_id, interest, revision, upvotes, comments)
      select w.subscriber_id, e.paper_id, w.id, row_number() over (partition by w.id order by e.place), i.query_id, i.typed,
        p.revision, p.upvotes, p.comments
      from written w join entries e on e.subscriber_id = w.subscriber_id join papers p on p.id = e.paper_id
      left join interests i on i.id = e.interest_id
    ),
    counted as (
      update subscribers s set editions = editions + 1 from written w where w.subscriber_id = s.id
    )
    select id from written`;
  return digests.map((row) => row.id);
}

/**
 * A reader who has this edition already keeps their place in the matches: what is new waits for the next one. One who found
 * nothing is served for the date all the same.
 */
async function advanceReaders(sql: Sql, readers: DatedReader[], batch: number, now: Temporal.Instant): Promise<void> {
  await sql`
    update subscribers s set
      next_due_at = case when d.id is null then r."emptyNextDueAt" else r."nextDueAt" end,
      served_on = case when d.id is null then r."emptyDate" else r.date end,
      planned_at = case when r.date is null then s.planned_at else ${now}::timestamptz end,
      planned_batch_id = case when r.date is null or d.planned_at <> ${now} then s.planned_batch_id else ${batch} end
    from jsonb_to_recordset(${sql.json(readers)}) as r (id bigint, date date, "nextDueAt" timestamptz, "emptyDate" date,
      "emptyNextDueAt" timestamptz)
    left join digests d on d.subscriber_id = r.id and d.local_date = r.date
    where s.id = r.id`;
}
