import { chmod, mkdtemp, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { connect } from "../../src/db.ts";
import { startPostgres } from "../../src/embedded/postgres.ts";
import { isRunning } from "../../src/file_lock.ts";
import { temporaryFolder } from "../support/folder.ts";

async function ask(url: string, text: string): Promise<unknown> {
  const sql = connect(url, { max: 1 });
  try {
    return (await sql.unsafe(text))[0];
  } finally {
    await sql.end();
  }
}

async function serverPid(folder: string): Promise<number> {
  return Number.parseInt(await readFile(join(folder, "postgres", "data", "postmaster.pid"), "utf8"), 10);
}

test("data outlives the server, and the last process to leave stops it", async () => {
  const folder = temporaryFolder();
  const first = await startPostgres(folder);
  const second = await startPostgres(folder);
  await ask(first.url, "create table kept (value text)");
  const pid = await serverPid(folder);
  await first.release();
  expect(isRunning(pid)).toBe(true);
  await ask(second.url, "insert into kept values ('still here')");
  await second.release();
  await expect(stat(join(folder, "postgres", "data", "postmaster.pid"))).rejects.toThrow("ENOENT");
  const third = await startPostgres(folder);
  expect(await ask(third.url, "select value from kept")).toEqual({ value: "still here" });
  await third.release();
});

test("a server that was killed is started again, its lock cleared, though its process id may be another's now", async () => {
  const folder = temporaryFolder();
  const first = await startPostgres(folder);
  await ask(first.url, "create table kept ()");
  const lock = join(folder, "postgres", "data", "postmaster.pid");
  const pid = await serverPid(folder);
  const text = await readFile(lock, "utf8");
  process.kill(pid, "SIGKILL");
  await expect.poll(() => isRunning(pid)).toBe(false);
  // As after a restart of the machine, when some other program has come to bear the number.
  await writeFile(lock, text.replace(String(pid), String(process.pid)));
  const second = await startPostgres(folder);
  expect(await ask(second.url, "select count(*)::int as kept from kept")).toEqual({ kept: 0 });
  await second.release();
});

test("processes that start at once share one server", async () => {
  const folder = temporaryFolder();
  const servers = await Promise.all(Array.from({ length: 4 }, () => startPostgres(folder)));
  expect(new Set(servers.map((server) => server.url)).size).toBe(1);
  for (const server of servers) await server.release();
});

test("a throw-away server leaves nothing behind", async () => {
  const folder = await mkdtemp(join(tmpdir(), "paper-round-test-"));
  const server = await startPostgres(folder, true);
  const pid = await serverPid(folder);
  await server.release();
  expect(isRunning(pid)).toBe(false);
  await expect(stat(folder)).rejects.toThrow("ENOENT");
});

test.runIf(process.getuid?.() === 0)(
  "root in a folder that others can't enter keeps the files where PostgreSQL can reach them",
  async () => {
    const folder = temporaryFolder();
    await chmod(folder, 0o700);
    const first = await startPostgres(folder);
    await ask(first.url, "create table kept ()");
    await first.release();
    const elsewhere = await realpath(join(folder, "postgres"));
    onTestFinished(() => rm(elsewhere, { recursive: true, force: true }));
    expect(elsewhere).toMatch(/^\/var\/lib\/paper-round\/data-/);
    const second = await startPostgres(folder);
    expect(await ask(second.url, "select count(*)::int as kept from kept")).toEqual({ kept: 0 });
    await second.release();
  },
);

test("a folder that can't be written, and a cluster of another version, each get a message with its remedy", async () => {
  await expect(startPostgres("/dev/null/nowhere")).rejects.toThrow(/can't be written.*DATA_DIR/);
  const folder = temporaryFolder();
  const server = await startPostgres(folder);
  await server.release();
  await writeFile(join(folder, "postgres", "data", "PG_VERSION"), "12\n");
  await expect(startPostgres(folder)).rejects.toThrow(/PostgreSQL 12.*DATA_DIR/);
});

test("the connection that says who uses the server is never closed for being idle or old", async () => {
  const { options } = connect("postgres://127.0.0.1/none", { keep: true });
  expect([options.idle_timeout, options.max_lifetime]).toEqual([0, null]);
});
