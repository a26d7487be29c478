import type { Config } from "../config.ts";
import type { Fragment, Sql } from "../db.ts";
import { trendingPapers, trendOf, trendScore } from "../papers/trending.ts";
import { type FeatureTable, noFeatures } from "./features.ts";
import { type Paper, Ranking, worth } from "./rank.ts";
import { saveReceipt } from "./receipt.ts";

/** The hits of a query in the batches after one, and what came near it where it hit nothing. */
export type Hits = {
  after: number;
  batches: BatchHits[];
  near: NearMiss[];
  /** The least number of all these papers, near misses among them; infinite where there is none. */
  least: number;
};

/** What a query hit in one batch, each paper with its rank. */
export type BatchHits = { batch: number; papers: Paper[]; ranks: number[] };

/** `missing` is a lexeme of what the paper lacks. */
export type NearMiss = { paper: number; batch: number; rank: number; missing: string };

/**
 * What there is to send, read once for many readers: a worker keeps it while the newest batch is the same, and no longer than
 * some minutes, as votes change.
 */
export type News = {
  readAt: Temporal.Instant;
  /** Matches through this batch are planned. Those of later ones, which may be written meanwhile, are left to the next digest. */
  batch: number;
  /** Papers that trend, in their order. */
  trending: Paper[];
  receiptId: number;
  hits: Map<number, Hits>;
  /** How many hits there are in all, with `hitsForAQuery`, as a bound for the memory. */
  hitCount: number;
  papers: Map<number, Paper>;
  ranking: Ranking;
  /** What papers are about, for readers who have voted. */
  features: FeatureTable;
};

/** Enough that a reader who has had the first ones, ten days of fifty a day, finds others. */
const trendingConsidered = 500;
const goodFor = { minutes: 5 };
/** About 30 MB. */
const mostHits = 1_000_000;
/** What a query takes besides, as if it were so many hits: a million readers may have interests of which few hit anything. */
const hitsForAQuery = 8;

/** The news to plan with now: those given, as long as they are good. */
export async function readNews(
  sql: Sql,
  config: Config,
  now: Temporal.Instant,
  known: News | undefined,
): Promise<News> {
  const [row] = await sql<{ batch: number }[]>`
    select coalesce(max(id), 0) as batch from batches where completed_at is not null`;
  const batch = row?.batch ?? 0;
  if (known?.batch === batch && isFresh(known.readAt, now)) return known;
  const news: News = {
    readAt: now,
    batch,
    trending: [],
    receiptId: await saveReceipt(sql, config, now),
    hits: new Map(),
    hitCount: 0,
    papers: new Map(),
    ranking: new Ranking(),
    features: noFeatures(known?.features.words),
  };
  const trending = await trendingPapers(sql, now, trendingConsidered);
  await readPapers(sql, news, trending);
  news.trending = trending.flatMap((id) => news.papers.get(id) ?? []);
  return news;
}

function isFresh(readAt: Temporal.Instant, now: Temporal.Instant): boolean {
  const ordered = Temporal.Instant.compare(readAt, now) <= 0;
  return ordered && Temporal.Instant.compare(now, readAt.add(goodFor)) < 0;
}

/** Reads what the queries hit after the batches that are given with them, unless it is known. */
export async function readHits(sql: Sql, news: News, wanted: Map<number, number>): Promise<void> {
  const missing = [...wanted].filter(
    ([query, after]) => (news.hits.get(query)?.after ?? Number.POSITIVE_INFINITY) > after,
  );
  if (missing.length === 0) return;
  // What this batch of readers needs and has is read again with the rest.
  if (news.hitCount > mostHits) {
    news.hits.clear();
    news.hitCount = 0;
    return readHits(sql, news, wanted);
  }
  const found = await selectHits(sql, missing, news.batch);
  const near = await selectNearMisses(sql, missing, news.batch);
  await readPapers(sql, news, [...found.flatMap(({ papers }) => papers), ...near.map(({ paper }) => paper)]);
  for (const [query, after] of missing) {
    const before = news.hits.get(query);
    news.hitCount += before ? -countHits(before) : hitsForAQuery;
    news.hits.set(query, { after, batches: none, near: none, least: Number.POSITIVE_INFINITY });
  }
  for (const { query, batch, papers, ranks } of found) {
    const hits = news.hits.get(query) as Hits;
    news.hitCount += papers.length;
    hits.least = Math.min(hits.least, ...papers);
    hits.batches = [...hits.batches, { batch, papers: papers.map((id) => news.papers.get(id) as Paper), ranks }];
  }
  for (const { query, ...nearMiss } of near) {
    const hits = news.hits.get(query) as Hits;
    hits.least = Math.min(hits.least, nearMiss.paper);
    hits.near = [...hits.near, nearMiss];
  }
}

