import { monitorEventLoopDelay } from "node:perf_hooks";
import { Worker } from "node:worker_threads";
import { systemClock } from "../../src/clock.ts";
import { type Config, loadConfig } from "../../src/config.ts";
import type { Context } from "../../src/context.ts";
import type { Database } from "../../src/db.ts";
import { type PlanMemory, plan } from "../../src/digests/plan.ts";
import { createLog } from "../../src/log.ts";
import { printTable, timed, withDatabase } from "./setup.ts";

const queries = 2000;
const papers = 2000;
/** Readers and what each of them gets: interests by Zipf's law among the queries, matches as one day's batch has them. */
const interestsOfAReader = 3;
const votesOfAVoter = 20;

/** Due readers planned in one run: digest, its papers, its mail and the next date of each. */
export async function benchPlanning({ full, server }: { full: boolean; server: string | undefined }): Promise<void> {
  await withDatabase(async (sql, url) => {
    const readers = full ? 1_000_000 : 200_000;
    await fill(sql, readers);
    const config = benchConfig();
    const context = { sql, config, clock: systemClock, log: createLog("silent") };
    // A worker lives for days: what its first minute takes longer is none of what a million readers take.
    await sql`update subscribers set next_due_at = now() + interval '1 day' where id > ${readers / 10}`;
    await planAll(context);
    const rows: (string | number)[][] = [];
    for (const [workers, voters] of [
      [1, 0],
      [2, 0],
      [1, 0.2],
    ] as const) {
      await sql`update subscribers set next_due_at = now() - interval '1 minute', served_on = null, planned_batch_id = 0`;
      await sql`truncate digests, digest_papers, outbox, reports`;
      if (voters > 0) await addVotes(sql, voters);
      await sql`vacuum analyze`;
      // What this bench has made must not be written to the disk meanwhile.
      await sql`checkpoint`;
      const pauses = monitorEventLoopDelay({ resolution: 1 });
      pauses.enable();
      const milliseconds = workers === 1 ? await planAll(context) : await onThreads(url, workers);
      pauses.disable();
      const [counts] = await sql<{ digests: number; rows: number }[]>`
        select (select count(*)::int from digests) as digests, (select count(*)::int from digest_papers) as rows`;
      rows.push([
        ...[workers, readers, `${100 * voters} %`, counts?.digests ?? 0, counts?.rows ?? 0],
        ...[(milliseconds / 1000).toFixed(1), Math.round((readers / milliseconds) * 1000)],
        workers === 1 ? Math.round(pauses.max / 1e6) : "",
        Math.round((readers / (await writeAlone(sql))) * 1000),
      ]);
    }
    const [version] = await sql<{ version: string; flags: string }[]>`
      select current_setting('server_version') as version,
        coalesce((select setting from pg_config where name = 'CFLAGS'), '') as flags`;
    console.log(
      `PostgreSQL ${version?.version}, compiled with ${/-O\w/.exec(version?.flags ?? "")?.[0] ?? "unknown flags"}\n`,
    );
    printTable([
      [
        ...["workers", "readers", "with votes", "digests", "papers in them", "seconds", "readers a second"],
        ...["longest turn (ms)", "the same rows by SQL alone, readers a second"],
      ],
      ...rows,
    ]);
  }, server);
}

/** Plans until nobody is due. Answers the milliseconds that it took. */
export async function planAll(context: Context): Promise<number> {
  const memory: PlanMemory = [];
  const { milliseconds } = await timed(async () => {
    while ((await plan(context, memory)).left > 0);
  });
  return milliseconds;
}

/**
 * The milliseconds in which one connection writes the same rows where nothing is read, chosen or sent: copies of what was planned,
 * under the same keys and indexes, and every reader's next date. What a machine does in this hour, and what is left to gain.
 */
