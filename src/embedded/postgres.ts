import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chown, readFile, rename, rm, writeFile } from "node:fs/promises";
import { totalmem } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { connect, type Database } from "../db.ts";
import { describeError, UserError } from "../errors.ts";
import { isRunning, withFileLock } from "../file_lock.ts";
import { freePort } from "../ports.ts";
import { type Account, clusterFolder, makeDataFolder, serverAccount, serverBinaries } from "./home.ts";

export type EmbeddedPostgres = {
  /** Connection string of the `paper_round` database. */
  url: string;
  /** Lets go of the server, and stops it unless another process still uses it. Close your own clients first. */
  release: () => Promise<void>;
};

/**
 * Starts PostgreSQL 18 on the cluster in `folder`, made on first use, or joins the server that another process runs on it.
 * A `throwaway` server trades durability for speed, and is removed with its folder when this process ends, however it ends.
 */
export async function startPostgres(folder: string, throwaway = false): Promise<EmbeddedPostgres> {
  await makeDataFolder(folder);
  const lock = join(folder, "postgres.lock");
  return withFileLock(lock, async () => {
    const account = await serverAccount();
    // Its own folder is one that the account can enter, and remove in the end.
    if (throwaway && account) await chown(folder, account.uid, account.gid);
    const server: Server = {
      binaries: await serverBinaries(account),
      cluster: await clusterFolder(folder, account),
      account,
      throwaway,
      password: await keptPassword(folder),
    };
    await initialise(server);
    const port = (await runningPort(server)) ?? (await start(server));
    const stopped = throwaway ? stopWithThisProcess(server, folder) : undefined;
    const keeper = connect(urlOf(server, port, "postgres"), { max: 1, application: keeperName, keep: true });
    await createDatabase(keeper);
    return {
      url: urlOf(server, port, databaseName),
      release: stopped ?? (() => withFileLock(lock, () => stopUnlessShared(server, keeper))),
    };
  });
}

type Server = { binaries: string; cluster: string; account: Account; throwaway: boolean; password: string };

const databaseName = "paper_round";
/** Each process that uses the server holds one connection of this name, so that the last one to leave can tell. */
const keeperName = "paper-round keeper";
const majorVersion = "18";

async function initialise(server: Server): Promise<void> {
  const data = dataOf(server);
  const made = (await readFile(join(data, "PG_VERSION"), "utf8").catch(() => undefined))?.trim();
  if (made === majorVersion) return;
  if (made !== undefined)
    throw new UserError(
      "unavailable",
      `The database in ${data} was made by PostgreSQL ${made}, and this Paper Round brings ${majorVersion}. Dump it with the old version, or set DATA_DIR to a new folder.`,
    );
  // Built beside its place and renamed when whole, so that a kill half way leaves nothing that looks like a database.
  const unfinished = `${data}.new`;
  await rm(unfinished, { recursive: true, force: true });
  const passwordFile = join(server.cluster, "initial-password");
  await writeFile(passwordFile, server.password, { mode: 0o600 });
  if (server.account) await chown(passwordFile, server.account.uid, server.account.gid);
  await command(server, "initdb", [
    ...["--pgdata", unfinished, "--username", "postgres", "--pwfile", passwordFile, "--auth", "scram-sha-256"],
    ...["--encoding", "UTF8", "--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"],
    ...(server.throwaway ? ["--no-sync"] : []),
  ]).finally(() => rm(passwordFile));
  await rename(unfinished, data);
}

/** The port of the server that runs on this cluster, if one does. Clears the lock file of one that was killed. */
async function runningPort(server: Server): Promise<number | undefined> {
  const lockFile = join(dataOf(server), "postmaster.pid");
  const [pid, , , port] = (await readFile(lockFile, "utf8").catch(() => "")).split("\n").map(Number);
  if (!pid) return undefined;
  if (!isRunning(pid) || !(await isPostgres(pid))) {
    // PostgreSQL itself would take any process that has come to bear this id, as after a restarted container, for its own.
    await rm(lockFile, { force: true });
    return undefined;
  }
  if (!port) throw new UserError("unavailable", `PostgreSQL (process ${pid}) is neither up nor gone. Try again soon.`);
  const probe = connect(urlOf(server, port, "postgres"), { max: 1 });
  try {
    await probe`select 1`;
    return port;
  } catch (error) {
    throw new UserError(
      "unavailable",
      `PostgreSQL (process ${pid}) runs on ${dataOf(server)} but does not let us in: ${describeError(error)}. Stop that process and try again.`,
    );
  } finally {
    await probe.end();
  }
}

