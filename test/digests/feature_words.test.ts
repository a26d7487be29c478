import { expect, test } from "vitest";
import { readFeatureWords } from "../../src/digests/feature_words.ts";
import { noFeatures, readFeatures } from "../../src/digests/features.ts";
import { createContext } from "../support/context.ts";
import { addPapers, paper } from "../support/make.ts";

const context = await createContext();
const [first] = await addPapers(
  context,
  paper({
    title: "Diffusion policies for LLMs: a LoRA study",
    abstract:
      "Policies are learnt. We use chain-of-thought prompts, RLHF, 3D maps and naïve Bayes. Robots rob nobody; a Robot is here. Small $\\alpha$-boats.",
    authors: ["Linh Nguyễn", "Yann LeCun"],
    categories: ["cs.RO", "cs.LG"],
  }),
);
const id = first as number;

async function wordsOf(...lexemes: string[]): Promise<(string | undefined)[]> {
  const names = lexemes.map((it) => `word ${it}`);
  const words = await readFeatureWords(
    context.sql,
    names.map((name) => ({ name, paper: id })),
  );
  return names.map((name) => words.get(name));
}

test("lexemes are told in the words of the paper, with capitals that mean something", async () => {
  expect(await wordsOf("polici", "diffus", "llm", "lora", "rlhf", "3d", "naiv", "robot")).toEqual([
    "policies",
    "diffusion",
    "LLMs",
    "LoRA",
    "RLHF",
    "3D",
    "naive",
    "robots",
  ]);
});

test("two words that are indexed as one are told as two, and a hyphen stays", async () => {
  expect(await wordsOf("smallalpha", "3dmap", "chainofthought")).toEqual([
    "small alpha",
    "3D maps",
    "chain-of-thought",
  ]);
});

test("authors and categories keep their names, and a lexeme that the paper has not stays as it is", async () => {
  const words = await readFeatureWords(context.sql, [
    { name: "author Linh Nguyễn", paper: id },
    { name: "category cs.RO", paper: id },
    { name: "word nowher", paper: id },
  ]);
  expect([...words.values()]).toEqual(["Linh Nguyễn", "cs.RO", "nowher"]);
});

test("a paper's features are its words, authors and categories; no other forms, numbers or signs", async () => {
  const table = noFeatures();
  await readFeatures(context.sql, table, [id]);
  expect(table.names).toContain("word polici");
  expect(table.names).toContain("author Yann LeCun");
  expect(table.names).toContain("category cs.RO");
  for (const name of table.names)
    expect(name).toMatch(/^(word [\p{L}\p{N}]*\p{L}[\p{L}\p{N}]*|author .+|category .+)$/u);
  const { ids, weights } = table.papers.get(id) as { ids: Uint32Array; weights: Float32Array };
  expect([...ids]).toEqual([...ids].sort((one, other) => one - other));
  const length = (kind: string) =>
    Math.hypot(
      ...[...ids.keys()]
        .filter((at) => table.names[ids[at] as number]?.startsWith(kind))
        .map((at) => weights[at] as number),
    );
  expect([length("word"), length("author"), length("category")].map((it) => it.toFixed(3))).toEqual([
    "1.000",
    "0.400",
    "0.200",
  ]);
});
