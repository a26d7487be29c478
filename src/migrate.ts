import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import type { Database, Sql } from "./db.ts";
import { UserError } from "./errors.ts";

const folder = new URL("../sql/", import.meta.url);
/** Any number: it only has to be the same for every process that migrates. */
const lockKey = 7_283_519;

/**
 * Runs the migrations that have not run, all in one transaction; however many processes start together, one does it and
 * the others wait. Returns the names of those it ran. Throws when the schema is newer than this program.
 */
export async function migrate(sql: Database): Promise<string[]> {
  const files = await migrationFiles();
  return sql.begin(async (transaction) => {
    await transaction`select pg_advisory_xact_lock(${lockKey})`;
    await transaction`create table if not exists migrations (name text primary key, checksum text not null)`;
    const done = await appliedMigrations(transaction);
    refuseUnknown(files, done);
    const pending = files.filter((file) => !done.has(file.name));
    for (const file of pending) {
      await transaction.unsafe(file.text);
      await transaction`insert into migrations (name, checksum) values (${file.name}, ${file.checksum})`;
    }
    return pending.map((file) => file.name);
  });
}

type Migration = { name: string; text: string; checksum: string };

async function migrationFiles(): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}_.*\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, folder), "utf8");
      return { name, text, checksum: createHash("sha256").update(text).digest("hex") };
    }),
  );
}

async function appliedMigrations(sql: Sql): Promise<Map<string, string>> {
  const rows = await sql<{ name: string; checksum: string }[]>`select name, checksum from migrations order by name`;
  return new Map(rows.map((row) => [row.name, row.checksum]));
}

function refuseUnknown(files: Migration[], done: Map<string, string>): void {
  const known = new Map(files.map((file) => [file.name, file.checksum]));
  for (const [name, checksum] of done) {
    if (known.get(name) === checksum) continue;
    const what = known.has(name) ? "another text of" : "a migration that this program does not know,";
    throw new UserError(
      "unavailable",
      `The database has ${what} ${name}. Run the Paper Round that made it, or a newer one.`,
    );
  }
}
