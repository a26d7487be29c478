import fc from "fast-check";
import { expect, test } from "vitest";
import { generator } from "../bench/interests.ts";
import { createDatabase } from "../support/database.ts";
import { compareWays, type Indexed } from "./agreement.ts";
import { InterestMaker } from "./interests_of_papers.ts";
import type { Written } from "./placed_paper.ts";

const { sql } = await createDatabase();

async function index(papers: Written[]): Promise<Indexed[]> {
  return sql<Indexed[]>`
    select p.*, paper_vector(p.title, p.authors, p.organization, p.categories, p.abstract)::text as vector
    from jsonb_to_recordset(${sql.json(papers)}) as p (title text, abstract text, authors text[], organization text, categories text[])`;
}

/** Texts that are hard to part into words. */
const papers: Written[] = [
  {
    title: "In-place fine-tuning: $\\ell_1$-regularised S$^{2}$FT for text-to-image models",
    abstract:
      "We fine tune, finetune and fine-tune (state-of-the-art) k-NN and kNN graphs with $\\varepsilon$-greedy A$^{\\ast}$ search. Novel inplace updates.",
    authors: ["Marie-Hélène Abel", "Seán O'Brien", "Yann Le Cun"],
    organization: "Kestrel-Ridge Labs",
    categories: ["cs.CL", "cs.LG"],
  },
  {
    title: "Schrödinger’s bridges, ﬁnite α-divergences and Navier–Stokes --- a survey",
    abstract:
      "Schr\\\"{o}dinger's cat and/or the Poincar\\'e map; O(n log n) in C++, C# and F#. The universities' universal organ organisation.",
    authors: ["Łukasz Ødegård", "An Li", "Jianing Wu", "Jian Wu"],
    organization: "Ærø Universitet",
    categories: ["math-ph", "cond-mat.stat-mech"],
  },
  {
    title: "🤗Transformers and 大语言模型 with GPT-4, LLaMA-2 and Qwen2.5-VL at €100",
    abstract:
      "Rocket🚀science: トランスフォーマー, 언어 모델 and ｆｕｌｌ width. We ❤️ 3D o1 R1 x-rays; GPT4 is not Qwen 2.5. Use \\textbf{b}old {\\em it}alic~ties.",
    authors: ["李 明", "Ada Okafor"],
    organization: null,
    categories: ["cs.CV"],
  },
  {
    title: "Continual learning of continuous dynamics: we demonstrate demonstrations of positive positions",
    abstract: "Self-supervised supervision; precise precision; analyses, matrices, behaviours; on-the-fly on the fly.",
    authors: [],
    organization: "Hugging Face",
    categories: ["stat.ML"],
  },
];

test("an expression, a batch and an evaluator agree on texts that are hard to read, whatever is asked of them", async () => {
  const indexed = await index(papers);
  await sql`insert into acronyms (short, long, short_written, long_written, papers, all_papers, chosen) values
    ('s2ft', 'fine tune', 'S2FT', 'fine tuning', 3, 3, true), ('nn', 'graph', 'NN', 'graph', 3, 3, true),
    ('gpt', 'larg languag model', 'GPT', 'large language model', 3, 3, true),
    ('cat', 'continual dynamics', 'CAT', 'continual dynamics', 3, 3, true)`;
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const maker = new InterestMaker(papers, generator(seed));
      const { hits, uncompiled, differences } = await compareWays(
        sql,
        indexed,
        Array.from({ length: 150 }, () => maker.make()),
      );
      expect(differences).toEqual([]);
      expect(uncompiled).toBe(0);
      expect(hits.filter((count) => count > 0).length).toBeGreaterThan(50);
    }),
    { numRuns: 25 },
  );
});

test.each([
  ["novel inplace completion", '"novel inplace completion"', { title: "Novel in-place completion" }],
  ["a name with a hyphen", 'author:"MarieHélène Abel"', { authors: ["Marie-Hélène Abel"] }],
  ["a name in two words", 'author:"Yann LeCun"', { authors: ["Yann Le Cun"] }],
  ["an organisation in two words", "org:huggingface", { organization: "Hugging Face" }],
  ["a version apart", "qwen 2.5", { title: "Qwen2.5-VL" }],
] as const)("all three find %s", async (_, interest, fields) => {
  const plain = { title: "A", abstract: "", authors: [], organization: null, categories: [] };
  const indexed = await index([{ ...plain, ...fields, authors: [...("authors" in fields ? fields.authors : [])] }]);
  expect(await compareWays(sql, indexed, [interest])).toEqual({ hits: [1], uncompiled: 0, differences: [] });
});
