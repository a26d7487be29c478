import { expect, test } from "vitest";
import type { Context } from "../../src/context.ts";
import { noQueries } from "../../src/interests/known_queries.ts";
import { match } from "../../src/interests/match.ts";
import { createContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";

async function matched(context: Context, interest: string): Promise<number[]> {
  const rows = await context.sql<{ paper_id: number }[]>`
    select m.paper_id from matches m join interests i on i.query_id = m.query_id where i.typed = ${interest} order by m.paper_id`;
  return rows.map((row) => row.paper_id);
}

test.each([
  ["fusion", { title: "Magnetic fusion in small reactors" }, true],
  ["fusion", { title: "Diffusion models for weather" }, false],
  ["fine-tuning", { title: "On fine tuning of language models" }, true],
  ["finetuning", { title: "On fine-tuning of language models" }, true],
  ["fine-tuning", { title: "On finetuning of language models" }, true],
  ['"chain of thought"', { abstract: "We prune a chain of thought." }, true],
  ['"chain of thought"', { abstract: "A thought about the chain." }, false],
  ['"small harbours"', { title: "Nothing small", abstract: "Harbours are large." }, false],
  ["rlhf OR unlearning", { title: "Unlearning a face" }, true],
  ["unlearning -survey", { title: "Unlearning: a survey" }, false],
  ["title:agents", { title: "Agents at sea" }, true],
  ["title:agents", { abstract: "Agents at sea" }, false],
  ['author:"Yann Lecun"', { authors: ["Yann LeCun", "Ada Okafor"] }, true],
  ["author:okafor", { title: "Okafor's theorem", authors: ["Linh Nguyễn"] }, false],
  ["nguyen", { authors: ["Linh Nguyễn"] }, true],
  ["Schrödinger", { title: "A Schrodinger bridge" }, true],
  ["cat:cs.CL", { categories: ["cs.LG", "cs.CL"] }, true],
  ["cat:cs.CL", { categories: ["cs.LG"], title: "On cs.CL" }, false],
  ["cat:cs", { categories: ["cs.RO"] }, true],
  ["org:kestrel", { organization: "Kestrel Ridge Research" }, true],
  ["quantiz*", { title: "Quantizers and their friends" }, true],
  ["(lora OR adapters) -vision", { title: "Adapters for speech" }, true],
  ["(lora OR adapters) -vision", { title: "Adapters for vision" }, false],
  ["C++", { title: "A C++ library for graphs" }, true],
  ["C++", { title: "Vitamin C in oranges" }, false],
  ["k-NN", { title: "Faster k-NN search" }, true],
  ["x-ray", { title: "Chest X-ray reports" }, true],
  ["GPT-4", { title: "What GPT-4 knows" }, true],
  ["GPT-4", { title: "What GPT knows in 3 or 4 ways" }, false],
  ["3D", { title: "3D reconstruction of boats" }, true],
])(
  "%s against %o: %s",
  async (interest, fields, expected) => {
    const context = await createContext();
    const [id] = await addPapers(context, paper(fields));
    await addReader(context, { interests: interest });
    await match(context);
    expect(await matched(context, interest)).toEqual(expected ? [id] : []);
  },
  60_000,
);

test("equivalent interests share one query, and its matches are stored once", async () => {
  const context = await createContext();
  await addPapers(context, paper({ title: "Speech for robots" }));
  await addReader(context, { interests: "speech robots" });
  await addReader(context, { interests: "ROBOTS   Speech speech" });
  await match(context);
  expect(await context.sql`select from queries`).toHaveLength(1);
  expect(await context.sql`select from matches`).toHaveLength(1);
});

test("each pair of paper and query is counted once, whichever came first", async () => {
  const context = await createContext();
  await addPapers(context, paper({ title: "Speech one" }));
  await addReader(context, { interests: "speech" });
  await match(context);
  await addPapers(context, paper({ title: "Speech two" }));
  await addReader(context, { interests: "two" });
  await match(context);
  await match(context);
  const hits = await context.sql<{ canonical: string; hits: number }[]>`
    select q.canonical, sum(h.hits)::int as hits from query_hits h join queries q on q.id = h.query_id group by 1 order by 1`;
  expect([...hits]).toEqual([
    { canonical: "speech", hits: 2 },
    { canonical: "two", hits: 1 },
  ]);
});

test("of a common interest the best fifty are kept, and all are counted", async () => {
  const context = await createContext();
  await addReader(context, { interests: "speech" });
  await match(context);
  const best = await addPapers(context, paper({ title: "Speech, speech and speech" }));
  await addPapers(
    context,
    ...Array.from({ length: 59 }, () => paper({ abstract: "It is about many things and about speech." })),
  );
  await match(context);
  expect(await context.sql`select from matches`).toHaveLength(50);
  expect(await matched(context, "speech")).toContain(best[0]);
  const [row] = await context.sql<{ hits: number }[]>`select hits from query_hits`;
  expect(row?.hits).toBe(60);
});

test("workers that match at once neither fail nor match a pair twice", async () => {
  const context = await createContext();
  await addReader(context, { interests: "speech" });
  await addPapers(context, ...Array.from({ length: 30 }, () => paper({ title: "Speech" })));
  await Promise.all(Array.from({ length: 4 }, () => match(context)));
  while ((await match(context)).left > 0);
  const [row] = await context.sql<{ hits: number }[]>`select sum(hits)::int as hits from query_hits`;
  expect(row?.hits).toBe(30);
});

test("a paper that came without an abstract is matched again when it has one", async () => {
  const context = await createContext();
  await addReader(context, { interests: "speech" });
  const bare = paper({ title: "Harbours", abstract: "" });
  const [id] = await addPapers(context, bare);
  await match(context);
  await addPapers(context, { ...bare, abstract: "It is about speech." });
  await match(context);
  expect(await matched(context, "speech")).toEqual([id]);
});

test("a paper that is matched again keeps its place in time, and comes once among the hits of what hit it before", async () => {
  const context = await createContext();
  await addReader(context, { interests: "speech\nrobots" });
  const bare = paper({ title: "Speech", abstract: "" });
  const [first, other] = await addPapers(context, bare, paper({ title: "Boats", abstract: "Of speech." }));
  await match(context);
  const before = await context.sql<
    { batch_id: number }[]
  >`select batch_id from matches where paper_id = ${first as number}`;
  await addPapers(context, { ...bare, abstract: "Robots, and speech of robots." });
  const [later] = await addPapers(context, paper({ title: "Speech again" }));
  await match(context);
  const rows = await context.sql<{ interest: string; paper_id: number; is_later: boolean }[]>`
    select i.typed as interest, m.paper_id, m.batch_id > ${before[0]?.batch_id as number} as is_later
    from matches m join interests i using (query_id) order by 1, 2`;
  expect(rows).toEqual([
    { interest: "robots", paper_id: first, is_later: true },
    { interest: "speech", paper_id: first, is_later: false },
    { interest: "speech", paper_id: other, is_later: false },
    { interest: "speech", paper_id: later, is_later: true },
  ]);
  expect(await context.sql`select from query_hits where cardinality(paper_ids) <> cardinality(ranks)`).toEqual([]);
});

test("a worker that keeps its queries from batch to batch matches like one that reads them anew", async () => {
  const context = await createContext();
  const known = noQueries();
  for (const [interest, title] of [
    ["speech", "Robots"],
    ['"small boats"', "Speech on small boats"],
    ['"c++ (a or b)"', "Boats"],
  ] as const) {
    await addReader(context, { interests: interest });
    await addPapers(context, paper({ title }));
    await match(context, known);
  }
  const oracle =
    await context.sql`select q.id, p.id from queries q join papers p on p.vector @@ q.expression::tsquery order by 1, 2`;
  expect(await context.sql`select query_id as id, paper_id as id from matches order by 1, 2`).toHaveLength(
    oracle.length,
  );
  expect(known.set.size + known.uncompiled.size).toBe(3);
});

test("an interest as long as a line may be is kept, shared and matched: many phrases, or a thousand ideographs", async () => {
  const context = await createContext();
  const names = Array.from({ length: 24 }, (_, at) => `"small boats of quay number n${at}"`);
  const ideographs = Array.from({ length: 1000 }, (_, at) =>
    String.fromCodePoint(0x4e00 + ((at * 7919) % 20_000)),
  ).join("");
  const [quay, text] = await addPapers(
    context,
    paper({ title: "Small boats of quay number n23" }),
    paper({ title: "Ideographs", abstract: `On ${ideographs} again` }),
  );
  const interests = `${names.join(" OR ")}\n${ideographs}`;
  await addReader(context, { interests });
  await addReader(context, { interests });
  expect(await context.sql`select from queries`).toHaveLength(2);
  await match(context);
  const rows = await context.sql<{ paper_id: number }[]>`select paper_id from matches order by paper_id`;
  expect(rows.map((row) => row.paper_id)).toEqual([quay, text]);
});
