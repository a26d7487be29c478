import { readFile } from "node:fs/promises";
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

test("sql/schema.sql is what the migrations make: npm run schema writes it", async () => {
  const { sql } = await createDatabase();
  expect(await readFile(new URL("../sql/schema.sql", import.meta.url), "utf8")).toBe(await describeSchema(sql));
});