/** One for all queries that hit nothing, which are most. */
const none: never[] = [];

function countHits({ batches }: Hits): number {
  return batches.reduce((sum, { papers }) => sum + papers.length, 0);
}

/** Queries, each with the batch after which its hits are wanted. */
type WantedHits = [query: number, after: number][];

async function selectHits(
  sql: Sql,
  wanted: WantedHits,
  through: number,
): Promise<{ query: number; batch: number; papers: number[]; ranks: number[] }[]> {
  // Told as text: to read arrays takes the client several times as long.
  const rows = await sql<{ query: number; batch: number; papers: string; ranks: string }[]>`
    select h.query_id as query, h.batch_id as batch, array_to_string(h.paper_ids, ' ') as papers, array_to_string(h.ranks, ' ') as ranks
    from ${unnestWanted(sql, wanted)}
    join query_hits h on h.query_id = any(w.queries::bigint[]) and h.batch_id > w.after and h.batch_id <= ${through} and h.paper_ids <> '{}'`;
  return rows.map(({ query, batch, papers, ranks }) => ({
    query,
    batch,
    papers: papers.split(" ").map(Number),
    ranks: ranks.split(" ").map(Number),
  }));
}

async function selectNearMisses(
  sql: Sql,
  wanted: WantedHits,
  through: number,
): Promise<(NearMiss & { query: number })[]> {
  return sql<(NearMiss & { query: number })[]>`
    select n.query_id as query, n.paper_id as paper, n.batch_id as batch, n.rank, n.missing
    from ${unnestWanted(sql, wanted)}
    join near_misses n on n.query_id = any(w.queries::bigint[]) and n.batch_id > w.after and n.batch_id <= ${through}`;
}

/** Those that go on after the same batch are looked up together: PostgreSQL, from 17 on, goes through the index once for them. */
function unnestWanted(sql: Sql, wanted: WantedHits): Fragment {
  const alike = [...Map.groupBy(wanted, ([, after]) => after)];
  const queries = alike.map(([, of]) => `{${of.map(([query]) => query)}}`);
  return sql`unnest(${alike.map(([after]) => after)}::bigint[], ${queries}::text[]) as w (after, queries)`;
}

/** The least number of a paper that the interest may bring, near misses among them; infinite where there is none. */
export function leastAfter({ hits }: News, { query, after }: { query: number; after: number }): number {
  const of = hits.get(query);
  if (!of || after <= of.after) return of?.least ?? Number.POSITIVE_INFINITY;
  let least = Number.POSITIVE_INFINITY;
  for (const { batch, papers } of of.batches)
    if (batch > after) for (const { id } of papers) least = Math.min(least, id);
  for (const { paper, batch } of of.near) if (batch > after) least = Math.min(least, paper);
  return least;
}

/** Reads what is to be known of papers, unless it is. */
async function readPapers(sql: Sql, news: News, ids: number[]): Promise<void> {
  const missing = [...new Set(ids.filter((id) => !news.papers.has(id)))];
  if (missing.length === 0) return;
  const rows = await sql<(Omit<Paper, "place" | "worth"> & { votes: number; days: number })[]>`
    select p.id, p.revision, p.upvotes, p.comments, ${trendOf(sql)} as trend, ${trendScore(sql, news.readAt)} as votes,
      extract(epoch from ${news.readAt}::timestamptz - p.first_seen_at)::float8 / 86400 as days
    from papers p where p.id = any(${missing}::bigint[])`;
  for (const { id, revision, upvotes, comments, trend, votes, days } of rows)
    news.papers.set(id, { id, place: news.papers.size, revision, upvotes, comments, trend, worth: worth(votes, days) });
}
