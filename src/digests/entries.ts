import type { Entry, Wanted } from "./contents.ts";
import type { DueReader } from "./due.ts";
import { chooseNearMisses } from "./near_misses.ts";
import type { News } from "./news.ts";
import type { Interest, Paper } from "./rank.ts";

/** How many trending papers a digest adds to matches. */
const trendingAdded = 3;
/**
 * Of how many it is known whether a reader has had them. On three months of Daily Papers a daily reader found three new ones among
 * the first 8 on 63 days of a hundred, and always among the first 24; for the others it is asked again. For who has voted, all are
 * put in an order of their own.
 */
export const trendingLooks = { few: 8, more: 24, all: 60 };

/** By what a reader's votes multiply a paper's score; undefined: they have not voted. */
type Taste = ((paper: number) => number) | undefined;

/** `looked`: of so many papers that trend it is known whether they had them. */
type Own = { interests: Interest[]; had: Set<number> | undefined; looked: number };

/** What a digest shows. `matched` is how many papers matched in all. When it `isShort`, more of what trends is to be looked at, and nothing is said. */
export type Chosen = { matched: number; papers: Entry[]; interests: Wanted[]; isShort: boolean };

/** The papers of a reader's digest: what matched, what trends, and, where there is any of these, what came near. */
export function chooseEntries(news: News, reader: DueReader, { interests, had, looked }: Own, taste: Taste): Chosen {
  const { best, count } = news.ranking.rank(interests, news.hits, { had, most: reader.limit, taste });
  const isTaken = (paper: Paper) => news.ranking.has(paper) || had?.has(paper.id) === true;
  const room = trendingRoom(reader, interests, count);
  const listed = interests.length > 0 ? news.trending.slice(0, looked) : news.trending;
  const trending = room > 0 ? firstOf(taste ? byTaste(listed, taste) : listed, room, isTaken) : [];
  const isShort = trending.length < room && listed.length < Math.min(trendingLooks.all, news.trending.length);
  const chosen: Chosen = { matched: 0, papers: [], interests: [], isShort };
  if (isShort || best.length + trending.length === 0) return chosen;
  const near = chooseNearMisses(news, interests, (paper) => isTaken(paper) || trending.includes(paper));
  chosen.matched = count;
  const placeOf = ({ query, typed }: Interest) => {
    const known = chosen.interests.findIndex((it) => it.query === query);
    return known >= 0 ? known : chosen.interests.push({ query, typed }) - 1;
  };
  for (const { paper, interest } of best) chosen.papers.push(toEntry(paper, placeOf(interest)));
  for (const paper of trending) chosen.papers.push(toEntry(paper));
  for (const { paper, interest, missing } of near) chosen.papers.push(toEntry(paper, placeOf(interest), missing));
  return chosen;
}

/** Trending papers come with matches. Alone they come to who has no interests, and in a first digest. */
function trendingRoom(reader: DueReader, interests: Interest[], matches: number): number {
  if (interests.length === 0) return reader.trending ? reader.limit : 0;
  return reader.trending && (reader.first || matches > 0) ? Math.min(trendingAdded, reader.limit) : 0;
}

/**
 * What the reader's votes speak for trends as if up to twice as many had voted for it, what they speak against as if half: the votes
 * of others are in `trend` by their logarithm to base 2.
 */
function byTaste(papers: Paper[], taste: (paper: number) => number): Paper[] {
  const scores = new Map(papers.map((paper) => [paper, paper.trend + Math.log2(taste(paper.id))]));
  return papers.toSorted((one, other) => (scores.get(other) as number) - (scores.get(one) as number));
}

function firstOf(papers: Paper[], most: number, isTaken: (paper: Paper) => boolean): Paper[] {
  const chosen: Paper[] = [];
  for (let at = 0; at < papers.length && chosen.length < most; at++) {
    const paper = papers[at] as Paper;
    if (!isTaken(paper)) chosen.push(paper);
  }
  return chosen;
}

/** In one piece, of which JSON leaves out what is undefined: to let it grow would make it twice, and planning makes little else. */
function toEntry({ id, revision, upvotes, comments }: Paper, interest?: number, near?: string): Entry {
  return {
    paper: id,
    revision: revision > 1 ? revision : undefined,
    interest,
    near,
    upvotes: upvotes || undefined,
    comments: comments || undefined,
  };
}
