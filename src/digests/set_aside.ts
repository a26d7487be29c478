import { type Database, isPassing, type Sql } from "../db.ts";
import { describeError } from "../errors.ts";
import type { Log } from "../log.ts";

/** Doubling from five minutes to a day. */
const backoff = { firstMinutes: 5, mostMinutes: 24 * 60 };

/** When so many readers in a row are set aside, and nobody is planned, it is no fault of theirs: planning as a whole has failed. */
const mostInARow = 20;

/** Planning failed for these readers together; nothing of it was written. */
export class PlanningError extends Error {
  readonly readers: number[];
  constructor(readers: number[], cause: unknown) {
    super("readers could not be planned", { cause });
    this.readers = readers;
  }
}

/**
 * Plans up to `most` readers by `planReaders`, which answers how many it has planned or throws `PlanningError`. When it fails
 * for one reader's sake, half of them are tried, and of these half, until that one is found and set aside; the others are left to
 * a later call. So however many readers there are, one of them costs a dozen tries. Throws where the database is at fault, or
 * everybody fails.
 */
export async function planAround(
  { sql, log }: { sql: Database; log: Log },
  now: Temporal.Instant,
  most: number,
  planReaders: (most: number) => Promise<number>,
): Promise<number> {
  try {
    return await planReaders(most);
  } catch (error) {
    if (!(error instanceof PlanningError) || isDatabaseAway(error.cause)) throw error;
    const [only, ...others] = error.readers;
    if (only === undefined) throw error;
    if (others.length > 0) return planAround({ sql, log }, now, Math.ceil(error.readers.length / 2), planReaders);
    if (!(await setAside(sql, only, describeError(error.cause), now))) throw error;
    log.error(
      { reader: only, error: describeError(error.cause) },
      "a reader can't be planned, and is tried again later",
    );
    return 1;
  }
}

/** A statement that took longer than it may, of which half as many readers may be the mend. */
const tookTooLong = "57014";

/** What our own program throws has no code, unless it tells of what the database said. */
function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ("code" in error && error.code !== tookTooLong && isPassing(error)) || isDatabaseAway(error.cause);
}

/**
 * The reader is due again later: what is due to them then is reckoned from their schedule, so that nothing is left out. False: too
 * many are.
 */
async function setAside(sql: Database, reader: number, reason: string, now: Temporal.Instant): Promise<boolean> {
  const { firstMinutes, mostMinutes } = backoff;
  return sql.begin(async (transaction) => {
    const [row] = await transaction<{ inARow: number }[]>`
      select count(*)::int as "inARow" from planning_failures
      where subscriber_id <> ${reader} and failed_at > greatest(${now.subtract({ minutes: firstMinutes })}::timestamptz,
        (select planned_at from digests order by id desc limit 1))`;
    if ((row?.inARow ?? 0) >= mostInARow) return false;
    await transaction`
      with failure as (
        insert into planning_failures as f (subscriber_id, reason, times, failed_at, retry_at)
        values (${reader}, ${reason}, 1, ${now}, ${now.add({ minutes: firstMinutes })})
        on conflict (subscriber_id) do update set reason = excluded.reason, times = f.times + 1, failed_at = excluded.failed_at,
          retry_at = ${now}::timestamptz + least(${firstMinutes} * 2 ^ least(f.times, 20), ${mostMinutes}) * interval '1 minute'
        returning subscriber_id, retry_at
      )
      update subscribers s set next_due_at = failure.retry_at from failure
      where s.id = failure.subscriber_id and s.status = 'active'`;
    return true;
  });
}

/** These are planned: what was wrong is over. In the transaction that plans them. */
export async function forgetFailures(sql: Sql, readers: number[]): Promise<void> {
  await sql`delete from planning_failures where subscriber_id = any(${readers}::bigint[])`;
}

/** What `status` says of readers who can't be planned. */
export async function planningProblems(sql: Sql): Promise<string[]> {
  const rows = await sql<{ reason: string; readers: number; first: number; retryAt: Temporal.Instant }[]>`
    select f.reason, count(*)::int as readers, min(f.subscriber_id) as first, min(f.retry_at) as "retryAt"
    from planning_failures f join subscribers s on s.id = f.subscriber_id
    where s.status = 'active' group by f.reason order by 2 desc limit 5`;
  return rows.map(
    ({ reason, readers, first, retryAt }) =>
      `${readers === 1 ? "A digest" : `Digests of ${readers} readers`} can't be planned: ${reason}. This is a fault in Paper Round; ` +
      `the log says more of reader ${first}. It is tried again at ${retryAt.toString({ smallestUnit: "second" })}; nothing is lost by then.`,
  );
}
