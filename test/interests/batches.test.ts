import { expect, test } from "vitest";
import { plan } from "../../src/digests/plan.ts";
import { noQueries } from "../../src/interests/known_queries.ts";
import { match } from "../../src/interests/match.ts";
import { choosePart, retireQueries } from "../../src/interests/retire.ts";
import { createContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";

test("workers that match at once give each pair once, and the batch is completed once", async () => {
  const context = await createContext();
  await addReader(context, { interests: "speech\nrobots\nboats" });
  await match(context);
  await addPapers(context, ...Array.from({ length: 40 }, () => paper({ title: "Speech of robots in boats" })));
  await Promise.all([1, 2, 3].map(() => match(context, noQueries())));
  await match(context);
  const [count] = await context.sql<{ matches: number; hits: number; open: number }[]>`
    select (select count(*)::int from matches) as matches, (select sum(hits)::int from query_hits) as hits,
      (select count(*)::int from batches where completed_at is null) as open`;
  expect(count).toEqual({ matches: 120, hits: 120, open: 0 });
});

test("a range that another worker left undone is done, and readers are planned only through what is complete", async () => {
  const context = await createContext();
  const { sql } = context;
  const reader = await addReader(context, { interests: "speech", trending: "no" });
  await match(context);
  await addPapers(context, paper({ title: "Speech" }));
  await match(context);
  // As a worker leaves it that was killed in the middle of its range.
  await sql`update batches set completed_at = null where id = (select max(id) from batches)`;
  await sql`update batch_ranges set done_at = null where batch_id = (select max(id) from batches)`;
  await sql`delete from query_hits`;
  await plan(context);
  const planned = () => sql`select from digest_papers where subscriber_id = ${reader}`;
  expect(await planned()).toHaveLength(0);
  await match(context);
  expect(await sql`select from matches`).toHaveLength(1);
  expect(await sql`select from batches where completed_at is null`).toHaveLength(0);
});

test("a query that nobody holds goes after a week, and one that is taken up again stays", async () => {
  const context = await createContext({}, "2026-11-01T10:00:00Z");
  const { sql, clock } = context;
  await addReader(context, { interests: "speech\nrobots" });
  await match(context);
  await sql`delete from interests`;
  expect(await retireQueries(sql, await choosePart(sql), clock())).toBe(0);
  await addReader(context, { interests: "robots" });
  context.setNow("2026-11-09T10:00:00Z");
  expect(await retireQueries(sql, await choosePart(sql), clock())).toBe(1);
  expect((await sql<{ canonical: string }[]>`select canonical from queries`).map((row) => row.canonical)).toEqual([
    "robots",
  ]);
});

test("expressions of earlier rules are made anew before anything is matched with them", async () => {
  const context = await createContext();
  const { sql } = context;
  await addReader(context, { interests: "speech" });
  await match(context);
  await sql`update queries set expression = 'nothing'::tsquery`;
  await sql`update lexicon set rules = 0`;
  await addPapers(context, paper({ title: "Speech" }));
  await match(context);
  expect(await sql`select from matches`).toHaveLength(1);
});
