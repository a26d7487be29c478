import type { Entry } from "./contents.ts";
import type { DueReader } from "./due.ts";
import { chooseNearMisses } from "./near_misses.ts";
import type { News } from "./news.ts";
import { type Interest, rankPapers } from "./rank.ts";

/** How many trending papers a digest adds to matches, and of how many it is known whether a reader has had them. */
const trendingAdded = 3;
export const trendingLookedAt = 60;

/** By what a reader's votes multiply a paper's score; undefined: they have not voted. */
type Taste = ((paper: number) => number) | undefined;

type Own = { interests: Interest[]; had: Set<number> | undefined };

/**
 * The papers of a reader's digest: what matched, what trends, and, where there is any of these, what came near. `matched` is how
 * many matched in all.
 */
export function chooseEntries(
  news: News,
  reader: DueReader,
  { interests, had }: Own,
  taste: Taste,
): { matched: number; papers: Entry[] } {
  const { found, best } = rankPapers(interests, news, { had, most: reader.limit, taste });
  const papers = best.map(({ paper, interest }) => toEntry(news, paper, interest));
  const isTaken = (paper: number) => found.has(paper) || had?.has(paper) === true;
  if (hasTrending(reader, interests, found.size)) {
    const { listed, room } = trendingFor(news, reader, interests, taste);
    const chosen = firstOf(listed, room, isTaken);
    for (const paper of chosen) papers.push(toEntry(news, paper));
  }
  if (papers.length === 0) return { matched: 0, papers };
  const shown = papers.slice(best.length);
  const near = chooseNearMisses(news, interests, (paper) => isTaken(paper) || shown.some((it) => it.paper === paper));
  for (const { paper, interest, missing } of near) papers.push({ ...toEntry(news, paper, interest), near: missing });
  return { matched: found.size, papers };
}

/** Trending papers come with matches. Alone they come to who has no interests, and in a first digest. */
function hasTrending(reader: DueReader, interests: Interest[], matches: number): boolean {
  return reader.trending && (reader.first || matches > 0 || interests.length === 0);
}

/** What is looked through, in its order, and how many there is room for. */
function trendingFor(
  news: News,
  reader: DueReader,
  interests: Interest[],
  taste: Taste,
): { listed: number[]; room: number } {
  const isAll = interests.length === 0;
  const listed = isAll ? news.trending : news.trending.slice(0, trendingLookedAt);
  const room = isAll ? reader.limit : Math.min(trendingAdded, reader.limit);
  return { listed: taste ? byTaste(news, listed, taste) : listed, room };
}

/** What the reader's votes speak for trends as if up to twice as many had voted for it, what they speak against as if half. */
function byTaste(news: News, papers: number[], taste: (paper: number) => number): number[] {
  const scores = new Map(papers.map((paper) => [paper, (news.papers.get(paper)?.trend ?? 0) * taste(paper)]));
  return papers.toSorted((one, other) => (scores.get(other) as number) - (scores.get(one) as number));
}

function firstOf(papers: number[], most: number, isTaken: (paper: number) => boolean): number[] {
  const chosen: number[] = [];
  for (const paper of papers) {
    if (chosen.length === most) break;
    if (!isTaken(paper)) chosen.push(paper);
  }
  return chosen;
}

function toEntry(news: News, paper: number, interest?: Interest): Entry {
  const { revision = 1, upvotes, comments } = news.papers.get(paper) ?? {};
  const entry: Entry = { paper };
  if (revision > 1) entry.revision = revision;
  if (interest) {
    entry.query = interest.query;
    entry.interest = interest.typed;
  }
  if (upvotes) entry.upvotes = upvotes;
  if (comments) entry.comments = comments;
  return entry;
}
