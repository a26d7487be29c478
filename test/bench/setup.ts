import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type Database } from "../../src/db.ts";
import { startPostgres } from "../../src/embedded/postgres.ts";
import { migrate } from "../../src/migrate.ts";
import { readFile } from "../../src/sources/file.ts";
import type { PaperRecord } from "../../src/sources/source.ts";
import { generateCorpus } from "./interests.ts";

/** Does the work on a throw-away database, migrated. */
export async function withDatabase(work: (sql: Database, url: string) => Promise<void>): Promise<void> {
  const server = await startPostgres(await mkdtemp(join(tmpdir(), "paper-round-bench-")), true);
  const sql = connect(server.url);
  try {
    await migrate(sql);
    await work(sql, server.url);
  } finally {
    await sql.end();
    await server.release();
  }
}

/** Papers of a file that `ingest` reads, or made up where none is given. */
export async function readCorpus(path: string | undefined, made: number): Promise<PaperRecord[]> {
  if (!path) return generateCorpus(made);
  const papers: PaperRecord[] = [];
  for await (const reading of readFile(path)) papers.push(...reading.papers);
  return papers;
}

export async function timed<T>(work: () => Promise<T> | T): Promise<{ result: T; milliseconds: number }> {
  const start = performance.now();
  return { result: await work(), milliseconds: performance.now() - start };
}

/** Prints rows as a table in Markdown, the first being the names of the columns. */
export function printTable([names, ...rows]: (string | number)[][]): void {
  const line = (cells: (string | number)[]) => `| ${cells.join(" | ")} |`;
  console.log([line(names ?? []), line((names ?? []).map(() => "---")), ...rows.map(line)].join("\n"));
}
