import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type Database } from "../../src/db.ts";
import { startPostgres } from "../../src/embedded/postgres.ts";
import { migrate } from "../../src/migrate.ts";
import { readFile } from "../../src/sources/file.ts";
import type { PaperRecord } from "../../src/sources/source.ts";
import { generateCorpus } from "./interests.ts";

/** Does the work on a throw-away database, migrated: of a PostgreSQL of its own, or on the one that `server`, a URL, leads to. */
export async function withDatabase(
  work: (sql: Database, url: string) => Promise<void>,
  server?: string,
): Promise<void> {
  const { url, release } = server ? await createOn(server) : await startThrowaway();
  const sql = connect(url);
  try {
    await migrate(sql);
    await work(sql, url);
  } finally {
    await sql.end();
    await release();
  }
}

async function startThrowaway(): Promise<{ url: string; release: () => Promise<void> }> {
  return startPostgres(await mkdtemp(join(tmpdir(), "paper-round-bench-")), true);
}

async function createOn(server: string): Promise<{ url: string; release: () => Promise<void> }> {
  const name = `paper_round_bench_${process.pid}`;
  const url = new URL(server);
  url.pathname = name;
  const run = async (statement: string) => {
    const sql = connect(server, { max: 1 });
    await sql.unsafe(statement).finally(() => sql.end());
  };
  await run(`create database ${name}`);
  return { url: url.href, release: () => run(`drop database ${name} with (force)`) };
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
