import fc from "fast-check";
import { expect, test } from "vitest";
import { toExpressions } from "../../src/interests/expression.ts";
import { parseInterest } from "../../src/interests/language.ts";
import { createDatabase } from "../support/database.ts";
import { evaluate } from "./evaluator.ts";
import { hits as hitsIn, written } from "./written.ts";

const { sql } = await createDatabase();
const hits = (interests: string[], papers: Parameters<typeof hitsIn>[2]) => hitsIn(sql, interests, papers);

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
    "LLMs",
    "LLM",
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
  ["LLM", "What LLMs know", true],
  ["LLMs", "What an LLM knows", true],
  ["llms", "What an LLM knows", true],
  ["GPU", "Many GPUs", true],
  ["gpus", "One GPU", true],
  ["KG", "KGs at sea", true],
  ["KGs", "A KG at sea", true],
  ["TT", "TTS at sea", false],
  ["TTS", "TT at sea", false],
  ["GP", "GPS at sea", false],
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
  ["inplace completion", "In-place completion", true],
  ['"always on assistants"', "Always-on assistants", true],
  ['"alwayson assistants"', "Always-on assistants", true],
  ["C++", "In C/C++", true],
  ["C++", "The C language", false],
  ["k-NN", "A $k$-NN graph", true],
  ["x-rays", "Xray imaging", true],
  ["GPT-4", "GPT-4o", false],
  ["GPT-4", "Four of 4 GPT-5 models", false],
  ["LLaMA-2", "LLaMA2-7B", true],
  ["Qwen 2.5", "Qwen2.5-VL", true],
  ["Qwen 2.5", "Qwen 5 and 2", false],
  ['"Qwen 2.5"', "Qwen2.5-VL", true],
  ["3-D", "3D vision", true],
  ["Schrodinger", 'Schr\\"{o}dinger’s bridge', true],
  ["Łojasiewicz", "Lojasiewicz", true],
  ["epsilon-greedy", "$\\varepsilon$-greedy", true],
  ["A*", "A$^{\\ast}$ search", true],
  ["A*", "A search", false],
  ["π0", "$\\pi_0$: a policy", true],
  ["and/or", "And/or graphs", true],
  ["text image", "Text/image pairs", true],
  ["women's", "Women’s health", true],
  ["transformers", "🤗Transformers", true],
  ['"face transformers"', "Hugging Face 🤗 Transformers", true],
  ['"we love"', "We ❤️ love", true],
  ["100", "For €100", true],
  ["언어 모델", "언어모델", true],
  ["generati*", "Generative models", true],
  ["generati*", "To generate", false],
  ["fine-tun*", "On fine tuning", true],
] as const)("%s against %j: %s", async (typed, title, expected) => {
  expect(await hits([typed], [written(title)])).toEqual([[expected]]);
});

test("authors are found as their names are written, in either order of a comma, and with a compound in any form", async () => {
  const papers = ["Jianing Wu", "Jian Wu", "Marie-Hélène Abel", "Seán O'Brien"].map((author) =>
    written("A", { authors: [author] }),
  );
  expect(
    await hits(
      [
        "author:jian",
        'author:"Wu, Jianing"',
        "author:mariehelene",
        "author:marie-helene",
        "author:OBrien",
        "author:jian*",
      ],
      papers,
    ),
  ).toEqual([
    [false, true, false, false],
    [true, false, false, false],
    [false, false, true, false],
    [false, false, true, false],
    [false, false, false, true],
    [true, true, false, false],
  ]);
});

test("an organisation is found in one word or two, and by how it begins", async () => {
  const papers = ["Hugging Face", "Generative-AI Lab", "University of Ulm"].map((organization) =>
    written("A", { organization }),
  );
  expect(
    await hits(["org:huggingface", "org:generati*", "org:universi*", "org:universe", "org:=universities"], papers),
  ).toEqual([
    [true, false, false],
    [false, true, false],
    [false, false, true],
    [false, false, false],
    [false, false, false],
  ]);
});

test("what an interest looks for does not depend on the others that are read with it", async () => {
  await sql`insert into acronyms (short, long, short_written, long_written, papers, all_papers, chosen)
    values ('rag', 'retriev augment generat', 'RAG', 'retrieval augmented generation', 9, 9, true)`;
  const lines = ["RAG", "author:RAG", "org:RAG", "=RAG"].map(parseInterest);
  const [, ...alone] = (await Promise.all(lines.map((line) => toExpressions(sql, [line])))).flat();
  const [, ...together] = await toExpressions(sql, lines);
  await sql`truncate acronyms`;
  expect(together).toEqual(alone);
  expect(together.map((it) => it.also)).toEqual([[], [], []]);
});

test("fields are told apart: organisation, authors, categories and their archives", async () => {
  const papers = [
    written("A", { organization: "Kestrel Ridge", authors: ["Ada Okafor", "Ridge Moore"] }),
    written("B", { organization: "Okafor Institute", authors: ["Linh Nguyễn"], categories: ["stat.ML"] }),
  ];
  expect(
    await hits(
      [
        "org:ridge",
        "author:ridge",
        "author:okafor",
        "org:okafor",
        "cat:cs",
        "cat:stat.*",
        "cat:s*",
        'author:"okafor ridge"',
      ],
      papers,
    ),
  ).toEqual([
    [true, false],
    [true, false],
    [true, false],
    [false, true],
    [true, false],
    [false, true],
    [false, true],
    [false, false],
  ]);
});

test("words in one that are no more than one of them are not looked for: Model S is not every model", async () => {
  const papers = ["Large models", "The Model S at sea", "Vitamin C", "Vitamin E"].map((title) => written(title));
  expect(await hits(['"Model S"', '"vitamin E"', "vitamin E"], papers)).toEqual([
    [false, true, false, false],
    [false, false, false, true],
    [false, false, false, true],
  ]);
});
