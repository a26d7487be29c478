import type { Sql } from "../db.ts";
import type { DueReader } from "./due.ts";
import { type FeatureTable, readFeatures } from "./features.ts";
import type { News } from "./news.ts";
import type { Interest } from "./rank.ts";
import { learnTaste, type Taste, tasteFactor } from "./taste.ts";

/** Older votes than these say nothing any more. */
const votesCounted = 100;
/** Of all readers who are planned together: half a second of learning, and half of the papers that are kept. */
const votesInABatch = 10_000;

/** What the votes of one reader make of papers: see `tasteFactor`. */
export type ReaderTaste = { taste: Taste; factor: (paper: number) => number };

/** The first readers, as many as can be learnt from at once: what is locked and kept for them has its bound. The rest is for later. */
export function withinVotes(readers: DueReader[]): DueReader[] {
  let votes = 0;
  const end = readers.findIndex((reader) => {
    votes += Math.min(reader.votes, votesCounted);
    return votes > votesInABatch;
  });
  return end < 0 ? readers : readers.slice(0, end);
}

/** The tastes of those readers who have voted; nothing is read for the others. */
export async function readTastes(
  sql: Sql,
  news: News,
  readers: DueReader[],
  interests: Map<number, Interest[]>,
): Promise<Tastes> {
  const voters = readers.filter((reader) => reader.votes > 0);
  if (voters.length === 0) return new Tastes(news.features, []);
  const queries = new Set(voters.flatMap(({ id }) => (interests.get(id) ?? []).map(({ query }) => query)));
  const candidates = [...queries].flatMap((query) =>
    (news.hits.get(query)?.batches ?? []).flatMap(({ papers }) => papers),
  );
  const trending = voters.some((reader) => reader.trending) ? news.trending : [];
  const papers = [...candidates, ...trending].map(({ id }) => id);
  return learnTastes(
    sql,
    news.features,
    voters.map(({ id }) => id),
    papers,
  );
}

/** What readers' votes make of these papers, whose features and those of the papers that were voted on go into the table. */
export async function learnTastes(sql: Sql, table: FeatureTable, readers: number[], papers: number[]): Promise<Tastes> {
  const votes = await selectVotes(sql, readers);
  await readFeatures(sql, table, [...votes.map((it) => it.paper), ...papers]);
  return new Tastes(table, votes);
}

type CastVote = { reader: number; paper: number; liked: boolean };

async function selectVotes(sql: Sql, readers: number[]): Promise<CastVote[]> {
  return sql<CastVote[]>`
    select r.id as reader, v.paper_id as paper, v.liked from unnest(${readers}::bigint[]) as r (id) cross join lateral (
      select paper_id, liked from votes where subscriber_id = r.id order by voted_at desc, paper_id desc limit ${votesCounted}
    ) as v`;
}

/** Learns the taste of one reader after the other, each in the same place: an array for each would be most of the work. */
export class Tastes {
  private readonly table: FeatureTable;
  private readonly votes: Map<number, CastVote[]>;
  private readonly taste: Taste;

  constructor(table: FeatureTable, votes: CastVote[]) {
    this.table = table;
    this.votes = Map.groupBy(votes, (vote) => vote.reader);
    this.taste = new Float64Array(votes.length > 0 ? table.names.length : 0);
  }

  /** Undefined: the reader has not voted. It is good until the next call. */
  of(reader: number): ReaderTaste | undefined {
    const votes = this.votes.get(reader);
    if (!votes) return undefined;
    const { papers } = this.table;
    const judged = votes.flatMap(({ paper, liked }) => {
      const features = papers.get(paper);
      return features ? [{ features, liked }] : [];
    });
    const taste = learnTaste(judged, this.taste.fill(0));
    const known = new Map<number, number>();
    return {
      taste,
      factor: (paper) => known.getOrInsertComputed(paper, () => tasteFactor(taste, papers.get(paper))),
    };
  }
}
