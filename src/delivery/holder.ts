import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { isRunning } from "../file_lock.ts";

/** Who holds our leases: this process, of this machine and process namespace, since it started. */
export const holder = `${hostname()} ${processNamespace()}/${process.pid}/${Math.round(performance.timeOrigin)}`;

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

/** Whether a holder of leases is a process that we would see if it were running. */
export function isGone(other: string): boolean {
  const [host, pid, since] = other.split("/");
  const [ourHost, ourPid, ourSince] = holder.split("/");
  if (host !== ourHost) return false;
  return pid === ourPid ? since !== ourSince : !isRunning(Number(pid));
}
