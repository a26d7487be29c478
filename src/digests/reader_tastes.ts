import type { Sql } from "../db.ts";
import type { DueReader } from "./due.ts";
import { type FeatureTable, readFeatures } from "./features.ts";
import type { News } from "./news.ts";
import type { Interest } from "./rank.ts";
import { learnTaste, type Taste, tasteFactor } from "./taste.ts";

/** Older votes than these say nothing any more. */
const votesCounted = 200;

/** What the votes of one reader make of papers: see `tasteFactor`. */
export type ReaderTaste = { taste: Taste; factor: (paper: number) => number };

/** The tastes of those readers who have voted, by their ids; nothing is read for the others. */
export async function readTastes(
  sql: Sql,
  news: News,
  readers: DueReader[],
  interests: Map<number, Interest[]>,
): Promise<Map<number, ReaderTaste>> {
  const voters = readers.filter((reader) => reader.votes > 0);
  if (voters.length === 0) return new Map();
  const queries = new Set(voters.flatMap(({ id }) => (interests.get(id) ?? []).map(({ query }) => query)));
  const candidates = [...queries].flatMap((query) => news.hits.get(query)?.papers ?? []);
  const trending = voters.some((reader) => reader.trending) ? news.trending : [];
  return learnTastes(
    sql,
    news.features,
    voters.map(({ id }) => id),
    [...candidates, ...trending],
  );
}

/** What readers' votes make of these papers, whose features and those of the papers that were voted on go into the table. */
export async function learnTastes(
  sql: Sql,
  table: FeatureTable,
  readers: number[],
  papers: number[],
): Promise<Map<number, ReaderTaste>> {
  const votes = await selectVotes(sql, readers);
  await readFeatures(sql, table, [...votes.map((it) => it.paper), ...papers]);
  return new Map([...Map.groupBy(votes, (vote) => vote.reader)].map(([reader, own]) => [reader, tasteOf(table, own)]));
}

type CastVote = { reader: number; paper: number; liked: boolean };

async function selectVotes(sql: Sql, readers: number[]): Promise<CastVote[]> {
  return sql<CastVote[]>`
    select r.id as reader, v.paper_id as paper, v.liked from unnest(${readers}::bigint[]) as r (id) cross join lateral (
      select paper_id, liked from votes where subscriber_id = r.id order by voted_at desc, paper_id desc limit ${votesCounted}
    ) as v`;
}

function tasteOf(table: FeatureTable, votes: CastVote[]): ReaderTaste {
  const judged = votes.flatMap(({ paper, liked }) => {
    const features = table.papers.get(paper);
    return features ? [{ features, liked }] : [];
  });
  const taste = learnTaste(judged);
  const known = new Map<number, number>();
  return {
    taste,
    factor: (paper) => known.getOrInsertComputed(paper, () => tasteFactor(taste, table.papers.get(paper))),
  };
}
