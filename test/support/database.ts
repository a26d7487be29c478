import { randomBytes } from "node:crypto";
import { inject } from "vitest";
import { connect, type Database } from "../../src/db.ts";
import { whenFileEnds } from "./cleanup.ts";

/** The database that `global_setup` has migrated. */
const template = "paper_round";

/** A database of the test file's own, migrated unless `empty`, and dropped when the file is done. */
export async function createDatabase(options: { empty?: boolean } = {}): Promise<{ sql: Database; url: string }> {
  const admin = connect(inject("serverUrl"), { max: 1, database: "postgres" });
  const name = `test_${randomBytes(6).toString("hex")}`;
  if (options.empty) await admin`create database ${admin(name)}`;
  else await admin`create database ${admin(name)} template ${admin(template)}`;
  const url = inject("serverUrl").replace(/\/[^/]*$/, `/${name}`);
  const sql = connect(url);
  whenFileEnds(async () => {
    await sql.end({ timeout: 5 });
    await admin`drop database ${admin(name)} with (force)`;
    await admin.end();
  });
  return { sql, url };
}
