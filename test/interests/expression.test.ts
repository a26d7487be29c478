import fc from "fast-check";
import { expect, test } from "vitest";
import { toExpressions } from "../../src/interests/expression.ts";
import { parseInterest } from "../../src/interests/language.ts";
import { createDatabase } from "../support/database.ts";
import { evaluate, type Written } from "./evaluator.ts";

const { sql } = await createDatabase();

async function hits(interests: string[], papers: Written[]): Promise<boolean[][]> {
  const expressions = await toExpressions(sql, interests.map(parseInterest));
  const rows = await sql<{ hits: boolean[] }[]>`
    with vectors as (
      select row_number() over () as place, paper_vector(p.title, p.authors, p.organization, p.categories, p.abstract) as vector
      from jsonb_to_recordset(${sql.json(papers)}) as p (title text, abstract text, authors text[], organization text, categories text[])
    )
    select array(select v.vector @@ q.tsquery::tsquery from vectors v order by v.place) as hits
    from unnest(${expressions.map((it) => it.tsquery)}::text[]) with ordinality as q (tsquery, place) order by q.place`;
  return rows.map((row) => row.hits);
}

const written = (title: string, fields: Partial<Written> = {}): Written => ({
  title,
  abstract: "",
  authors: ["Ada Okafor", "Linh Nguyễn"],
  organization: null,
  categories: ["cs.CL"],
  ...fields,
});

const words = fc.constantFrom(
  ...[
    "fine-tuning",
    "fine tuning",
    "finetuning",
    "models",
    "model",
    "of",
    "the",
    "GPT-4",
    "GPT 4",
    "C++",
    "k-NN",
    "kNN",
    "in-context",
  ],
  ...[
    "text-to-image",
    "Schrödinger",
    "$\\alpha$",
    "α",
    "S$^{2}$FT",
    "A*",
    "universal",
    "university",
    "语言模型",
    "o'clock",
    "and/or",
  ],
);
const atom = fc.oneof(
  { weight: 4, arbitrary: words },
  fc.array(words, { minLength: 2, maxLength: 3 }).map((list) => `"${list.join(" ")}"`),
  fc.constantFrom(
    "title:models",
    "author:okafor",
    "cat:cs.CL",
    "fine*",
    "univers*",
    "=model",
    '="fine tuning"',
    "title:(fine models)",
  ),
);
const interest = fc
  .tuple(
    atom,
    fc.array(
      fc.oneof(
        atom,
        atom.map((it) => `-${it}`),
        fc.tuple(atom, atom).map((two) => `(${two.join(" OR ")})`),
      ),
      { maxLength: 3 },
    ),
  )
  .map(([first, rest]) => [first, ...rest].join(" "))
  .filter((line) => {
    try {
      return Boolean(parseInterest(line));
    } catch {
      return false;
    }
  });
const text = fc.array(words, { maxLength: 14 }).map((list) => list.join(" "));

test("an expression hits what an independent, slow evaluator of the tree says", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 20 }),
      fc.array(interest, { minLength: 1, maxLength: 10 }),
      async (texts, interests) => {
        const papers = texts.map(([title, abstract]) => written(title, { abstract }));
        const expected = await evaluate(
          sql,
          papers,
          interests.map((line) => parseInterest(line).tree),
        );
        const found = await hits(interests, papers);
        for (const [at, line] of interests.entries()) expect(found[at], line).toEqual(expected[at]);
      },
    ),
    { numRuns: 60 },
  );
});

test.each([
  ...["fine-tuning", "fine tuning", "finetuning"].flatMap((typed) =>
    ["On fine-tuning", "On fine tuning", "On finetuning"].map((title) => [typed, title, true] as const),
  ),
  ["kNN", "Faster k-NN search", true],
  ["GPT4", "What GPT-4 knows", true],
  ["GPT-4", "What GPT 4 knows", true],
  ["in-context learning", "In-context learning", true],
  ["in-context", "A context for everything", false],
  ["text-to-image", "Text and image", false],
  ["invariance", "Reduction in variance", false],
  ["fusion", "Diffusion", false],
  ["S^2FT", "S$^{2}$FT: sparse", true],
  ["L1", "Sparse $\\ell_1$ norms", true],
  ["alpha", "An α-divergence", true],
  ["α-divergence", "An alpha divergence", true],
  ["A*", "Faster A$^*$ search", true],
  ["C#", "A C# compiler", true],
  ["R", "An R package", true],
  ["o1", "OpenAI o1", true],
  ["ﬁnite", "Finite fields", true],
  ["Navier-Stokes", "Navier–Stokes at sea", true],
  ["语言", "大语言模型", true],
  ["learn", "Deep learning", true],
  ["universal", "The university", false],
  ["organ", "An organization", false],
  ["transformer", "A transform", false],
  ["object", "An objective", false],
  ["general", "On generalization", false],
  ["matrix", "Sparse matrices", true],
  ["behavior", "Behaviour of boats", true],
  ["optimization", "Optimisation", true],
  ["generati*", "Generative models", true],
  ["generati*", "To generate", false],
  ["fine-tun*", "On fine tuning", true],
] as const)("%s against %j: %s", async (typed, title, expected) => {
  expect(await hits([typed], [written(title)])).toEqual([[expected]]);
});

test("fields are told apart: organisation, authors, categories and their archives", async () => {
  const papers = [
    written("A", { organization: "Kestrel Ridge", authors: ["Ada Okafor", "Ridge Moore"] }),
    written("B", { organization: "Okafor Institute", authors: ["Linh Nguyễn"], categories: ["stat.ML"] }),
  ];
  expect(
    await hits(
      ["org:ridge", "author:ridge", "author:okafor", "org:okafor", "cat:cs", "cat:stat.*", 'author:"okafor ridge"'],
      papers,
    ),
  ).toEqual([
    [true, false],
    [true, false],
    [true, false],
    [false, true],
    [true, false],
    [false, true],
    [false, false],
  ]);
});
