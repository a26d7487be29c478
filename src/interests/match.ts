import type { Context } from "../context.ts";
import type { Fragment, Sql } from "../db.ts";

/** Any number: batches go one after another, so that their ids become visible in their order (see `batches`). */
const lockKey = 6_402_117;
const papersInABatch = 2000;
const queriesInABatch = 500;
/** Matches kept for a query and batch; `query_hits` counts all. */
const bestKept = 50;
/** How far back a new interest looks. */
const lookBackDays = 7;

/** Title, authors and organisation, categories, abstract: {D, C, B, A} as `ts_rank_cd` wants them. */
const rankWeights = "{0.2, 0.3, 0.6, 1.0}";

/**
 * The match stage: new queries against the papers of the last week, then new papers against every query; each pair once.
 * `left` is how many papers and queries still wait.
 */
export async function match(context: Context): Promise<{ done: number; left: number }> {
  const { sql, clock, log } = context;
  const now = clock();
  const result = await sql.begin(async (transaction) => {
    const [lock] = await transaction<{ mine: boolean }[]>`select pg_try_advisory_xact_lock(${lockKey}) as mine`;
    if (!lock?.mine) return { done: 0, matches: 0 };
    const queries = await unmatchedQueries(transaction);
    const papers = await unmatchedPapers(transaction);
    if (queries.length + papers.length === 0) return { done: 0, matches: 0 };
    const batch = await openBatch(transaction, now);
    // New queries see the papers matched so far; then the new papers see all queries, the new ones included.
    await markQueries(transaction, queries, batch);
    const backward = await matchQueries(transaction, queries, batch, now.subtract({ hours: 24 * lookBackDays }));
    await markPapers(transaction, papers, batch);
    const forward = await matchPapers(transaction, papers, batch);
    await closeBatch(transaction, batch, papers.length, queries.length, backward + forward);
    return { done: queries.length + papers.length, matches: backward + forward };
  });
  if (result.done > 0) log.info(result, "matched papers and interests");
  return { done: result.done, left: await countUnmatched(sql) };
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
    select q.id as query_id, p.id as paper_id, ts_rank_cd(${rankWeights}, p.vector, q.expression, 1) as rank
    from queries q join papers p on p.vector @@ q.expression
    where q.id = any(${queries}::bigint[]) and p.batch_id is not null and p.first_seen_at > ${since}`;
  return saveMatches(sql, batch, pairs);
}

async function matchPapers(sql: Sql, papers: number[], batch: number): Promise<number> {
  if (papers.length === 0) return 0;
  const pairs = sql`
    select q.id as query_id, p.id as paper_id, ts_rank_cd(${rankWeights}, p.vector, q.expression, 1) as rank
    from papers p join queries q on p.vector @@ q.expression
    where p.id = any(${papers}::bigint[]) and q.batch_id is not null`;
  return saveMatches(sql, batch, pairs);
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
