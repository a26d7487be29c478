import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../../src/db.ts";
import { startPostgres } from "../../src/embedded/postgres.ts";
import { migrate } from "../../src/migrate.ts";
import { describeSchema } from "./schema.ts";

const server = await startPostgres(await mkdtemp(join(tmpdir(), "paper-round-schema-")), true);
const sql = connect(server.url, { max: 1 });
await migrate(sql);
await writeFile(new URL("../../sql/schema.sql", import.meta.url), await describeSchema(sql));
await sql.end();
await server.release();
