import { type Config, loadConfig } from "../../src/config.ts";
import type { Context } from "../../src/context.ts";
import type { Database } from "../../src/db.ts";
import { noQueries } from "../../src/interests/known_queries.ts";
import { match } from "../../src/interests/match.ts";
import { createLog } from "../../src/log.ts";
import { savePapers } from "../../src/papers/save.ts";
import type { PaperRecord } from "../../src/sources/source.ts";
import { generateInterests } from "./interests.ts";
import { addQueries } from "./matching.ts";
import { timed } from "./setup.ts";

/** Papers that were there before the first day, and those that each day brings. */
const papersBefore = 2000;
const papersOfADay = 400;
/** One paper in so many has votes, as those of Daily Papers among all of arXiv. */
const votedFor = 10;
const votesOfAVoter = 20;

/** Readers who are all due at one instant each day, and what they hold: so many interests each, of so many queries, by Zipf's law. */
export type Population = { readers: number; interests: number; queries: number };

/** An installation that lives from day to day: papers come, are matched as the match stage does it, and readers come due. */
export type PlanningWorld = {
  context: Context;
  /** Lets the next day come, its papers with it. Answers the milliseconds that the match stage took. */
  nextDay: () => Promise<number>;
};

/** As many papers as this many days need. */
export function papersFor(days: number): number {
  return papersBefore + days * papersOfADay;
}

export async function makePlanningWorld(
  sql: Database,
  papers: PaperRecord[],
  population: Population,
): Promise<PlanningWorld> {
  let now = Temporal.Instant.from("2026-11-02T08:00:00Z");
  const context: Context = { sql, config: benchConfig(), clock: () => now, log: createLog("silent") };
  const voted = papers.map((paper, at) =>
    at % votedFor === 0 ? { ...paper, upvotes: 1 + ((at / votedFor) % 50) } : paper,
  );
  await savePapers(sql, context.clock, voted.slice(0, papersBefore));
  await sql`insert into batches (matched_at, completed_at, papers, queries, matches) values (${now}, ${now}, 0, 0, 0)`;
  await addQueries(sql, generateInterests(papers, population.queries), population.queries);
  await sql`update papers set batch_id = 1`;
  await addReaders(sql, population, now.add({ hours: 24 }));
  const known = noQueries();
  let taken = papersBefore;
  const nextDay = async () => {
    now = now.add({ hours: 24 });
    await savePapers(sql, context.clock, voted.slice(taken, taken + papersOfADay));
    taken += papersOfADay;
    const { milliseconds } = await timed(async () => {
      while ((await match(context, known)).left > 0);
    });
    // What is measured must not be kept from its work by what was made here.
    await sql`vacuum analyze`;
    await sql`checkpoint`;
    return milliseconds;
  };
  return { context, nextDay };
}

export function benchConfig(): Config {
  return loadConfig({
    SECRET: "a secret of more than thirty-two characters",
    DATABASE_URL: "postgres://unused",
    BASE_URL: "https://papers.example.org",
    MAIL_FROM: "round@papers.example.org",
    SOURCES: "",
  });
}

/** A share of the readers voted, on papers that came before. */
export async function addVotes(sql: Database, share: number): Promise<void> {
  await sql`
    insert into votes (subscriber_id, paper_id, liked, voted_at)
    select s.id, p.id, n % 2 = 0, s.planned_at from subscribers s cross join generate_series(1, ${votesOfAVoter}::int) as n
    join papers p on p.id = 1 + (s.id * 7919 + n * 104729) % ${papersBefore}::int where s.id % 100 < ${100 * share}::float8`;
  await sql`update subscribers s set votes = ${votesOfAVoter}::int where s.id % 100 < ${100 * share}::float8`;
}

async function addReaders(sql: Database, { readers, interests, queries }: Population, due: Temporal.Instant) {
  const created = due.subtract({ hours: 24 * 30 });
  await sql`
    insert into subscribers (email, email_key, status, created_at, confirmed_at, next_due_at, timezone, planned_at, planned_batch_id)
    select 'reader' || n || '@example.org', 'reader' || n || '@example.org', 'active', ${created}, ${created}, ${due}, 'UTC',
      ${due}::timestamptz - interval '1 day', 1
    from generate_series(1, ${readers}::int) as n`;
  const isOwn = queries === readers * interests;
  await sql`
    insert into interests (subscriber_id, query_id, position, typed, created_at, since_batch_id)
    select w.subscriber_id, q.id, w.n, q.canonical, ${created}, 0
    from (
      select s.id as subscriber_id, n, case when ${isOwn} then (s.id - 1) * ${interests} + n else floor(${queries} ^ random())::int end as query_id
      from subscribers s cross join generate_series(1, ${interests}::int) as n
    ) as w join queries q on q.id = w.query_id on conflict do nothing`;
  await sql`analyze`;
}