async function writeAlone(sql: Database): Promise<number> {
  const tables = ["digests", "digest_papers", "outbox"];
  for (const table of tables) await sql`create table ${sql(`${table}_again`)} (like ${sql(table)} including all)`;
  await sql`checkpoint`;
  const { milliseconds } = await timed(() =>
    sql.begin(async (transaction) => {
      for (const table of tables)
        await transaction`insert into ${sql(`${table}_again`)} overriding system value select * from ${sql(table)}`;
      await transaction`update subscribers set next_due_at = next_due_at + interval '1 day'`;
    }),
  );
  for (const table of tables) await sql`drop table ${sql(`${table}_again`)}`;
  return milliseconds;
}

/** The milliseconds that the slower of several threads took. */
async function onThreads(url: string, workers: number): Promise<number> {
  const times = Array.from(
    { length: workers },
    () =>
      new Promise<number>((resolve, reject) => {
        const thread = new Worker(new URL("./planning_thread.ts", import.meta.url), { workerData: { url } });
        thread.once("message", resolve).once("error", reject);
      }),
  );
  return Math.max(...(await Promise.all(times)));
}

export function benchConfig(): Config {
  return loadConfig({
    SECRET: "a secret of more than thirty-two characters",
    DATABASE_URL: "postgres://unused",
    BASE_URL: "https://papers.example.org",
    MAIL_FROM: "round@papers.example.org",
  });
}

/** A share of the readers voted, on papers of a thousand words in all, a hundred in each. */
async function addVotes(sql: Database, share: number): Promise<void> {
  await sql`
    update papers set authors = array['Author ' || id % 300], abstract = (
      select string_agg('word' || translate((hashint8(papers.id * 100 + n) & 1023)::text, '0123456789', 'abcdefghij'), ' ')
      from generate_series(1, 100) as n)`;
  await sql`
    insert into votes (subscriber_id, paper_id, liked, voted_at)
    select s.id, 1 + (s.id * 7919 + n * 104729) % ${papers}::int, n % 2 = 0, now() from subscribers s
    cross join generate_series(1, ${votesOfAVoter}::int) as n where s.id % 100 < ${100 * share}::float8`;
  await sql`update subscribers s set votes = ${votesOfAVoter}::int where s.id % 100 < ${100 * share}::float8`;
}

export async function fill(sql: Database, readers: number): Promise<void> {
  await sql`
    insert into papers (arxiv_id, title_key, title, authority, upvotes, first_seen_at, changed_at)
    select '2611.' || lpad(n::text, 5, '0'), n, 'Paper ' || n, 1, n % 50, now() - interval '1 hour', now() from generate_series(1, ${papers}::int) as n`;
  await sql`insert into batches (matched_at, completed_at, papers, queries, matches) values (now(), now(), 0, 0, 0)`;
  await sql`update papers set batch_id = 1`;
  await sql`insert into queries (canonical, expression, created_at, batch_id) select n, '''x''', now(), 1 from generate_series(1, ${queries}::int) as n`;
  // The more readers hold a query, the more papers it hits.
  await sql`
    insert into matches (query_id, paper_id, batch_id, rank)
    select q, 1 + (q * 7919 + n * 104729) % ${papers}, 1, 10.0 / n from generate_series(1, ${queries}::int) as q
    cross join lateral generate_series(1, least(50, 1 + 100 / q)) as n on conflict do nothing`;
  await sql`
    insert into subscribers (email, email_key, status, created_at, confirmed_at, next_due_at, timezone, planned_at)
    select 'reader' || n || '@example.org', 'reader' || n || '@example.org', 'active', now(), now(), now() - interval '1 minute', 'UTC', now() - interval '1 day'
    from generate_series(1, ${readers}::int) as n`;
  await sql`
    insert into interests (subscriber_id, query_id, position, typed, created_at, since_batch_id)
    select s.id, floor(${queries} ^ random())::int, n, 'an interest', now() - interval '2 days', 0
    from subscribers s cross join generate_series(1, ${interestsOfAReader}::int) as n on conflict do nothing`;
  await sql`analyze`;
}
