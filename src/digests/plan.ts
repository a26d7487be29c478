import { setImmediate } from "node:timers/promises";
import type { Context } from "../context.ts";
import type { Sql } from "../db.ts";
import { planThrough } from "../sources/expected.ts";
import type { Contents } from "./contents.ts";
import { advanceReaders, claimDueReaders, countDueReaders, type DueReader, findDated } from "./due.ts";
import { chooseEntries, trendingLookedAt } from "./entries.ts";
import { type News, readHits, readNews, readPapers } from "./news.ts";
import { readNotes } from "./notes.ts";
import type { Interest } from "./rank.ts";
import { readTastes, withinVotes } from "./reader_tastes.ts";
import { forgetFailures, PlanningError, planAround } from "./set_aside.ts";
import { findMoved, type Moved, tellReasons } from "./taste_reasons.ts";
import { type Edition, writeEditions } from "./write.ts";

const readersInABatch = 2500;

/** Where more readers are due than a batch holds, the next one is put in order here while PostgreSQL writes one. */
const batchesAtOnce = 2;

/** What a worker keeps from run to run, for each batch that it plans at once. */
export type PlanMemory = (News | undefined)[];

/**
 * The plan stage: readers who are due get a digest, its papers, its mail and their next date, together or not at all. A reader
 * with nothing to read gets no mail, or a note where they asked for one. What many readers share is read once; a paper is chosen
 * and put in its order here; what was chosen is written by the thousand. `left` is how many readers were due besides, a batch
 * standing for more.
 */
export async function plan(context: Context, memory: PlanMemory = []): Promise<{ done: number; left: number }> {
  const { sql, clock, config } = context;
  const now = clock();
  const due = { now, through: await planThrough(sql, config, now) };
  const waiting = await countDueReaders(sql, { ...due, most: (batchesAtOnce + 1) * readersInABatch });
  const count = Math.min(batchesAtOnce, Math.ceil(waiting / readersInABatch));
  memory.length = Math.max(1, count); // what is not planned with would stay for hours, fifty megabytes and more
  const batches = await Promise.allSettled(
    Array.from({ length: count }, async (_, at) => {
      const news = await readNews(sql, config, now, memory[at]);
      memory[at] = news;
      return planAround(context, now, readersInABatch, (most) => planBatch(context, news, { ...due, most }));
    }),
  );
  const failed = batches.find((it) => it.status === "rejected");
  if (failed) throw failed.reason;
  const done = batches.reduce((sum, it) => sum + (it.status === "fulfilled" ? it.value : 0), 0);
  // Where nobody could be planned, those who wait are with other workers, or for their interests to be matched.
  return { done, left: done > 0 ? Math.max(0, waiting - done) : 0 };
}

/** Answers how many readers were due and are planned. Throws `PlanningError` when they can't be, and then none is. */
async function planBatch(
  context: Context,
  news: News,
  { now, through, most }: { now: Temporal.Instant; through: Temporal.Instant; most: number },
): Promise<number> {
  const { sql, log } = context;
  return sql.begin(async (transaction) => {
    await setForBulk(transaction);
    const readers = withinVotes(await claimDueReaders(transaction, log, { now, through, batch: news.batch, most }));
    if (readers.length === 0) return 0;
    const ids = readers.map((reader) => reader.id);
    const digests = await planReaders(transaction, context, news, readers, now).catch((error) => {
      throw new PlanningError(ids, error);
    });
    await forgetFailures(transaction, ids);
    log.info({ readers: readers.length, digests }, "planned digests");
    return readers.length;
  });
}

/** Answers how many of them get a digest. */
async function planReaders(
  sql: Sql,
  { config }: Context,
  news: News,
  readers: DueReader[],
  now: Temporal.Instant,
): Promise<number> {
  const dated = await findDated(sql, readers);
  const due = readers.filter((reader) => reader.date !== undefined && !dated.has(reader.id));
  const editions = await makeEditions(sql, news, due);
  await writeEditions(sql, config, editions, { news, now });
  const digested = new Set(editions.map((it) => it.reader.id));
  await advanceReaders(sql, readers, { digested, dated, batch: news.batch, now });
  return editions.length;
}

/**
 * Everything is looked up for a list of readers. Statistics lag behind when digests are written by the million, and scans would
 * follow. And nobody waits for the disk: a crash that loses the last commits leaves readers who are due, and a mail of theirs goes
 * out only after its claim, a later commit that is waited for and takes all earlier ones to the disk with it.
 */
async function setForBulk(sql: Sql): Promise<void> {
  await sql`
    select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
      set_config('enable_mergejoin', 'off', true), set_config('synchronous_commit', 'off', true)`;
}

