import fc from "fast-check";
import { expect, test } from "vitest";
import type { Features } from "../../src/digests/features.ts";
import type { Hits } from "../../src/digests/news.ts";
import { Ranking } from "../../src/digests/rank.ts";
import { type Judged, learnTaste, strongest, type Taste, tasteFactor } from "../../src/digests/taste.ts";

const toFeatures = (weights: Record<string, number>): Features => {
  const entries = Object.entries(weights).map(([id, weight]): [number, number] => [Number(id), weight]);
  entries.sort(([one], [other]) => one - other);
  return { ids: Uint32Array.from(entries, ([id]) => id), weights: Float32Array.from(entries, ([, weight]) => weight) };
};

/** Of length 1 at most, as papers are, up to what authors and categories add. */
const features = fc
  .uniqueArray(
    fc.record({ id: fc.integer({ min: 0, max: 30 }), weight: fc.double({ min: 0.01, max: 1, noNaN: true }) }),
    {
      selector: (it) => it.id,
      maxLength: 12,
    },
  )
  .map((parts) => {
    const length = Math.hypot(...parts.map((it) => it.weight)) || 1;
    return toFeatures(Object.fromEntries(parts.map(({ id, weight }) => [id, weight / length])));
  });
const votes = fc.array(fc.record({ features, liked: fc.boolean() }), { maxLength: 40 });

/** Words of a paper, each as much of it as the others. */
const about = (...ids: number[]): Features =>
  toFeatures(Object.fromEntries(ids.map((id) => [id, 1 / Math.sqrt(ids.length)])));
const range = (from: number, count: number) => Array.from({ length: count }, (_, at) => from + at);
const liked = (it: Features): Judged => ({ features: it, liked: true });
const disliked = (it: Features): Judged => ({ features: it, liked: false });

test("whatever is voted, a factor lies from 0.5 to 2", () => {
  fc.assert(
    fc.property(votes, features, (judged, paper) => {
      const factor = tasteFactor(learnTaste(judged), paper);
      expect(factor).toBeGreaterThanOrEqual(0.5);
      expect(factor).toBeLessThanOrEqual(2);
    }),
  );
});

test("without votes, and for a paper that nothing is known of, it is exactly 1", () => {
  fc.assert(
    fc.property(votes, features, (judged, paper) => {
      expect(tasteFactor(learnTaste([]), paper)).toBe(1);
      expect(tasteFactor(learnTaste(judged), undefined)).toBe(1);
      expect(tasteFactor(learnTaste(judged), toFeatures({}))).toBe(1);
    }),
  );
});

test("more and less are each other's mirror, and the order of votes does not matter", () => {
  fc.assert(
    fc.property(votes, features, (judged, paper) => {
      const own = tasteFactor(learnTaste(judged), paper);
      const mirrored = learnTaste(judged.map((it) => ({ ...it, liked: !it.liked })));
      expect(Math.log2(own) + Math.log2(tasteFactor(mirrored, paper))).toBeCloseTo(0, 6);
      expect(tasteFactor(learnTaste(judged.toReversed()), paper)).toBeCloseTo(own, 3);
    }),
  );
});

test("it finds the least of what it is to make least", () => {
  const loss = (taste: Taste, judged: Judged[]) => {
    const says = ({ ids, weights }: Features) =>
      ids.reduce((sum, id, at) => sum + (taste[id] ?? 0) * (weights[at] as number), 0);
    const fit = judged.map((it) => Math.log1p(Math.exp((it.liked ? -1 : 1) * says(it.features))));
    return [...fit, ...Array.from(taste, (weight) => weight ** 2 / 2)].reduce((sum, part) => sum + part, 0);
  };
  fc.assert(
    fc.property(votes, fc.nat(30), fc.constantFrom(-0.02, 0.02), (judged, id, step) => {
      const taste = learnTaste(judged, new Float64Array(31));
      const moved = taste.map((weight, at) => (at === id ? weight + step : weight));
      expect(loss(moved, judged)).toBeGreaterThanOrEqual(loss(taste, judged));
    }),
  );
});

test("any taste leaves the same papers with a reader, and as many", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 30 }),
      fc.array(fc.double({ min: 0.5, max: 2, noNaN: true }), { minLength: 61, maxLength: 61 }),
      (papers, factors) => {
        const hits: Hits = {
          after: 0,
          near: [],
          batches: [
            {
              batch: 1,
              papers: papers.map((id, place) => ({
                id,
                place,
                revision: 1,
                upvotes: 0,
                comments: 0,
                trend: 0,
                worth: 1,
              })),
              ranks: papers.map((it) => 1 + (it % 7)),
            },
          ],
          least: 1,
        };
        const rank = (taste?: (paper: number) => number) =>
          new Ranking().rank([{ query: 1, typed: "", after: 0 }], new Map([[1, hits]]), { most: 100, taste });
        const [plain, tasted] = [rank(), rank((paper) => factors[paper] as number)];
        expect(tasted.count).toBe(plain.count);
        expect(new Set(tasted.best.map((it) => it.paper.id))).toEqual(new Set(papers));
      },
    ),
  );
});

test("one vote moves its like a little, many that agree move it much, and one against many does not turn them", () => {
  const paper = (at: number) => about(...range(0, 4), ...range(100 + 50 * at, 26));
  const like = paper(99);
  const one = tasteFactor(learnTaste([liked(paper(0))]), like);
  const ten = tasteFactor(learnTaste(range(0, 10).map((at) => liked(paper(at)))), like);
  const against = tasteFactor(learnTaste([disliked(paper(10)), ...range(0, 10).map((at) => liked(paper(at)))]), like);
  expect(one).toBeGreaterThan(1.05);
  expect(one).toBeLessThan(1.3);
  expect(ten).toBeGreaterThan(1.6);
  expect(against).toBeGreaterThan(1.5);
  expect(against).toBeLessThan(ten);
});

test("what liked and disliked papers share says nothing, and what tells them apart is named first", () => {
  const [shared, robots, boats] = [range(0, 5), range(10, 5), range(20, 5)];
  const taste = learnTaste([liked(about(...shared, ...boats)), disliked(about(...shared, ...robots))]);
  expect(tasteFactor(taste, about(...shared))).toBeCloseTo(1, 6);
  expect(tasteFactor(taste, about(...shared, ...boats))).toBeGreaterThan(1.1);
  const named = strongest(taste, about(...shared, ...boats), true, 5);
  expect(new Set(named)).toEqual(new Set(boats));
  expect(strongest(taste, about(...robots), true, 9)).toEqual([]);
  expect(new Set(strongest(taste, about(...robots), false, 9))).toEqual(new Set(robots));
});
