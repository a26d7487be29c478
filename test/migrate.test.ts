import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { connect, type Sql } from "../src/db.ts";
import type { Contents } from "../src/digests/contents.ts";
import { migrate } from "../src/migrate.ts";
import { createDatabase } from "./support/database.ts";
import { describeSchema } from "./support/schema.ts";

test("twenty processes that migrate at once run each migration once", async () => {
  const { url } = await createDatabase({ empty: true });
  const clients = Array.from({ length: 20 }, () => connect(url, { max: 1 }));
  const ran = await Promise.all(clients.map((client) => migrate(client)));
  expect(ran.filter((names) => names.length > 0)).toHaveLength(1);
  await Promise.all(clients.map((client) => client.end()));
});

test("a schema that this program does not know is refused, and left as it is", async () => {
  const { sql } = await createDatabase();
  await sql`insert into migrations (name, checksum) values ('9999_future.sql', 'x')`;
  await expect(migrate(sql)).rejects.toThrow(/9999_future\.sql.*newer/);
});

test("a migration whose text was changed after it ran is refused", async () => {
  const { sql } = await createDatabase();
  await sql`update migrations set checksum = 'x' where name = '0001_papers.sql'`;
  await expect(migrate(sql)).rejects.toThrow(/another text of 0001_papers\.sql/);
});

/** Runs the migrations up to one, then what `before` puts there, then the rest. */
async function migrateAround(name: string, before: (sql: Sql) => Promise<unknown>): Promise<Sql> {
  const { sql } = await createDatabase({ empty: true });
  const folder = new URL("../sql/", import.meta.url);
  const files = (await readdir(folder)).filter((file) => /^\d{4}_/.test(file)).sort();
  const run = async (names: string[]) => {
    for (const file of names) await sql.unsafe(await readFile(new URL(file, folder), "utf8"));
  };
  await run(files.slice(0, files.indexOf(name)));
  await before(sql);
  await run(files.slice(files.indexOf(name)));
  return sql;
}

test("new rules of lexemes make those of papers and acronyms anew", async () => {
  const sql = await migrateAround("0007_lexeme_mends.sql", async (sql) => {
    await sql`
      insert into papers (title_key, title, authority, first_seen_at, changed_at)
      values ('a', 'In-place demonstrations', 1, now(), now())`;
    await sql`
      insert into acronyms (short, long, short_written, long_written, papers, all_papers, chosen) values
        ('ld', 'learn from demonstr', 'LD', 'learning from demonstration', 5, 7, true),
        ('ld', 'learn from demonstrations', 'LD', 'learning from demonstrations', 2, 7, false)`;
  });
  const [paper] = await sql<{ vector: string }[]>`select vector::text as vector from papers`;
  expect(paper?.vector).toContain("'demonstration':20A");
  expect(paper?.vector).toContain("'inplac':18A,19A");
  expect(await sql`select short, long, papers, all_papers, chosen from acronyms`).toEqual([
    { short: "ld", long: "learn from demonstration", papers: 7, all_papers: 7, chosen: true },
  ]);
});

test("sql/schema.sql is what the migrations make: npm run schema writes it", async () => {
  const { sql } = await createDatabase();
  expect(await readFile(new URL("../sql/schema.sql", import.meta.url), "utf8")).toBe(await describeSchema(sql));
});

test("digests that were planned before say the same after their interests stand once", async () => {
  const entries = [
    { paper: 1, query: 7, interest: "speech", upvotes: 3 },
    { paper: 2, query: 8, interest: "robots", taste: "Higher." },
    { paper: 3, query: 7, interest: "speech", revision: 2 },
    { paper: 4, comments: 2 },
    { paper: 5, query: 9, interest: "boats", near: "boat" },
  ];
  const given = [
    { papers: entries, notes: [{ paper: 9, kind: "code" }] },
    { papers: [], interests: ["speech", "boats"] },
    { papers: [entries[3]] },
  ];
  const sql = await migrateAround("0023_lighter_planning.sql", async (sql) => {
    await sql`
      insert into digests (subscriber_id, local_date, number, planned_at, matched, after_batch_id, batch_id, receipt_id, contents)
      select n, '2026-11-01', 1, now(), 0, 0, 0, 1, contents
      from json_array_elements(${JSON.stringify(given)}::text::json) with ordinality as c (contents, n)`;
  });
  const rows = await sql<{ contents: Contents }[]>`select contents::json from digests order by subscriber_id`;
  expect(rows.map((row) => row.contents)).toEqual([
    {
      papers: [
        { paper: 1, interest: 0, upvotes: 3 },
        { paper: 2, interest: 1, taste: "Higher." },
        { paper: 3, interest: 0, revision: 2 },
        { paper: 4, comments: 2 },
        { paper: 5, interest: 2, near: "boat" },
      ],
      interests: [
        { query: 7, typed: "speech" },
        { query: 8, typed: "robots" },
        { query: 9, typed: "boats" },
      ],
      notes: [{ paper: 9, kind: "code" }],
    },
    {
      papers: [],
      interests: [
        { query: 0, typed: "speech" },
        { query: 0, typed: "boats" },
      ],
    },
    { papers: [{ paper: 4, comments: 2 }] },
  ]);
});

test("what was matched before is the same once the hits of a batch are one row", async () => {
  const given = [
    { query_id: 1, paper_id: 1, batch_id: 1, rank: 0.5 },
    { query_id: 1, paper_id: 2, batch_id: 1, rank: 2.25 },
    { query_id: 1, paper_id: 3, batch_id: 2, rank: 1 },
    { query_id: 2, paper_id: 1, batch_id: 1, rank: 0.1 },
  ];
  const sql = await migrateAround("0025_hits_in_a_row.sql", async (sql) => {
    await sql`
      insert into batches (matched_at, completed_at, papers, queries, matches)
      select now(), now(), 3, 2, 4 from generate_series(1, 2)`;
    await sql`insert into queries (canonical, expression, created_at) select n, 'x', now() from generate_series(1, 2) as n`;
    await sql`
      insert into papers (title_key, title, authority, first_seen_at, changed_at, batch_id)
      select n, 'A title', 1, now(), now(), case when n < 3 then 1 end from generate_series(1, 3) as n`;
    await sql`
      insert into matches (query_id, paper_id, batch_id, rank)
      select * from json_to_recordset(${JSON.stringify(given)}::text::json)
        as m (query_id bigint, paper_id bigint, batch_id bigint, rank real)`;
    await sql`insert into query_hits (query_id, batch_id, hits) values (1, 1, 70), (1, 2, 1)`;
  });
  expect(await sql`select query_id, paper_id, batch_id, rank from matches order by query_id, paper_id`).toEqual(given);
  expect(await sql`select query_id, batch_id, hits, paper_ids from query_hits order by 1, 2`).toEqual([
    { query_id: 1, batch_id: 1, hits: 70, paper_ids: [2, 1] },
    { query_id: 1, batch_id: 2, hits: 1, paper_ids: [3] },
    { query_id: 2, batch_id: 1, hits: 1, paper_ids: [1] },
  ]);
  expect(await sql`select id from papers where was_matched`).toEqual([{ id: 3 }]);
});