/** The editions of the readers who get one: those without anything in them are left out, unless their readers want to know. */
async function makeEditions(sql: Sql, news: News, due: DueReader[]): Promise<Edition[]> {
  if (due.length === 0) return [];
  const interests = await readInterests(sql, due);
  await readHits(sql, news, earliestWanted(interests));
  await readPapers(sql, news, news.trending);
  const had = await readHad(sql, news, due, interests);
  const notes = await readNotes(sql, due, news.batch);
  const tastes = await readTastes(sql, news, due, interests);
  const moved: Moved[] = [];
  const editions: Edition[] = [];
  for (const reader of due) {
    // Learning is all arithmetic, and the worker delivers meanwhile: its sessions with mail servers must not wait for hundreds.
    if (reader.votes > 0) await setImmediate();
    const own = { interests: interests.get(reader.id) ?? [], had: had.get(reader.id) };
    const taste = tastes.of(reader.id);
    const { matched, papers } = chooseEntries(news, reader, own, taste?.factor);
    const isEmpty = papers.length === 0;
    if (isEmpty && !reader.allIsWell) continue;
    if (taste)
      moved.push(...findMoved(news.features, taste, chooseEntries(news, reader, own, undefined).papers, papers));
    const told = notes.get(reader.id);
    const contents: Contents = {
      papers,
      ...(told ? { notes: told } : {}),
      ...(isEmpty ? { interests: own.interests.map((it) => it.typed) } : {}),
    };
    editions.push({ reader, contents, matched, afterBatch: afterBatch(reader, own.interests) });
  }
  const reasons = await tellReasons(sql, news.features, moved);
  for (const [at, { entry }] of moved.entries()) entry.taste = reasons[at];
  return editions;
}

function afterBatch(reader: DueReader, interests: Interest[]): number {
  if (!reader.first) return reader.plannedBatchId;
  return interests.length > 0 ? Math.min(...interests.map((it) => it.after)) : 0;
}

/** An interest that is new to the reader looks back a week; the others go on from the last digest. */
async function readInterests(sql: Sql, readers: DueReader[]): Promise<Map<number, Interest[]>> {
  const rows = await sql<(Interest & { reader: number })[]>`
    select s.id as reader, i.query_id as query, i.typed,
      case when s.planned_at is null or i.created_at > s.planned_at then i.since_batch_id else s.planned_batch_id end as after
    from unnest(${readers.map((it) => it.id)}::bigint[]) as r (id)
    join subscribers s on s.id = r.id
    cross join lateral (select * from interests where subscriber_id = s.id order by position) as i`;
  return Map.groupBy(rows, (row) => row.reader);
}

/** For each query the batch behind which its hits are wanted by any of the readers. */
function earliestWanted(interests: Map<number, Interest[]>): Map<number, number> {
  const wanted = new Map<number, number>();
  for (const list of interests.values())
    for (const { query, after } of list) wanted.set(query, Math.min(after, wanted.get(query) ?? after));
  return wanted;
}

/**
 * What readers have had already of what may come. Papers have ascending numbers, so that of a reader's papers only the last few
 * need be looked at; those that trend go further back, and of these the first are enough but for who gets nothing else.
 */
async function readHad(
  sql: Sql,
  news: News,
  readers: DueReader[],
  interests: Map<number, Interest[]>,
): Promise<Map<number, Set<number>>> {
  const asked = readers.map(({ id, trending }) => {
    const own = interests.get(id) ?? [];
    const least = Math.min(...own.map(({ query }) => news.hits.get(query)?.least ?? none));
    return { id, least: own.length > 0 || !trending ? least : news.leastTrending };
  });
  const known = asked.filter(({ least }) => least < none);
  const rows = await sql<{ reader: number; paper: number }[]>`
    select r.id as reader, had.paper_id as paper
    from unnest(${known.map((it) => it.id)}::bigint[], ${known.map((it) => it.least)}::bigint[]) as r (id, least)
    join digest_papers had on had.subscriber_id = r.id and had.paper_id >= r.least
    union all
    select r.id, had.paper_id
    from unnest(${readers.filter((it) => it.trending).map((it) => it.id)}::bigint[]) as r (id)
    join digest_papers had on had.subscriber_id = r.id and had.paper_id = any(${news.trending.slice(0, trendingLookedAt)}::bigint[])`;
  const had = new Map<number, Set<number>>();
  for (const { reader, paper } of rows) had.getOrInsertComputed(reader, () => new Set<number>()).add(paper);
  return had;
}

const none = Number.POSITIVE_INFINITY;