/**
 * A quarter of the memory there is, as PostgreSQL's manual advises ("Resource Consumption"), up to what the day of a million readers
 * keeps busy. Only what is used is taken.
 */
function sharedMegabytes(): number {
  // A container may be given less than its machine has; where it is not, this is 0 or boundless.
  const memory = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  return Math.min(2048, Math.max(64, Math.floor(memory / 4 / 2 ** 20)));
}

async function isPostgres(pid: number): Promise<boolean> {
  const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => undefined);
  return name === undefined || name.startsWith("postgres");
}

async function start(server: Server): Promise<number> {
  const log = join(server.cluster, "postgres.log");
  for (let attempt = 1; ; attempt++) {
    const port = await freePort("127.0.0.1");
    const settings = {
      port,
      listen_addresses: "127.0.0.1",
      unix_socket_directories: "",
      max_connections: 200,
      shared_buffers: `${sharedMegabytes()}MB`,
      // Several batches of digests are written at once: they would wait for one another's log to be taken to the disk.
      wal_buffers: "64MB",
      jit: "off",
      log_min_messages: "warning",
      ...(server.throwaway ? { fsync: "off", synchronous_commit: "off", full_page_writes: "off" } : {}),
    };
    const options = Object.entries(settings).map(([name, value]) => `-c ${name}='${value}'`);
    try {
      await command(server, "pg_ctl", ["start", "-D", dataOf(server), "-w", "-s", "-l", log, "-o", options.join(" ")]);
      return port;
    } catch (error) {
      // Another program may have taken the port between our look and the start, and the children of a server that was killed
      // may not all have noticed yet.
      const report = (await readFile(log, "utf8").catch(() => "")).trim().split("\n").slice(-3).join(" ");
      if (attempt === 20 || !/could not bind|shared memory block/.test(report))
        throw new UserError("unavailable", `PostgreSQL did not start: ${report || describeError(error)}`);
      await delay(250);
    }
  }
}

/**
 * Leaves a small shell behind that holds a pipe to us: when the pipe closes, because we let go or because we were killed,
 * it stops the server and removes the folder.
 */
function stopWithThisProcess(server: Server, folder: string): () => Promise<void> {
  const script = 'read -r _; "$0" stop -D "$1" -m immediate -s; rm -rf "$2"';
  const shell = spawn("sh", ["-c", script, join(server.binaries, "bin", "pg_ctl"), dataOf(server), folder], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    cwd: "/",
    ...(server.account ?? {}),
  });
  shell.unref();
  (shell.stdin as unknown as { unref(): void }).unref();
  return async () => {
    const ended = once(shell, "exit");
    shell.ref();
    shell.stdin.end();
    await ended;
  };
}

async function stopUnlessShared(server: Server, keeper: Database): Promise<void> {
  const [row] = await keeper<{ others: number }[]>`
    select count(*)::int as others from pg_stat_activity
    where application_name = ${keeperName} and pid <> pg_backend_pid()`;
  await keeper.end({ timeout: 5 });
  if (row?.others === 0) await command(server, "pg_ctl", ["stop", "-D", dataOf(server), "-m", "fast", "-w", "-s"]);
}

async function createDatabase(keeper: Database): Promise<void> {
  const [existing] = await keeper`select from pg_database where datname = ${databaseName}`;
  if (!existing) await keeper`create database ${keeper(databaseName)}`;
}

async function keptPassword(folder: string): Promise<string> {
  const file = join(folder, "postgres-password");
  try {
    return await readFile(file, "utf8");
  } catch {
    const password = randomBytes(24).toString("base64url");
    await writeFile(file, password, { mode: 0o600 });
    return password;
  }
}

async function command(server: Server, program: string, args: string[]): Promise<void> {
  await promisify(execFile)(join(server.binaries, "bin", program), args, {
    cwd: server.cluster,
    env: { PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC" },
    ...(server.account ?? {}),
  });
}

const dataOf = (server: Server) => join(server.cluster, "data");

const urlOf = (server: Server, port: number, database: string) =>
  `postgres://postgres:${server.password}@127.0.0.1:${port}/${database}`;
