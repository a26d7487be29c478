import type { Context } from "../context.ts";
import type { Sql } from "../db.ts";
import { lockPapers } from "../papers/save.ts";
import { learnAcronyms } from "./acronyms.ts";
import { findHits } from "./hits.ts";
import { indexBatch, type KnownQueries, noQueries, readQueries } from "./known_queries.ts";
import { findNearMiss, type NearMiss } from "./near_miss.ts";
import { areOutdated, remakeQueries } from "./queries.ts";
import { keepInPlace, type QueryHits, saveHits } from "./query_hits.ts";
import { countLexemes } from "./rarity.ts";

/** Any number: one batch is opened at a time, so that their ids become visible in their order (see `batches`). */
const lockKey = 6_402_117;
const papersInABatch = 2000;
const queriesInABatch = 200;
const queriesInARange = 100_000;
/** Queries whose hits are written by one statement. */
const queriesInAStatement = 10_000;
/** Matches kept for a query and batch; `query_hits` counts all. */
export const bestKept = 50;
/** How far back a new interest looks. */
const lookBackDays = 7;

/**
 * The match stage. A batch takes up new queries, against the papers of the week before, and new papers, against every query, in
 * ranges that any number of workers share; each pair once. A batch counts when all its ranges are done. A worker keeps `known`
 * from run to run, so that a query is read and compiled once. `left` is how much still waits.
 */
export async function match(context: Context, known = noQueries()): Promise<{ done: number; left: number }> {
  let done = await openBatch(context);
  while (await matchRange(context, known)) done++;
  await completeBatches(context);
  return { done, left: await countUnmatched(context.sql) };
}

/** Answers how many papers and queries were taken up; none while a batch is open. */
async function openBatch({ sql, clock, log }: Context): Promise<number> {
  const now = clock();
  return sql.begin(async (transaction) => {
    const [lock] = await transaction<{ mine: boolean }[]>`select pg_try_advisory_xact_lock(${lockKey}) as mine`;
    if (!lock?.mine || (await hasOpenBatch(transaction))) return 0;
    const outdated = await areOutdated(transaction);
    const queries = await unmatchedQueries(transaction);
    const papers = await unmatchedPapers(transaction);
    if (queries.length + papers.length === 0 && !outdated) return 0;
    await countLexemes(transaction);
    const batch = await insertBatch(transaction, now, papers.length, queries.length);
    await lockPapers(transaction);
    await transaction`update papers set batch_id = ${batch} where id = any(${papers.map((it) => it.id)}::bigint[])`;
    await transaction`update paper_news set batch_id = ${batch} where batch_id is null`;
    await transaction`update queries set batch_id = ${batch} where id = any(${queries}::bigint[])`;
    const unread = papers.filter((it) => !it.wasMatched).map((it) => it.id);
    const acronyms = await learnAcronyms(transaction, unread);
    if (outdated) await remakeQueries(transaction, batch);
    else {
      // Acronyms and rules may have changed since they were made: they waited.
      await remakeQueries(transaction, batch, { ids: queries });
      if (acronyms.length > 0) await remakeQueries(transaction, batch, { names: acronyms });
    }
    for (const query of await readExpressions(transaction, queries)) await lookBack(transaction, query, batch, now);
    if (papers.length > 0) await openRanges(transaction, batch);
    log.info({ papers: papers.length, queries: queries.length, acronyms: acronyms.length }, "opened a batch");
    return papers.length + queries.length;
  });
}

async function hasOpenBatch(sql: Sql): Promise<boolean> {
  return (await sql`select from batches where completed_at is null`).length > 0;
}

async function unmatchedQueries(sql: Sql): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`
    select id from queries where batch_id is null order by id limit ${queriesInABatch}`;
  return rows.map((row) => row.id);
}

async function readExpressions(sql: Sql, queries: number[]): Promise<{ id: number; expression: string }[]> {
  return sql<{ id: number; expression: string }[]>`
    select id, expression from queries where id = any(${queries}::bigint[]) order by id`;
}

async function unmatchedPapers(sql: Sql): Promise<{ id: number; wasMatched: boolean }[]> {
  return sql<{ id: number; wasMatched: boolean }[]>`
    select id, was_matched as "wasMatched" from papers where batch_id is null order by id limit ${papersInABatch}`;
}

async function insertBatch(sql: Sql, now: Temporal.Instant, papers: number, queries: number): Promise<number> {
  const [row] = await sql<{ id: number }[]>`
    insert into batches (matched_at, papers, queries, matches) values (${now}, ${papers}, ${queries}, 0) returning id`;
  return (row as { id: number }).id;
}

async function openRanges(sql: Sql, batch: number): Promise<void> {
  await sql`
    insert into batch_ranges (batch_id, first_query_id, last_query_id)
    select ${batch}, first, first + ${queriesInARange - 1}::bigint
    from generate_series(0, coalesce((select max(id) from queries), 0), ${queriesInARange}::bigint) as first`;
}

