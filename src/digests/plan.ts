import type { Context } from "../context.ts";
import type { Sql } from "../db.ts";
import { planThrough } from "../sources/expected.ts";
import {
  advanceReaders,
  claimDueReaders,
  countDueReaders,
  type DueReader,
  findDated,
  isOfDated,
  type Turn,
} from "./due.ts";
import { makeEditions } from "./editions.ts";
import { type News, readNews } from "./news.ts";
import { withinVotes } from "./reader_tastes.ts";
import { forgetFailures, PlanningError, planAround } from "./set_aside.ts";
import { writeEditions } from "./write.ts";

const readersInABatch = 5000;

/** While PostgreSQL writes one batch, others are read and put in order here. */
const batchesAtOnce = 3;
/** So many that it is little that some wait for the last at the end. */
const batchesInARun = 48;

/** What a worker keeps from run to run, for each batch that it plans at once. */
export type PlanMemory = (News | undefined)[];

/**
 * The plan stage: readers who are due get a digest, its papers, its mail and their next date, together or not at all. A reader
 * with nothing to read gets no mail, or a note where they asked for one. What many readers share is read once; a paper is chosen
 * and put in its order here; what was chosen is written by the thousand. Once it is `stopping` no batch is begun. `left` is how
 * many readers were due besides, a batch standing for more.
 */
export async function plan(
  context: Context,
  memory: PlanMemory = [],
  stopping?: AbortSignal,
): Promise<{ done: number; left: number }> {
  const { sql, config } = context;
  const waiting = await countDueReaders(sql, {
    ...(await whoIsDue(context)),
    most: (batchesInARun + 1) * readersInABatch,
  });
  const batches = Math.min(batchesInARun, Math.ceil(waiting / readersInABatch));
  const count = Math.min(batchesAtOnce, batches);
  memory.length = Math.max(1, count); // what is not planned with would stay for hours, thirty megabytes and more
  const run: Run = { last: undefined };
  let begun = 0;
  let done = 0;
  const lanes = await Promise.allSettled(
    Array.from({ length: count }, async (_, lane) => {
      for (let planned = 1; planned > 0 && begun < batches && !stopping?.aborted; done += planned) {
        begun++;
        // Some seconds have gone by: what a reader changed meanwhile was not planned with before.
        const due = await whoIsDue(context);
        const news = await readNews(sql, config, due.now, memory[lane]);
        memory[lane] = news;
        const behind = run.last;
        planned = await planAround(context, due.now, readersInABatch, (most) =>
          planBatch(context, news, { ...due, run, behind, most }),
        );
      }
    }),
  );
  const failed = lanes.find((it) => it.status === "rejected");
  if (failed) throw failed.reason;
  // Where nobody could be planned, those who wait are with other workers, or for their interests to be matched.
  return { done, left: done > 0 ? Math.max(0, waiting - done) : 0 };
}

/**
 * The reader who was claimed last: the next batch begins behind, as to pass over all whom other batches hold or have moved on takes
 * longer than to claim its own. Who was passed over then, or set free since, is for the next run.
 */
type Run = { last: Turn | undefined };

/** Readers are due by now, of those who wait for an announcement only who was due `through` an earlier time. */
async function whoIsDue({
  sql,
  config,
  clock,
}: Context): Promise<{ now: Temporal.Instant; through: Temporal.Instant }> {
  const now = clock();
  return { now, through: await planThrough(sql, config, now) };
}

/** Answers how many readers were due and are planned. Throws `PlanningError` when they can't be, and then none is. */
async function planBatch(context: Context, news: News, due: Due): Promise<number> {
  try {
    return await planDue(context, news, { ...due, mayBeDated: false });
  } catch (error) {
    if (!isOfDated(error)) throw error;
    return planDue(context, news, { ...due, mayBeDated: true });
  }
}

type Due = { now: Temporal.Instant; through: Temporal.Instant; run: Run; behind: Turn | undefined; most: number };

/** `mayBeDated`: some of those who are due may have had this edition. */
async function planDue(
  context: Context,
  news: News,
  { run, mayBeDated, ...due }: Due & { mayBeDated: boolean },
): Promise<number> {
  const { sql, log } = context;
  return sql.begin(async (transaction) => {
    await setForBulk(transaction);
    const readers = withinVotes(await claimDueReaders(transaction, log, { ...due, batch: news.batch }));
    if (readers.length === 0) return 0;
    run.last = readers.at(-1);
    const ids = readers.map((reader) => reader.id);
    const dated = mayBeDated ? await findDated(transaction, readers) : new Set<number>();
    const digests = await planReaders(transaction, context, news, { readers, dated, now: due.now }).catch((error) => {
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
  { readers, dated, now }: { readers: DueReader[]; dated: Set<number>; now: Temporal.Instant },
): Promise<number> {
  const due = readers.filter((reader) => reader.dates.date !== undefined && !dated.has(reader.id));
  const editions = await makeEditions(sql, news, due);
  await writeEditions(sql, config, editions, { news, now });
  const digested = new Set(editions.map((it) => it.reader.id));
  await advanceReaders(sql, readers, { digested, dated, batch: news.batch, now });
  return editions.length;
}

/**
 * Everything is looked up for a list of readers. Statistics lag behind when digests are written by the million, and scans would
 * follow; and processes that are started to share a lookup take longer than the lookup does. And nobody waits for the disk: a crash
 * that loses the last commits leaves readers who are due, and a mail of theirs goes out only after its claim, a later commit that is
 * waited for and takes all earlier ones to the disk with it.
 */
async function setForBulk(sql: Sql): Promise<void> {
  await sql`
    select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
      set_config('enable_mergejoin', 'off', true), set_config('max_parallel_workers_per_gather', '0', true),
      set_config('synchronous_commit', 'off', true)`;
}
