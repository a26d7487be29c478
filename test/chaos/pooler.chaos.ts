import { spawn, spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connect } from "../../src/db.ts";
import { freePort } from "../../src/ports.ts";
import { whenFileEnds } from "../support/cleanup.ts";
import { createDatabase } from "../support/database.ts";
import { temporaryFolder } from "../support/folder.ts";
import { startCrew } from "./crew.ts";
import { startInstallation, tally } from "./installation.ts";

const isInstalled = spawnSync("sh", ["-c", "command -v pgbouncer"]).status === 0;

/** A PgBouncer in transaction mode before the database at `url`, with fewer connections to it than workers want. */
async function startPooler(url: string): Promise<string> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const database = pathname.slice(1);
  const own = await freePort("127.0.0.1");
  const folder = temporaryFolder();
  chmodSync(folder, 0o777);
  const settings = join(folder, "pgbouncer.ini");
  writeFileSync(
    settings,
    `[databases]
${database} = host=${hostname} port=${port} dbname=${database} user=${username} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${own}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 5
max_client_conn = 200
`,
  );
  const asUser = process.getuid?.() === 0 ? ["-u", "nobody"] : [];
  const child = spawn("pgbouncer", [...asUser, settings], { stdio: "ignore" });
  whenFileEnds(() => child.kill());
  const pooled = `postgres://paper_round@127.0.0.1:${own}/${database}`;
  const sql = connect(pooled, { max: 1 });
  await expect
    .poll(
      () =>
        sql`select 1`.then(
          () => true,
          () => false,
        ),
      { timeout: 20_000 },
    )
    .toBe(true);
  await sql.end();
  return pooled;
}

test.skipIf(!isInstalled)(
  "four workers behind a PgBouncer in transaction mode plan and send everything once",
  async () => {
    const { url } = await createDatabase();
    const it = await startInstallation(url, 2000, { unplanned: true });
    it.environment.DATABASE_URL = await startPooler(url);
    const crew = startCrew(it, 4);
    await it.allSettled();
    expect(await tally(it, "behind a PgBouncer in transaction mode")).toEqual({ lost: 0, doubled: 0, changed: 0 });
    await crew.end();
  },
);