/** A new query against the papers of the week before, those of this batch left out: it will see them with the others. */
async function lookBack(sql: Sql, query: { id: number; expression: string }, batch: number, now: Temporal.Instant) {
  const since = now.subtract({ hours: 24 * lookBackDays });
  const { count, papers } = await findHits(sql, query.expression, {
    where: sql`p.first_seen_at >= ${since} and p.batch_id < ${batch}`,
    most: bestKept,
  });
  if (count === 0) return;
  const ids = papers.map((it) => it.id);
  await saveHits(sql, batch, [{ query: query.id, count, papers: ids, ranks: papers.map((it) => it.rank) }]);
}

/** Matches one range of the batch that is open. Answers whether there was one that nobody has in hand. */
async function matchRange({ sql, clock }: Context, known: KnownQueries): Promise<boolean> {
  return sql.begin(async (transaction) => {
    const [range] = await transaction<{ batch: number; first: number; last: number }[]>`
      select batch_id as batch, first_query_id as first, last_query_id as last from batch_ranges
      where done_at is null order by batch_id, first_query_id limit 1 for update skip locked`;
    if (!range) return false;
    await readQueries(transaction, known, range.batch, clock());
    const hits = await matchQueries(transaction, known, range);
    await transaction`
      update batch_ranges set done_at = ${clock()} where batch_id = ${range.batch} and first_query_id = ${range.first}`;
    await transaction`update batches set matches = matches + ${hits} where id = ${range.batch}`;
    return true;
  });
}

type Range = { batch: number; first: number; last: number };

async function matchQueries(sql: Sql, known: KnownQueries, { batch, first, last }: Range): Promise<number> {
  const { index, papers, matchedBefore } = await indexBatch(sql, known, batch);
  const { ids, size } = known.set;
  const save = async (found: QueryHits[]) => saveHits(sql, batch, await keepInPlace(sql, batch, found, matchedBefore));
  let found: QueryHits[] = [];
  const nearMisses: (NearMiss & { query: number })[] = [];
  let sum = 0;
  for (let slot = 0; slot < size; slot++) {
    const query = ids[slot] as number;
    if (query < first || query > last || known.uncompiled.has(query)) continue;
    const hits = index.run(slot, bestKept);
    if (!hits) {
      const near = findNearMiss(index, known.set, slot);
      if (near) nearMisses.push({ ...near, query, paper: papers[near.paper] as number });
      continue;
    }
    sum += hits.count;
    found.push({ ...hits, query, papers: hits.papers.map((paper) => papers[paper] as number) });
    if (found.length < queriesInAStatement) continue;
    await save(found);
    found = [];
  }
  const uncompiled = [...known.uncompiled].filter((id) => id >= first && id <= last);
  const plain = await matchPlainly(sql, uncompiled, batch);
  await save([...found, ...plain]);
  await saveNearMisses(sql, batch, nearMisses);
  return plain.reduce((hits, { count }) => hits + count, sum);
}

/** What the compiler can't take, which expressions of ours never are, is left to PostgreSQL; it comes behind what has a rank. */
async function matchPlainly(sql: Sql, queries: number[], batch: number): Promise<QueryHits[]> {
  if (queries.length === 0) return [];
  const hits = await sql<{ query: number; paper: number }[]>`
    select q.id as query, p.id as paper from queries q join papers p on p.vector @@ q.expression::tsquery
    where q.id = any(${queries}::bigint[]) and p.batch_id = ${batch} order by p.id desc`;
  return [...Map.groupBy(hits, (hit) => hit.query)].map(([query, papers]) => {
    const best = papers.slice(0, bestKept);
    return { query, count: papers.length, papers: best.map((it) => it.paper), ranks: best.map(() => 0) };
  });
}

async function saveNearMisses(sql: Sql, batch: number, found: (NearMiss & { query: number })[]): Promise<void> {
  if (found.length === 0) return;
  await sql`
    insert into near_misses (query_id, batch_id, paper_id, rank, missing)
    select n.query_id, ${batch}, n.paper_id, n.rank, n.missing
    from unnest(${found.map((it) => it.query)}::bigint[], ${found.map((it) => it.paper)}::bigint[],
      ${found.map((it) => it.rank)}::real[], ${found.map((it) => it.missing)}::text[]) as n (query_id, paper_id, rank, missing)
    join queries q on q.id = n.query_id`;
}

/** Whoever did the last range may not have seen that it was the last: so everybody looks. */
async function completeBatches({ sql, clock, log }: Context): Promise<void> {
  const completed = await sql<{ id: number; matches: number }[]>`
    update batches b set completed_at = ${clock()}
    where completed_at is null and not exists (select from batch_ranges r where r.batch_id = b.id and r.done_at is null)
    returning id, matches`;
  for (const batch of completed) log.info(batch, "matched a batch");
}

async function countUnmatched(sql: Sql): Promise<number> {
  const [row] = await sql<{ left: number }[]>`
    select ((select count(*) from papers where batch_id is null) + (select count(*) from queries where batch_id is null)
      + (select count(*) from batch_ranges where done_at is null))::int as left`;
  return row?.left ?? 0;
}
