import fc from "fast-check";
import { expect, test } from "vitest";
import { Batch } from "../../src/interests/batch.ts";
import type { Program } from "../../src/interests/program.ts";
import { QuerySet } from "../../src/interests/query_set.ts";

const words = ["speech", "robot", "graph", "boat", "proof"];
const rarity = { papers: 1000, frequency: (lexeme: string) => 0.5 ** (words.indexOf(lexeme) + 1) };
const term = fc.record({
  type: fc.constant("term" as const),
  lexeme: fc.constantFrom(...words),
  prefix: fc.constant(false),
  weights: fc.constantFrom(15, 8),
});
const phrase = fc
  .tuple(term, term)
  .map(([one, other]): Program => ({ type: "phrase", terms: [one, other], gaps: [1] }));
const names = fc
  .array(fc.oneof(term, phrase), { minLength: 2, maxLength: 3 })
  .map((nodes): Program => ({ type: "or", nodes }));
const choice = fc.tuple(names, fc.array(fc.oneof(term, phrase, names), { minLength: 1, maxLength: 3 }));
/** Each word where the text has it, in the title for the first three. */
const vectorOf = (text: string[]) =>
  [...new Set(text)]
    .map(
      (word) => `'${word}':${text.flatMap((it, at) => (it === word ? `${at + 1}${at < 3 ? "A" : ""}` : [])).join(",")}`,
    )
    .join(" ");

test("a choice of names ranks a paper as it does within a longer query, whether its scores are shared or not", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.constantFrom(...words), { maxLength: 9 }), { minLength: 1, maxLength: 40 }),
      choice,
      (texts, [first, others]) => {
        const either: Program = { type: "or", nodes: [first, ...others] };
        const set = new QuerySet();
        set.add(1, either);
        set.add(2, { type: "and", nodes: [either] });
        const batch = new Batch(texts.map(vectorOf), set, rarity);
        expect(batch.run(0, 40)).toEqual(batch.run(1, 40));
      },
    ),
    { numRuns: 500 },
  );
});
