import { expect, test } from "vitest";
import { toExpressions } from "../../src/interests/expression.ts";
import { noQueries } from "../../src/interests/known_queries.ts";
import { parseInterest } from "../../src/interests/language.ts";
import { match } from "../../src/interests/match.ts";
import { createContext, type TestContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";

const defining = (long: string) => paper({ title: "Small boats", abstract: `We ask ${long} for the way.` });

async function also(context: TestContext, typed: string): Promise<string[]> {
  return (await toExpressions(context.sql, [parseInterest(typed)]))[0]?.also ?? [];
}

async function learnt(...definitions: string[]): Promise<TestContext> {
  const context = await createContext();
  await addPapers(context, ...definitions.map(defining));
  await match(context);
  return context;
}

/** How many interests a paper that comes now hits. */
async function countMatches(context: TestContext, title: string): Promise<number> {
  const [id] = await addPapers(context, paper({ title }));
  await match(context);
  return (await context.sql`select from matches where paper_id = ${id as number}`).length;
}

const llm = "large language models (LLMs)";

test("an acronym that three papers define finds its long form and back, in words, phrase and hyphens", async () => {
  const context = await learnt(llm, llm, "large-language models (LLMs)");
  expect(await also(context, "LLM")).toEqual(["large language models"]);
  expect(await also(context, '"large language models"')).toEqual(["LLM"]);
  expect(await also(context, "large language model for boats")).toEqual(["LLM"]);
  await addReader(context, { interests: "llm agents\nlarge language models" });
  const [long, short] = await addPapers(
    context,
    paper({ title: "Agents of a large language model" }),
    paper({ title: "LLM agents at sea" }),
  );
  await match(context);
  const rows = await context.sql<{ typed: string; papers: number[] }[]>`
    select i.typed, array_agg(m.paper_id order by m.paper_id) as papers from interests i join matches m using (query_id)
    where m.paper_id = any(${[long, short] as number[]}::bigint[]) group by i.typed order by 1`;
  expect(rows.map((row) => row.papers.map(Number))).toEqual([
    [long, short],
    [long, short],
  ]);
});

test("an acronym stands for hyphenated words among others, whole", async () => {
  const rag = "retrieval-augmented generation (RAG)";
  const context = await learnt(rag, rag, rag, llm, llm, llm);
  expect(await also(context, "retrieval-augmented generation")).toEqual(["RAG"]);
  expect(await also(context, "augmented generation")).toEqual([]);
  expect(await also(context, "large-scale language models")).toEqual([]);
  await addReader(context, { interests: "retrieval-augmented generation" });
  expect(await countMatches(context, "RAG at sea")).toBe(1);
});

test("an acronym with a hyphen finds its long form however it is written", async () => {
  const knn = "k-nearest neighbors (k-NN)";
  const context = await learnt(knn, knn, knn);
  for (const typed of ["k-NN", "kNN", '"k-NN"', "k-NN graphs"])
    expect(await also(context, typed)).toEqual(["k-nearest neighbors"]);
  expect(await also(context, "=k-NN")).toEqual([]);
  expect(await also(context, "k-nearest neighbors")).toEqual(["k-NN"]);
});

test.each([
  ["of today", "select"],
  ["of an earlier version", "with earlier as (update lexicon set rules = 4) update queries set lexemes = '{k,nn}'"],
])("an interest %s with a hyphenated acronym is made anew once papers define it", async (_, statement) => {
  const context = await createContext();
  await addReader(context, { interests: "k-NN" });
  await match(context);
  await context.sql.unsafe(statement);
  await match(context);
  await addPapers(context, ...Array.from({ length: 3 }, () => defining("k-nearest neighbors (k-NN)")));
  await match(context);
  expect(await countMatches(context, "Nearest and k-nearest neighbors")).toBe(1);
});

test("two papers are not enough, and = leaves other names out", async () => {
  const context = await learnt(llm, llm);
  expect(await also(context, "LLM")).toEqual([]);
  await addPapers(context, defining(llm));
  await match(context);
  expect(await also(context, "LLM")).toEqual(["large language models"]);
  expect(await also(context, "=LLM")).toEqual([]);
});

test("of two meanings the one of most papers counts, and the reader is told; without a majority none does", async () => {
  const rag = "retrieval-augmented generation (RAG)";
  const other = "region adjacency graphs (RAG)";
  const context = await learnt(rag, rag, rag, other);
  expect(await also(context, "RAG")).toEqual(["retrieval-augmented generation (so RAG is meant in 3 of 4 papers)"]);
  await addPapers(context, defining(other), defining(other));
  await match(context);
  expect(await also(context, "RAG")).toEqual([]);
});

test("an interest from before the acronym was known finds the long form from the batch that taught it", async () => {
  const context = await createContext();
  const known = noQueries();
  await addReader(context, { interests: "LLM" });
  await addPapers(context, paper({ title: "Weather" }));
  await match(context, known);
  await addPapers(context, defining(llm), defining(llm), defining(llm));
  await match(context, known);
  const [later] = await addPapers(context, paper({ title: "A large language model" }));
  await match(context, known);
  const rows = await context.sql<{ paper_id: number }[]>`select paper_id from matches order by paper_id`;
  expect(rows.map((row) => row.paper_id)).toContain(later);
});

test("an interest that waits for its first batch has the names that this batch teaches", async () => {
  const context = await createContext();
  await addReader(context, { interests: "LLM" });
  await addPapers(context, defining(llm), defining(llm), defining(llm));
  await match(context);
  expect(await countMatches(context, "A large language model")).toBe(1);
});

test("a paper whose text has changed is counted once for what it defines", async () => {
  const context = await learnt(llm, llm);
  await context.sql`update papers set batch_id = null, was_matched = true`;
  await match(context);
  expect(await also(context, "LLM")).toEqual([]);
});

test("in a first read of many papers a word that all have is no acronym, though a few define it", async () => {
  const context = await createContext();
  const others = Array.from({ length: 1000 }, () => paper({ abstract: "Boats take us, and a mapping, to harbours." }));
  await addPapers(context, ...others, ...[1, 2, 3].map(() => defining("ultrasound (US)")));
  await match(context);
  expect(await also(context, "ultrasound")).toEqual([]);
});

test("an acronym is looked for in titles and abstracts, not among authors and categories", async () => {
  const cv = "computer vision (CV)";
  const context = await learnt(cv, cv, cv);
  await addReader(context, { interests: 'computer vision\n"computer vision"' });
  await addPapers(context, paper({ categories: ["cs.CV"] }), paper({ authors: ["Ana CV"] }));
  await match(context);
  expect(
    await context.sql`select paper_id from matches m join papers p on p.id = m.paper_id where p.title like 'A title%'`,
  ).toEqual([]);
  const [hit] = await addPapers(context, paper({ title: "CV at sea" }));
  await match(context);
  expect(await context.sql`select from matches where paper_id = ${hit as number}`).toHaveLength(2);
});

test("words in any order find the acronym of a long form with a word such as of in it", async () => {
  const moe = "mixture of experts (MoE)";
  const context = await learnt(moe, moe, moe);
  expect(await also(context, "mixture of experts")).toEqual(["MoE"]);
  expect(await also(context, "mixture of small experts")).toEqual(["MoE"]);
  expect(await also(context, "mixture")).toEqual([]);
});

test("a word is an acronym as it is written, or several of it, and not by its stem", async () => {
  const tag = "text-attributed graph (TAG)";
  const context = await learnt(tag, tag, tag);
  for (const typed of ["TAG", "tags"]) expect(await also(context, typed)).toEqual(["text-attributed graph"]);
  expect(await also(context, "tagging")).toEqual([]);
  await addReader(context, { interests: '"text-attributed graph"' });
  const [, one, two] = await addPapers(context, ...["Tagging", "A TAG", "TAGs"].map((title) => paper({ title })));
  await match(context);
  const rows = await context.sql`
    select m.paper_id as id from matches m join papers p on p.id = m.paper_id where title ilike '%tag%' order by 1`;
  expect(rows.map((row) => row.id)).toEqual([one, two]);
});
