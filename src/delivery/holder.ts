import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { isRunning } from "../file_lock.ts";

/** This process, of this machine and process namespace, since it started. */
const ourselves = `${hostname()} ${processNamespace()}/${process.pid}/${Math.round(performance.timeOrigin)}`;

let runs = 0;
const atWork = new Set<string>();

export type Holder = {
  /** What leases are held by. */
  name: string;
  /** It is done. What it still holds it never had: the database gave it, and the answer was lost. */
  end: () => void;
  /** What it still holds at its end may have been sent, and stays its own until the lease is over. */
  keep: () => void;
};

/** A holder of leases, for a run of this process. */
export function becomeHolder(): Holder {
  const name = `${ourselves}/${++runs}`;
  atWork.add(name);
  let keeps = false;
  return {
    name,
    end: () => void (keeps || atWork.delete(name)),
    keep: () => {
      keeps = true;
    },
  };
}

/**
 * Containers, and copies of one machine, may share a host name and not see one another's processes: a process id means
 * nothing outside its namespace and boot.
 */
export function processNamespace(): string {
  try {
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return "";
  }
}

/** Whether a holder of leases is a run of ours that has ended, or a process that we would see if it were running. */
export function isGone(other: string): boolean {
  const [host, pid, since] = other.split("/");
  const [ourHost, ourPid, ourSince] = ourselves.split("/");
  if (host !== ourHost) return false;
  if (pid !== ourPid) return !isRunning(Number(pid));
  return since !== ourSince || !atWork.has(other);
}
