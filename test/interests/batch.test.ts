import fc from "fast-check";
import { expect, test } from "vitest";
import { Batch } from "../../src/interests/batch.ts";
import { toExpressions } from "../../src/interests/expression.ts";
import { limits, parseInterest } from "../../src/interests/language.ts";
import { compile, type Program } from "../../src/interests/program.ts";
import { QuerySet } from "../../src/interests/query_set.ts";
import { createDatabase } from "../support/database.ts";

const { sql } = await createDatabase();
const vocabulary = [
  "speech",
  "robots",
  "fine-tuning",
  "diffusion",
  "graphs",
  "naïve",
  "GPT-4",
  "models",
  "model",
  "boats",
  "o'clock",
  "C++",
];

const words = fc.constantFrom(...vocabulary, "absent");
const atom = fc.oneof(
  { weight: 4, arbitrary: words },
  fc.array(words, { minLength: 2, maxLength: 4 }).map((list) => `"${list.join(" ")}"`),
  words.map((word) => `title:${word}`),
  words.map((word) => `${word.slice(0, 3).replace(/[^a-z]/gi, "a")}*`),
);
const interest = fc.letrec<{ all: string; either: string }>((tie) => ({
  all: fc
    .tuple(
      atom,
      fc.array(
        fc.oneof(
          atom,
          atom.map((it) => `-${it}`),
          tie("either").map((it) => `(${it})`),
        ),
        { maxLength: 3 },
      ),
    )
    .map(([first, rest]) => [first, ...rest].join(" ")),
  either: fc.array(tie("all"), { minLength: 1, maxLength: 3 }).map((list) => list.join(" OR ")),
})).either;
const text = fc
  .array(fc.oneof(words, fc.constantFrom("the", "of", "and", ",", ".")), { maxLength: 25 })
  .map((list) => list.join(" "));

test("what a program hits in a batch is what @@ says, for any interest and any papers", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 70 }),
      fc.array(
        interest.filter((line) => line.split(/[\s()]+/).length <= limits.terms),
        { minLength: 1, maxLength: 25 },
      ),
      async (papers, interests) => {
        const rows = await sql<{ vector: string }[]>`
          select paper_vector(title, '{Ada Okafor}', null, '{cs.CL}', abstract)::text as vector
          from unnest(${papers.map((it) => it[0])}::text[], ${papers.map((it) => it[1])}::text[]) with ordinality as p (title, abstract, place)
          order by place`;
        const expressions = await toExpressions(sql, interests.map(parseInterest));
        const oracle = await sql<{ query: string; hits: number[] }[]>`
          select q.expression::text as query,
            array(select v.place - 1 from unnest(${rows.map((row) => row.vector)}::text[]) with ordinality as v (vector, place)
              where v.vector::tsvector @@ q.expression order by place)::int[] as hits
          from (select tsquery::tsquery as expression, place
            from unnest(${expressions.map((it) => it.tsquery)}::text[]) with ordinality as s (tsquery, place)) q order by q.place`;
        const hits = runAll(
          rows.map((row) => row.vector),
          oracle.map((it) => it.query),
        );
        expect(hits).toEqual(oracle.map((it) => it.hits));
      },
    ),
    { numRuns: 60 },
  );
});

test("the best of the hits are kept, best first, with ranks above 0", () => {
  const vectors = Array.from(
    { length: 70 },
    (_, paper) => `'boat':${Array.from({ length: 1 + (paper % 7) }, (_, at) => at + 1)}`,
  );
  const set = new QuerySet();
  set.add(7, compile("'boat' & !'quay'") as Program);
  const hits = new Batch(vectors, set, rarity).run(0, 10);
  expect(hits?.count).toBe(70);
  expect(hits?.papers).toEqual([69, 62, 55, 48, 41, 34, 27, 20, 13, 6]);
  expect(hits?.ranks.every((rank) => rank > 0)).toBe(true);
});

test("what stands in the title, or closer together, ranks higher; what many papers have ranks lower", () => {
  const rank = (query: string, vector: string) => {
    const set = new QuerySet();
    set.add(1, compile(query) as Program);
    const common = { papers: 100, frequency: (lexeme: string) => (lexeme === "model" ? 0.5 : 0.01) };
    return new Batch([vector], set, common).run(0, 1)?.ranks[0] ?? 0;
  };
  expect(rank("'boat'", "'boat':3A")).toBeGreaterThan(rank("'boat'", "'boat':3"));
  expect(rank("'boat' & 'quay'", "'boat':3 'quay':4")).toBeGreaterThan(rank("'boat' & 'quay'", "'boat':3 'quay':40"));
  expect(rank("'boat'", "'boat':3")).toBeGreaterThan(rank("'model'", "'model':3"));
});

test("a query that changes takes the place of what it was", () => {
  const set = new QuerySet();
  set.add(5, compile("'boat'") as Program);
  set.add(6, compile("'quay'") as Program);
  set.add(5, compile("'quay' & 'robot'") as Program);
  expect(set.size).toBe(2);
  const batch = new Batch(["'quay':1", "'quay':1 'robot':2", "'boat':1"], set, rarity);
  expect(batch.run(0, 5)?.papers).toEqual([1]);
  expect(batch.run(1, 5)?.papers.toSorted()).toEqual([0, 1]);
});

test("all but phrases with more than words in them are compiled", () => {
  for (const query of [
    "'a'",
    "'a' & 'b' | !'c'",
    "'a':*A",
    "'a':* <-> 'b'",
    "'a' <-> 'b' <2> 'c'",
    "( 'a' | 'b' ) & !( 'c' & 'd' )",
    "'it''s' & 'b\\\\c'",
  ])
    expect(compile(query), query).toBeDefined();
  for (const query of ["'a' <-> ( 'b' | 'c' )", "!'a' <-> 'b'", "", "'a", "a & b"])
    expect(compile(query), query).toBeUndefined();
});

test("a batch of any size, not only of whole words of bits, leaves out what an exclusion says", () => {
  for (const size of [1, 31, 32, 33, 64, 70]) {
    const vectors = Array.from({ length: size }, (_, index) => (index % 2 ? "'odd':1" : "'even':1A"));
    const even = Array.from({ length: size }, (_, index) => index).filter((index) => index % 2 === 0);
    expect(runAll(vectors, ["!'odd'"])).toEqual([even]);
  }
});

const rarity = { papers: 0, frequency: () => 0 };

/** The papers that each query hits, in order. */
function runAll(vectors: string[], queries: string[]): number[][] {
  const set = new QuerySet();
  for (const [id, query] of queries.entries()) set.add(id, compile(query) as Program);
  const batch = new Batch(vectors, set, rarity);
  return queries.map((_, slot) => {
    const bits = batch.find(slot);
    const hits = vectors.flatMap((_, paper) => (((bits?.[paper >> 5] ?? 0) >>> (paper & 31)) & 1 ? [paper] : []));
    expect(batch.run(slot, vectors.length)?.papers.toSorted((one, other) => one - other) ?? []).toEqual(hits);
    return hits;
  });
}
