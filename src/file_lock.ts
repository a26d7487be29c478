import { readFileSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "./errors.ts";

const patience = { tries: 600, pauseMilliseconds: 100 };

/** Runs `work` while this process alone holds `file`. The lock of a process that died is taken over. */
export async function withFileLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  await acquire(file);
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function acquire(file: string): Promise<void> {
  for (let attempt = 0; attempt < patience.tries; attempt++) {
    try {
      return await writeFile(file, String(process.pid), { flag: "wx" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = Number(await readFile(file, "utf8").catch(() => ""));
    // An empty file is one that its owner has made and not yet written: give it a moment before calling it stale.
    const abandoned = holder > 0 ? !isRunning(holder) : attempt > 20;
    if (abandoned) await rm(file, { force: true });
    else await delay(patience.pauseMilliseconds);
  }
  throw new UserError("unavailable", `Another process has held ${file} for a minute. If none is running, delete it.`);
}

/** Whether a process with this id runs on this machine. One that has ended and that nobody has collected does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return !isZombie(pid);
}

/** In a container whose first process collects nobody, the dead stay listed for ever. */
function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
