import { expect, test } from "vitest";
import { noQueries } from "../../src/interests/known_queries.ts";
import { match } from "../../src/interests/match.ts";
import { rematch } from "../../src/interests/rematch.ts";
import { readStatus } from "../../src/status.ts";
import { createContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";

test("what was matched stays in its batch, what no longer hits goes, what hits now comes", async () => {
  const context = await createContext();
  const { sql } = context;
  const [kept, lost, won] = await addPapers(
    context,
    paper({ title: "Speech" }),
    paper({ title: "Speech, too" }),
    paper({ title: "Robots" }),
  );
  await addReader(context, { interests: "speech" });
  await match(context);
  const before = await sql`select batch_id from matches where paper_id = ${kept as number}`;
  await sql`update papers set title = 'Boats' where id = ${lost as number}`;
  await sql`update papers set title = 'Speech of robots' where id = ${won as number}`;
  expect(await rematch(context, 7)).toEqual({ papers: 3, matches: 2, gone: 1 });
  const after = await sql<{ paper_id: number; batch_id: number; rank: number }[]>`
    select paper_id, batch_id, rank from matches order by paper_id`;
  expect(after.map((row) => row.paper_id)).toEqual([kept, won]);
  expect(after[0]?.batch_id).toBe(before[0]?.batch_id);
  expect(after.every((row) => row.rank > 0)).toBe(true);
});

test("papers from before the days that were asked for keep their matches untouched", async () => {
  const context = await createContext({}, "2026-11-01T10:00:00Z");
  const [old] = await addPapers(context, paper({ title: "Speech" }));
  await addReader(context, { interests: "speech" });
  await match(context);
  context.setNow("2026-11-20T10:00:00Z");
  await context.sql`update papers set title = 'Boats' where id = ${old as number}`;
  expect(await rematch(context, 7)).toEqual({ papers: 1, matches: 0, gone: 0 });
  expect(await context.sql`select from matches where paper_id = ${old as number}`).toHaveLength(1);
});

test("matches that hold keep their place and rank, though a batch finds no more than the best fifty again", async () => {
  const context = await createContext();
  await addReader(context, { interests: "speech" });
  await match(context);
  for (const words of ["Speech", "Speech of speech"]) {
    await addPapers(context, ...Array.from({ length: 40 }, (_, at) => paper({ title: `${words} ${at}` })));
    await match(context);
  }
  const read = () => context.sql`select batch_id, paper_id, rank from matches order by batch_id, paper_id`;
  const before = await read();
  expect(before).toHaveLength(80);
  expect(await rematch(context, 7)).toEqual({ papers: 80, matches: 80, gone: 0 });
  expect(await read()).toEqual(before);
});

test("what a rematch that was cut off has left is put right by the next one", async () => {
  const context = await createContext();
  await addReader(context, { interests: "speech" });
  await match(context);
  await addPapers(context, ...Array.from({ length: 60 }, (_, at) => paper({ title: `Speech ${at}` })));
  await match(context);
  const read = () => context.sql`select batch_id, paper_id, rank from matches order by batch_id, paper_id`;
  const before = await read();
  await context.sql`update query_hits set ranks = array(select rank * (2 ^ -40) from unnest(ranks) as rank)`;
  await context.sql`update papers set batch_id = null, was_matched = true where id % 2 = 0`;
  expect((await rematch(context, 7)).gone).toBe(0);
  const after = await read();
  expect(after.filter((row) => before.some((it) => it.paper_id === row.paper_id))).toEqual(before);
});

test("a worker that keeps its queries learns those that a rematch has made anew", async () => {
  const context = await createContext();
  const known = noQueries();
  await addReader(context, { interests: "boats" });
  await addPapers(context, paper());
  await match(context);
  // As if an older PostgreSQL had cut the word in another way.
  await context.sql`update queries set expression = '''boatz'''`;
  await addPapers(context, paper());
  await match(context, known);
  await rematch(context, 7);
  const [id] = await addPapers(context, paper({ title: "Boats" }));
  await match(context, known);
  expect(await context.sql`select paper_id from matches`).toEqual([{ paper_id: id }]);
});

test("a rematch counts each paper once for what it defines", async () => {
  const context = await createContext();
  const defining = () => paper({ abstract: "We ask large language models (LLMs) for the way." });
  await addPapers(context, defining(), defining());
  await match(context);
  const read = () => context.sql`select short, papers, all_papers, chosen from acronyms`;
  const before = await read();
  expect(before).toMatchObject([{ papers: 2, chosen: false }]);
  await rematch(context, 7);
  expect(await read()).toEqual(before);
});

test("a query that the language does not take any more goes on as it is, and holds up no other", async () => {
  const context = await createContext();
  await addReader(context, { interests: "speech\nboats" });
  await match(context);
  await context.sql`update queries set canonical = 'why' where canonical = 'speech'`;
  await context.sql`update queries set expression = '''nothing''' where canonical = 'boats'`;
  await context.sql`update lexicon set rules = 0`;
  await addReader(context, { interests: "harbours" });
  await context.sql`update queries set expression = '''stale''' where canonical = 'harbours'`;
  await addPapers(context, paper({ title: "Speech on boats in harbours" }));
  await match(context);
  const rows = await context.sql<{ canonical: string; expression: string }[]>`
    select canonical, expression::text as expression from queries join matches on query_id = id order by canonical`;
  expect(rows).toEqual([
    { canonical: "boats", expression: "'boat'" },
    { canonical: "harbours", expression: "'harbor'" },
    { canonical: "why", expression: "'speech'" },
  ]);
});

test("after an upgrade of PostgreSQL the status says what to do, until that is done", async () => {
  const context = await createContext();
  await context.sql`update lexicon set postgres = 14`;
  expect((await readStatus(context)).problems).toEqual([
    expect.stringMatching(
      /^Papers were indexed by PostgreSQL 14.* Start web and workers anew.* npm run cli -- rematch$/,
    ),
  ]);
  await rematch(context, 7);
  expect((await readStatus(context)).problems).toEqual([]);
});
