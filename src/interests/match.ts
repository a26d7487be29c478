import type { Context } from "../context.ts";
import type { Fragment, Sql } from "../db.ts";
import { rank } from "../papers/rank.ts";
import { lockPapers } from "../papers/save.ts";
import { Batch } from "./batch.ts";
import { type KnownQueries, learn, noQueries, readQueriesAfter } from "./known_queries.ts";

/** Any number: batches go one after another, so that their ids become visible in their order (see `batches`). */
const lockKey = 6_402_117;
const papersInABatch = 2000;
const queriesInABatch = 500;
/** Pairs of query and paper that are ranked and written by one statement. */
const pairsInAStatement = 100_000;
/** Matches kept for a query and batch; `query_hits` counts all. */
const bestKept = 50;
/** How far back a new interest looks. */
const lookBackDays = 7;

/**
 * The match stage: new queries against the papers of the last week, then new papers against every query; each pair once.
 * A worker keeps `known` from run to run, so that a query is read and compiled once. `left` is how many papers and queries
 * still wait.
 */
export async function match(context: Context, known = noQueries()): Promise<{ done: number; left: number }> {
  const { sql, clock, log } = context;
  const now = clock();
  const result = await sql.begin(async (transaction) => {
    const [lock] = await transaction<{ mine: boolean }[]>`select pg_try_advisory_xact_lock(${lockKey}) as mine`;
    if (!lock?.mine) return undefined;
    const queries = await unmatchedQueries(transaction);
    const papers = await unmatchedPapers(transaction);
    if (queries.length + papers.length === 0) return undefined;
    const batch = await openBatch(transaction, now);
    // New queries see the papers matched so far; then the new papers see all queries, the new ones included.
    await markQueries(transaction, queries, batch);
    const backward = await matchQueries(transaction, queries, batch, now.subtract({ hours: 24 * lookBackDays }));
    await lockPapers(transaction);
    await markPapers(transaction, papers, batch);
    const read = await readQueriesAfter(transaction, known.throughBatch);
    const forward = await matchPapers(transaction, papers, batch, [known, read]);
    await closeBatch(transaction, batch, papers.length, queries.length, backward + forward);
    return { papers: papers.length, queries: queries.length, matches: backward + forward, read };
  });
  if (!result) return { done: 0, left: await countUnmatched(sql) };
  // Only now: what a transaction that failed has read may come again under another batch.
  const { read, ...counts } = result;
  learn(known, read);
  log.info(counts, "matched papers and interests");
  return { done: counts.papers + counts.queries, left: await countUnmatched(sql) };
}

async function unmatchedQueries(sql: Sql): Promise<number[]> {
  const rows = await sql<
    { id: number }[]
  >`select id from queries where batch_id is null order by id limit ${queriesInABatch}`;
  return rows.map((row) => row.id);
}

async function unmatchedPapers(sql: Sql): Promise<number[]> {
  const rows = await sql<
    { id: number }[]
  >`select id from papers where batch_id is null order by id limit ${papersInABatch}`;
  return rows.map((row) => row.id);
}

async function openBatch(sql: Sql, now: Temporal.Instant): Promise<number> {
  const [row] = await sql<{ id: number }[]>`
    insert into batches (matched_at, papers, queries, matches) values (${now}, 0, 0, 0) returning id`;
  return (row as { id: number }).id;
}

async function closeBatch(sql: Sql, batch: number, papers: number, queries: number, matches: number): Promise<void> {
  await sql`update batches set papers = ${papers}, queries = ${queries}, matches = ${matches} where id = ${batch}`;
}

async function markQueries(sql: Sql, queries: number[], batch: number): Promise<void> {
  await sql`update queries set batch_id = ${batch} where id = any(${queries}::bigint[])`;
}

async function markPapers(sql: Sql, papers: number[], batch: number): Promise<void> {
  await sql`update papers set batch_id = ${batch} where id = any(${papers}::bigint[])`;
}

async function matchQueries(sql: Sql, queries: number[], batch: number, since: Temporal.Instant): Promise<number> {
  if (queries.length === 0) return 0;
  const pairs = sql`
    select q.id as query_id, p.id as paper_id, ${rank(sql, sql`q.expression`)} as rank
    from queries q join papers p on p.vector @@ q.expression
    where q.id = any(${queries}::bigint[]) and p.batch_id is not null and p.first_seen_at > ${since}`;
  return saveMatches(sql, batch, pairs);
}

/**
 * Runs every query once over an index of the batch: the other way round, paper by paper, costs hundreds of times as much.
 * PostgreSQL says what the lexemes are, ranks the hits, and takes the few queries that were not compiled.
 */
async function matchPapers(sql: Sql, papers: number[], batch: number, queries: KnownQueries[]): Promise<number> {
  if (papers.length === 0) return 0;
  const vectors = await sql<{ id: number; vector: string }[]>`
    select id, vector::text as vector from papers where id = any(${papers}::bigint[]) order by id`;
  const index = new Batch(vectors.map((row) => row.vector));
  let hits = 0;
  let pairs: Pairs = { queries: [], papers: [] };
  for (const [query, program] of queries.flatMap((it) => [...it.programs])) {
    for (const place of index.run(program)) {
      pairs.queries.push(query);
      pairs.papers.push((vectors[place] as { id: number }).id);
    }
    if (pairs.queries.length < pairsInAStatement) continue;
    hits += await saveMatches(sql, batch, rankedPairs(sql, pairs));
    pairs = { queries: [], papers: [] };
  }
  if (pairs.queries.length > 0) hits += await saveMatches(sql, batch, rankedPairs(sql, pairs));
  const uncompiled = queries.flatMap((it) => [...it.uncompiled]);
  if (uncompiled.length === 0) return hits;
  const others = sql`
    select q.id as query_id, p.id as paper_id, ${rank(sql, sql`q.expression`)} as rank
    from papers p join queries q on p.vector @@ q.expression
    where p.id = any(${papers}::bigint[]) and q.id = any(${uncompiled}::bigint[])`;
  return hits + (await saveMatches(sql, batch, others));
}

type Pairs = { queries: number[]; papers: number[] };

/** All hits of a query are in one statement: it keeps the best of them. */
function rankedPairs(sql: Sql, pairs: Pairs): Fragment {
  return sql`
    select q.id as query_id, p.id as paper_id, ${rank(sql, sql`q.expression`)} as rank
    from unnest(${pairs.queries}::bigint[], ${pairs.papers}::bigint[]) as hit (query_id, paper_id)
    join queries q on q.id = hit.query_id join papers p on p.id = hit.paper_id`;
}

async function saveMatches(sql: Sql, batch: number, pairs: Fragment): Promise<number> {
  const [row] = await sql<{ hits: number }[]>`
    with pairs as (${pairs}),
    placed as (
      select *, row_number() over (partition by query_id order by rank desc, paper_id desc) as place from pairs
    ),
    counted as (
      insert into query_hits (query_id, batch_id, hits) select query_id, ${batch}, count(*) from pairs group by query_id
      on conflict (query_id, batch_id) do update set hits = query_hits.hits + excluded.hits
    ),
    kept as (
      insert into matches (query_id, paper_id, batch_id, rank)
      select query_id, paper_id, ${batch}, rank from placed where place <= ${bestKept}
      on conflict do nothing
    )
    select count(*)::int as hits from pairs`;
  return row?.hits ?? 0;
}

async function countUnmatched(sql: Sql): Promise<number> {
  const [row] = await sql<{ left: number }[]>`
    select ((select count(*) from papers where batch_id is null) + (select count(*) from queries where batch_id is null))::int as left`;
  return row?.left ?? 0;
}
