import { expect, test } from "vitest";
import type { Hits } from "../../src/digests/news.ts";
import { type Interest, type Paper, rankPapers, worth } from "../../src/digests/rank.ts";

const interest = (query: number, after = 0): Interest => ({ query, typed: `interest ${query}`, after });
const paper = (votes = 0, days = 0): Paper => ({
  revision: 1,
  upvotes: votes,
  comments: null,
  trend: votes,
  worth: worth(votes, days),
});

function hits(papers: [paper: number, rank: number, batch?: number][]): Hits {
  return {
    after: 0,
    papers: papers.map(([id]) => id),
    ranks: papers.map(([, rank]) => rank),
    batches: papers.map(([, , batch]) => batch ?? 1),
    near: [],
    least: Math.min(...papers.map(([id]) => id)),
  };
}

const ranked = (
  interests: Interest[],
  found: Map<number, Hits>,
  papers: Map<number, Paper>,
  had: Set<number>,
  taste?: (paper: number) => number,
) => rankPapers(interests, { hits: found, papers }, { had, most: 50, taste }).best;
const order = (...given: Parameters<typeof ranked>) => ranked(...given).map((it) => it.paper);
const nothing = new Set<number>();

test("what fits better comes first, and what trends never passes what fits 1.3 times as well", () => {
  const found = new Map([
    [
      1,
      hits([
        [10, 13.1],
        [11, 10],
      ]),
    ],
  ]);
  const papers = new Map([
    [10, paper(0, 30)],
    [11, paper(1e6, 0)],
  ]);
  expect(order([interest(1)], found, papers, nothing)).toEqual([10, 11]);
  expect(worth(1e9, 0)).toBeLessThan(1.3 + 1e-9);
  expect(worth(0, 1e9)).toBeGreaterThanOrEqual(1);
});

test("of papers that fit alike, the one that trends comes first, then the newer one", () => {
  const found = new Map([
    [
      1,
      hits([
        [10, 5],
        [11, 5],
        [12, 5],
      ]),
    ],
  ]);
  const papers = new Map([
    [10, paper(40, 1)],
    [11, paper(0, 9)],
    [12, paper(0, 1)],
  ]);
  expect(order([interest(1)], found, papers, nothing)).toEqual([10, 12, 11]);
});

test("a paper that several interests hit goes ahead, under the interest that fits it best", () => {
  const found = new Map([
    [
      1,
      hits([
        [10, 5],
        [11, 6],
      ]),
    ],
    [2, hits([[10, 5.5]])],
  ]);
  const papers = new Map([
    [10, paper()],
    [11, paper()],
  ]);
  const both = ranked([interest(1), interest(2)], found, papers, nothing);
  expect(both.map((it) => [it.paper, it.interest.query])).toEqual([
    [10, 2],
    [11, 1],
  ]);
});

test("what the reader has had, and what was planned before, is not there", () => {
  const found = new Map([
    [
      1,
      hits([
        [10, 5, 3],
        [11, 6, 2],
        [12, 7, 3],
      ]),
    ],
  ]);
  const papers = new Map([
    [10, paper()],
    [11, paper()],
    [12, paper()],
  ]);
  expect(order([interest(1, 2)], found, papers, new Set([12]))).toEqual([10]);
});

test("the reader's taste reorders and leaves nothing out", () => {
  const found = new Map([
    [
      1,
      hits([
        [10, 5],
        [11, 6],
      ]),
    ],
  ]);
  const papers = new Map([
    [10, paper()],
    [11, paper()],
  ]);
  expect(order([interest(1)], found, papers, nothing, (id) => (id === 11 ? 0.5 : 1))).toEqual([10, 11]);
});
