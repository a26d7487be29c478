import fc from "fast-check";
import { expect, test } from "vitest";
import { Batch } from "../../src/interests/batch.ts";
import { limits, parseInterest } from "../../src/interests/language.ts";
import { compile } from "../../src/interests/program.ts";
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
        const sources = interests.map((it) => parseInterest(it).source);
        const oracle = await sql<{ query: string; hits: number[] }[]>`
          select q.expression::text as query,
            array(select v.place - 1 from unnest(${rows.map((row) => row.vector)}::text[]) with ordinality as v (vector, place)
              where v.vector::tsvector @@ q.expression order by place)::int[] as hits
          from (select to_tsquery('paper_words', fold_text(source)) as expression, place
            from unnest(${sources}::text[]) with ordinality as s (source, place)) q order by q.place`;
        const batch = new Batch(rows.map((row) => row.vector));
        for (const { query, hits } of oracle) {
          const program = compile(query);
          if (program && query) expect(batch.run(program), query).toEqual(hits);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("all but phrases with more than words in them are compiled", () => {
  for (const query of [
    "'a'",
    "'a' & 'b' | !'c'",
    "'a':*A",
    "'a' <-> 'b' <2> 'c'",
    "( 'a' | 'b' ) & !( 'c' & 'd' )",
    "'it''s' & 'b\\\\c'",
  ])
    expect(compile(query), query).toBeDefined();
  for (const query of ["'a' <-> ( 'b' | 'c' )", "'a':* <-> 'b'", "!'a' <-> 'b'", "", "'a", "a & b"])
    expect(compile(query), query).toBeUndefined();
});

test("a batch of any size, not only of whole words of bits, leaves out what an exclusion says", () => {
  for (const size of [1, 31, 32, 33, 64, 70]) {
    const batch = new Batch(Array.from({ length: size }, (_, index) => (index % 2 ? "'odd':1" : "'even':1A")));
    const program = compile("!'odd'");
    const hits = program ? batch.run(program) : [];
    expect(hits).toEqual(Array.from({ length: size }, (_, index) => index).filter((index) => index % 2 === 0));
  }
});
