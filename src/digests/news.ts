import type { Config } from "../config.ts";
import type { Sql } from "../db.ts";
import { trendingPapers, trendScore } from "../papers/trending.ts";
import { type FeatureTable, noFeatures } from "./features.ts";
import { type Paper, Ranking, worth } from "./rank.ts";
import { saveReceipt } from "./receipt.ts";

/** The hits of a query in the batches after one, best first, and what came near it where it hit nothing. */
export type Hits = {
  after: number;
  papers: Paper[];
  batches: number[];
  ranks: number[];
  near: NearMiss[];
  /** What `leastAfter` has answered, by the batch that it was asked for. */
  leasts: Map<number, number>;
};

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
  /** How many hits there are in all, as a bound for the memory. */
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
  const rows = await sql<{ query: number; hits: string | null; near: NearMiss[] | null }[]>`
    select w.query, (
      select string_agg(m.paper_id || ' ' || m.batch_id || ' ' || m.rank, ',' order by m.rank desc, m.paper_id desc)
      from matches m where m.query_id = w.query and m.batch_id > w.after and m.batch_id <= ${news.batch}
    ) as hits, (
      select json_agg(json_build_object('paper', n.paper_id, 'batch', n.batch_id, 'rank', n.rank, 'missing', n.missing))
      from near_misses n where n.query_id = w.query and n.batch_id > w.after and n.batch_id <= ${news.batch}
    ) as near
    from unnest(${missing.map(([query]) => query)}::bigint[], ${missing.map(([, after]) => after)}::bigint[]) as w (query, after)`;
  const found = rows.map(({ query, hits, near }) => ({ query, hits: parseHits(hits), near: near ?? [] }));
  await readPapers(
    sql,
    news,
    found.flatMap(({ hits, near }) => [...hits, ...near].map(({ paper }) => paper)),
  );
  for (const { query, hits, near } of found) {
    news.hitCount += hits.length - (news.hits.get(query)?.papers.length ?? 0);
    news.hits.set(query, {
      after: wanted.get(query) as number,
      papers: hits.map(({ paper }) => news.papers.get(paper) as Paper),
      batches: hits.map(({ batch }) => batch),
      ranks: hits.map(({ rank }) => rank),
      near,
      leasts: new Map(),
    });
  }
}

/**
 * The least number of a paper that the interest may bring, near misses among them; infinite where there is none. Readers who are
 * alike ask for the same.
 */
export function leastAfter({ hits }: News, { query, after }: { query: number; after: number }): number {
  const of = hits.get(query);
  if (!of) return Number.POSITIVE_INFINITY;
  const { leasts, papers, batches, near } = of;
  return leasts.getOrInsertComputed(after, () =>
    Math.min(
      ...papers.filter((_, at) => (batches[at] as number) > after).map(({ id }) => id),
      ...near.filter(({ batch }) => batch > after).map(({ paper }) => paper),
    ),
  );
}

function parseHits(written: string | null): { paper: number; batch: number; rank: number }[] {
  return (written?.split(",") ?? []).map((hit) => {
    const [paper, batch, rank] = hit.split(" ").map(Number) as [number, number, number];
    return { paper, batch, rank };
  });
}

/** Reads what is to be known of papers, unless it is. */
async function readPapers(sql: Sql, news: News, ids: Iterable<number>): Promise<void> {
  const missing = [...new Set(ids)].filter((id) => !news.papers.has(id));
  if (missing.length === 0) return;
  const rows = await sql<(Omit<Paper, "place" | "worth"> & { days: number })[]>`
    select p.id, p.revision, p.upvotes, p.comments, ${trendScore(sql, news.readAt)} as trend,
      extract(epoch from ${news.readAt}::timestamptz - p.first_seen_at)::float8 / 86400 as days
    from papers p where p.id = any(${missing}::bigint[])`;
  for (const { id, revision, upvotes, comments, trend, days } of rows)
    news.papers.set(id, { id, place: news.papers.size, revision, upvotes, comments, trend, worth: worth(trend, days) });
}
