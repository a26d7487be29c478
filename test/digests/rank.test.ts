import fc from "fast-check";
import { expect, test } from "vitest";
import type { Hits } from "../../src/digests/news.ts";
import { type Interest, type Paper, Ranking, worth } from "../../src/digests/rank.ts";

const interest = (query: number, after = 0): Interest => ({ query, typed: `interest ${query}`, after });
const paper = (votes = 0, days = 0): Omit<Paper, "id" | "place"> => ({
  revision: 1,
  upvotes: votes,
  comments: null,
  trend: votes,
  worth: worth(votes, days),
});

type Hit = [paper: number, rank: number, batch?: number];
const hits = (papers: Hit[]) => papers;

/** Ranks, in a place where another reader was ranked before. */
function ranked(
  interests: Interest[],
  found: Map<number, Hit[]>,
  papers: Map<number, Omit<Paper, "id" | "place">>,
  had: Set<number>,
  taste?: (paper: number) => number,
) {
  const known = new Map([...papers].map(([id, it], place) => [id, { ...it, id, place }]));
  const byQuery = new Map(
    [...found].map(([query, of]): [number, Hits] => [
      query,
      {
        after: 0,
        batches: [...Map.groupBy(of, ([, , batch]) => batch ?? 1)].map(([batch, its]) => ({
          batch,
          papers: its.map(([id]) => known.get(id) as Paper),
          ranks: its.map(([, rank]) => rank),
        })),
        near: [],
        least: Math.min(...of.map(([id]) => id)),
      },
    ]),
  );
  const ranking = new Ranking();
  ranking.rank([interest(1), interest(2)], byQuery, { most: 50 });
  const { best, count } = ranking.rank(interests, byQuery, { had, most: 50, taste });
  expect(count).toBe(best.length);
  expect([...known.values()].filter((it) => ranking.has(it))).toHaveLength(count);
  return best;
}
const order = (...given: Parameters<typeof ranked>) => ranked(...given).map((it) => it.paper.id);
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
  expect(both.map((it) => [it.paper.id, it.interest.query])).toEqual([
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

test("however many papers there are, the best are those that sorting all would put first", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 9 })), { maxLength: 60 }),
      ),
      fc.integer({ min: 1, max: 12 }),
      (lists, most) => {
        const ids = [...new Set(lists.flat().map(([id]) => id))];
        const papers = new Map(ids.map((id, place) => [id, { id, place, ...paper(id % 40, id % 9) }]));
        const found = new Map(
          lists.map((list, query): [number, Hits] => {
            const of = [...new Map(list)];
            const [its, ranks] = [of.map(([id]) => papers.get(id) as Paper), of.map(([, rank]) => rank)];
            return [query, { after: 0, batches: [{ batch: 1, papers: its, ranks }], near: [], least: 1 }];
          }),
        );
        const score = (it: Paper) => {
          const ranks = [...found.values()]
            .flatMap(({ batches }) => batches)
            .flatMap(({ papers: its, ranks }) => (its.includes(it) ? ranks[its.indexOf(it)] : []) as number);
          return (1 + 0.5 * Math.log(ranks.length)) * it.worth * Math.max(...ranks);
        };
        const sorted = [...papers.values()].sort((one, other) => score(other) - score(one) || other.id - one.id);
        const { best, count } = new Ranking().rank(
          lists.map((_, query) => interest(query)),
          found,
          { most },
        );
        expect(best.map((it) => it.paper.id)).toEqual(sorted.slice(0, most).map((it) => it.id));
        expect(count).toBe(ids.length);
      },
    ),
  );
});
