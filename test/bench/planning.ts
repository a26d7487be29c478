import { monitorEventLoopDelay } from "node:perf_hooks";
import { Worker } from "node:worker_threads";
import type { Context } from "../../src/context.ts";
import type { Database, Fragment, Sql } from "../../src/db.ts";
import { type PlanMemory, plan } from "../../src/digests/plan.ts";
import type { PaperRecord } from "../../src/sources/source.ts";
import { mix } from "./interests.ts";
import { addVotes, makePlanningWorld, type Population, papersFor } from "./planning_world.ts";
import { printTable, readCorpus, timed, withDatabase } from "./setup.ts";

type Day = { workers: number; voters: number };

/** The first day is planned for nothing: a worker lives for days, and what its first minute takes longer is none of what they take. */
const daysOfFew: Day[] = [
  { workers: 1, voters: 0 },
  { workers: 1, voters: 0 },
  { workers: 2, voters: 0 },
  { workers: 1, voters: 0.2 },
];
const daysOfMany = daysOfFew.slice(0, 2);

/**
 * Due readers planned in one run: digest, its papers, its mail and the next date of each. Papers of each day were matched before as
 * the match stage does it, and what readers had stays: once where many share their interests, once where nobody shares one.
 */
export async function benchPlanning(options: {
  corpus: string | undefined;
  full: boolean;
  server: string | undefined;
}): Promise<void> {
  const readers = options.full ? 1_000_000 : 200_000;
  const papers = await readCorpus(options.corpus, papersFor(daysOfFew.length));
  console.log(`planning: papers from ${options.corpus ?? "a generated corpus"}; interests: ${mix}\n`);
  const rows = [
    ...(await benchDays(papers, { readers, interests: 3, queries: 2000 }, daysOfFew, options.server)),
    ...(await benchDays(papers, { readers, interests: 1, queries: readers }, daysOfMany, options.server)),
  ];
  printTable([
    [
      ...["readers", "interests of each", "distinct", "workers", "with votes", "digests", "papers in them", "seconds"],
      ...["readers a second", "longest turn (ms)", "the same rows by SQL alone, readers a second"],
      "400 papers matched and kept before (s)",
    ],
    ...rows,
  ]);
}

async function benchDays(
  papers: PaperRecord[],
  population: Population,
  days: Day[],
  server: string | undefined,
): Promise<(string | number)[][]> {
  const rows: (string | number)[][] = [];
  await withDatabase(async (sql, url) => {
    const { context, nextDay } = await makePlanningWorld(sql, papers, population);
    console.log(`${population.queries} different interests, on ${await describeServer(sql)}\n`);
    for (const { workers, voters } of days) {
      if (voters > 0) await addVotes(sql, voters);
      const matched = await nextDay();
      rows.push([...(await measureDay(context, url, population, { workers, voters })), (matched / 1000).toFixed(1)]);
    }
  }, server);
  return rows.slice(1);
}

async function measureDay(
  context: Context,
  url: string,
  { readers, interests, queries }: Population,
  { workers, voters }: Day,
): Promise<(string | number)[]> {
  const { sql } = context;
  const [last] = await sql<{ id: number }[]>`select coalesce(max(id), 0) as id from digests`;
  const pauses = monitorEventLoopDelay({ resolution: 1 });
  pauses.enable();
  const milliseconds = workers === 1 ? await planAll(context) : await onThreads(url, workers, context.clock());
  pauses.disable();
  const [counts] = await sql<{ digests: number; papers: number }[]>`
    select count(*)::int as digests, coalesce(sum(json_array_length(contents::json -> 'papers')), 0)::int as papers
    from digests where id > ${last?.id ?? 0}`;
  return [
    ...[readers, interests, queries, workers, `${100 * voters} %`, counts?.digests ?? 0, counts?.papers ?? 0],
    ...[(milliseconds / 1000).toFixed(1), Math.round((readers / milliseconds) * 1000)],
    workers === 1 ? Math.round(pauses.max / 1e6) : "",
    Math.round((readers / (await writeAlone(sql, last?.id ?? 0))) * 1000),
  ];
}

async function describeServer(sql: Database): Promise<string> {
  const [row] = await sql<{ version: string; flags: string }[]>`
    select current_setting('server_version') as version,
      coalesce((select setting from pg_config where name = 'CFLAGS'), '') as flags`;
  return `PostgreSQL ${row?.version}, compiled with ${/-O\w/.exec(row?.flags ?? "")?.[0] ?? "unknown flags"}`;
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
 * The milliseconds in which one connection writes the same rows where nothing is read, chosen or sent: copies of what was planned
 * after digest `last`, beside copies of what was there, under the same keys and indexes, and every reader's next date. What a
 * machine does in this hour, and what is left to gain.
 */
async function writeAlone(sql: Database, last: number): Promise<number> {
  const planned = { digests: "id", digest_papers: "digest_id", outbox: "subject_id" };
  const again = (table: string) => sql(`${table}_again`);
  const copy = async (to: Sql, table: string, which: Fragment) => {
    await to`insert into ${again(table)} overriding system value select * from ${sql(table)} ${which}`;
  };
  const tables = ["subscribers", ...Object.keys(planned)];
  for (const table of tables) await sql`create table ${again(table)} (like ${sql(table)} including all)`;
  await copy(sql, "subscribers", sql``);
  for (const [table, digest] of Object.entries(planned)) await copy(sql, table, sql`where ${sql(digest)} <= ${last}`);
  await sql`vacuum analyze`;
  await sql`checkpoint`;
  const { milliseconds } = await timed(() =>
    sql.begin(async (transaction) => {
      for (const [table, digest] of Object.entries(planned))
        await copy(transaction, table, sql`where ${sql(digest)} > ${last}`);
      await transaction`update subscribers_again set next_due_at = next_due_at + interval '1 day'`;
    }),
  );
  for (const table of tables) await sql`drop table ${again(table)}`;
  return milliseconds;
}

/** The milliseconds that the slower of several threads took. */
async function onThreads(url: string, workers: number, now: Temporal.Instant): Promise<number> {
  const times = Array.from(
    { length: workers },
    () =>
      new Promise<number>((resolve, reject) => {
        const thread = new Worker(new URL("./planning_thread.ts", import.meta.url), {
          workerData: { url, now: now.toString() },
        });
        thread.once("message", resolve).once("error", reject);
      }),
  );
  return Math.max(...(await Promise.all(times)));
}
