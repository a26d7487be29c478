import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { connect } from "../src/db.ts";
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

test("new rules of lexemes make those of papers and acronyms anew", async () => {
  const { sql } = await createDatabase({ empty: true });
  const folder = new URL("../sql/", import.meta.url);
  const files = (await readdir(folder)).filter((name) => /^\d{4}_/.test(name)).sort();
  const run = async (names: string[]) => {
    for (const name of names) await sql.unsafe(await readFile(new URL(name, folder), "utf8"));
  };
  const mends = files.indexOf("0007_lexeme_mends.sql");
  await run(files.slice(0, mends));
  await sql`
    insert into papers (title_key, title, authority, first_seen_at, changed_at)
    values ('a', 'In-place demonstrations', 1, now(), now())`;
  await sql`
    insert into acronyms (short, long, short_written, long_written, papers, all_papers, chosen) values
      ('ld', 'learn from demonstr', 'LD', 'learning from demonstration', 5, 7, true),
      ('ld', 'learn from demonstrations', 'LD', 'learning from demonstrations', 2, 7, false)`;
  await run(files.slice(mends));
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
