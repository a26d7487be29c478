import fc from "fast-check";
import { expect, test } from "vitest";
import { Batch } from "../../src/interests/batch.ts";
import { findNearMiss } from "../../src/interests/near_miss.ts";
import type { Program } from "../../src/interests/program.ts";
import { QuerySet } from "../../src/interests/query_set.ts";

const words = ["speech", "robot", "graph", "boat", "proof", "absent"];
/** From the commonest word to the rarest. */
const shares = new Map(words.map((word, at) => [word, 0.5 ** (at * 2)]));
const rarity = { papers: 1000, frequency: (lexeme: string) => shares.get(lexeme) ?? 0 };
const rarityOf = (word: string) => Math.log(1 + 1 / (shares.get(word) as number));

const term = (lexeme: string): Program => ({ type: "term", lexeme, prefix: false, weights: 15 });
const not = (word: string): Program => ({ type: "not", node: term(word) });
/** Two words are looked for joined, too. */
const query = (wanted: string[], excluded: string[]): Program =>
  wanted.length === 2 && excluded.length === 0
    ? { type: "or", nodes: [{ type: "and", nodes: wanted.map(term) }, term(wanted.join(""))] }
    : { type: "and", nodes: [...wanted.map(term), ...excluded.map(not)] };
const vector = (paper: string[]) => paper.map((word, at) => `'${word}':${at + 1}A`).join(" ");

const someWords = (bounds: { minLength: number; maxLength: number }) =>
  fc.uniqueArray(fc.constantFrom(...words), bounds);

test("a near miss has all that is asked for but one lesser part, and nothing that is excluded; no other ranks higher", () => {
  fc.assert(
    fc.property(
      fc.array(someWords({ minLength: 0, maxLength: 5 }), { minLength: 1, maxLength: 70 }),
      someWords({ minLength: 2, maxLength: 4 }),
      fc.boolean(),
      (papers, wanted, excludes) => {
        const excluded = excludes ? words.filter((word) => !wanted.includes(word)).slice(0, 1) : [];
        const isHit = (paper: string[]) => wanted.every((it) => paper.includes(it));
        const allowed = (paper: string[]) => !excluded.some((it) => paper.includes(it));
        if (papers.some((paper) => isHit(paper) && allowed(paper))) return;
        const set = new QuerySet();
        set.add(1, query(wanted, excluded));
        const batch = new Batch(papers.map(vector), set, rarity);
        const total = wanted.reduce((sum, word) => sum + rarityOf(word), 0);
        const lacksLittle = (paper: string[]) => {
          const missing = wanted.filter((it) => !paper.includes(it));
          return missing.length === 1 && rarityOf(missing[0] as string) <= 0.4 * total;
        };
        const near = papers.flatMap((paper, at) => (lacksLittle(paper) && allowed(paper) ? [at] : []));
        const found = findNearMiss(batch, set, 0);
        if (near.length === 0) {
          expect(found).toBeUndefined();
          return;
        }
        expect(near).toContain(found?.paper);
        expect(papers[found?.paper as number]).not.toContain(found?.missing);
        expect(wanted).toContain(found?.missing);
        const { papers: ranked, ranks } = batch.rank(0, papers.length);
        const best = Math.max(...near.map((paper) => ranks[ranked.indexOf(paper)] as number));
        expect(found?.rank).toBe(best);
      },
    ),
    { numRuns: 500 },
  );
});

test("a word, a phrase, and a choice of words have no near misses", () => {
  const set = new QuerySet();
  const [speech, robot] = [term("speech"), term("robot")] as [Program & { type: "term" }, Program & { type: "term" }];
  set.add(1, speech);
  set.add(2, { type: "phrase", terms: [speech, robot], gaps: [1] });
  set.add(3, { type: "or", nodes: [speech, robot] });
  const batch = new Batch([vector(["robot", "boat", "speech"])], set, rarity);
  for (const slot of [0, 1, 2]) expect(findNearMiss(batch, set, slot)).toBeUndefined();
});
