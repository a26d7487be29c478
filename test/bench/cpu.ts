import { readdir, readFile } from "node:fs/promises";
import type { Sql } from "../../src/db.ts";

/** A tick of the kernel's counts of time, in milliseconds: `USER_HZ` is 100 wherever Linux runs. */
const tick = 10;

/**
 * CPU time that the PostgreSQL of a connection has used so far, in milliseconds: its server process's ended children, as parallel
 * workers are, and those that live. Undefined where /proc does not tell, as on macOS or when the server is elsewhere.
 */
export async function databaseCpu(sql: Sql): Promise<number | undefined> {
  const [{ pid = 0 } = {}] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const backend = await readStat(pid);
  if (!backend?.command.includes("postgres")) return undefined;
  const all = await Promise.all((await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(readStat));
  const server = all.find((it) => it?.pid === backend.parent);
  const children = all.filter((it) => it?.parent === backend.parent);
  return children.reduce((sum, it) => sum + (it?.own ?? 0), server?.ended ?? 0);
}

type Stat = { pid: number; parent: number; command: string; own: number; ended: number };

/** Fields of proc(5)'s `stat`; the command, in brackets, may hold anything. */
async function readStat(pid: string | number): Promise<Stat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  const [, command = "", rest = ""] = /^\d+ \((.*)\) (.*)$/s.exec(text ?? "") ?? [];
  if (!rest) return undefined;
  const field = (number: number) => Number(rest.split(" ")[number - 3]);
  return {
    pid: Number(pid),
    parent: field(4),
    command,
    own: (field(14) + field(15)) * tick,
    ended: (field(16) + field(17)) * tick,
  };
}
