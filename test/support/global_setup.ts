import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { connect } from "../../src/db.ts";
import { startPostgres } from "../../src/embedded/postgres.ts";
import { migrate } from "../../src/migrate.ts";

declare module "vitest" {
  export interface ProvidedContext {
    serverUrl: string;
  }
}

/** One PostgreSQL for the whole run, with a migrated database that each test file's own is cloned from. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres(await mkdtemp(join(tmpdir(), "paper-round-test-")), true);
  const template = connect(server.url, { max: 1 });
  await migrate(template);
  await template.end();
  project.provide("serverUrl", server.url);
  return server.release;
}
