import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { serverAccount, serverBinaries } from "../../src/embedded/home.ts";
import { startPostgres } from "../../src/embedded/postgres.ts";
import { whenFileEnds } from "./cleanup.ts";

export type OwnPostgres = {
  url: string;
  /** Ends it without a word to anybody, as the loss of its machine would. */
  crash: () => Promise<void>;
  /** Starts it again where it was. */
  start: () => Promise<void>;
  /** Stops all its processes in the middle of what they do. */
  freeze: () => Promise<void>;
  thaw: () => Promise<void>;
};

/** A PostgreSQL of the test file's own with its data in `folder`, as durable as one that is used. */
export async function startOwnPostgres(folder: string): Promise<OwnPostgres> {
  const account = await serverAccount();
  const program = join(await serverBinaries(account), "bin", "pg_ctl");
  const server = await startPostgres(folder);
  const data = join(folder, "postgres", "data");
  const control = (...args: string[]) =>
    promisify(execFile)(program, [...args, "-D", data, "-w", "-s"], { cwd: "/", ...account });
  const processes = async () => {
    const postmaster = Number.parseInt(await readFile(join(data, "postmaster.pid"), "utf8"), 10);
    const children = await readFile(`/proc/${postmaster}/task/${postmaster}/children`, "utf8");
    return [postmaster, ...children.trim().split(" ").map(Number)];
  };
  const signal = async (name: NodeJS.Signals) => {
    for (const id of await processes()) process.kill(id, name);
  };
  const it = {
    url: server.url,
    crash: () => control("stop", "-m", "immediate").then(() => {}),
    // With the options, and so the port, that it had.
    start: () => control("restart", "-l", join(folder, "postgres", "postgres.log")).then(() => {}),
    freeze: () => signal("SIGSTOP"),
    thaw: () => signal("SIGCONT"),
  };
  whenFileEnds(async () => {
    await it.thaw().catch(() => {});
    await it.crash().catch(() => {});
  });
  return it;
}
