import { expect, test } from "vitest";
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

test("a query that the language does not take any more goes on as it is, and holds up no other", async () => {
  const context = await createContext();
  await addReader(context, { interests: "speech\nboats" });
  await match(context);
  await context.sql`update queries set canonical = 'why' where canonical = 'speech'`;
  await context.sql`update queries set expression = '''nothing''' where canonical = 'boats'`;
  await context.sql`update lexicon set rules = 0`;
  await addPapers(context, paper({ title: "Speech on boats" }));
  await match(context);
  const rows = await context.sql<{ canonical: string; expression: string }[]>`
    select canonical, expression::text as expression from queries join matches on query_id = id order by canonical`;
  expect(rows).toEqual([
    { canonical: "boats", expression: "'boat'" },
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
