import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, statfsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { whenFileEnds } from "../support/cleanup.ts";
import { temporaryFolder } from "../support/folder.ts";
import { startOwnPostgres } from "../support/own_postgres.ts";
import { startInstallation, tally } from "./installation.ts";

const disk = temporaryFolder();
const canMount =
  process.getuid?.() === 0 &&
  spawnSync("mount", ["-t", "tmpfs", "-o", "size=400m,mode=755", "tmpfs", disk]).status === 0;
if (canMount) whenFileEnds(() => execFileSync("umount", ["-l", disk]));

test.skipIf(!canMount)(
  "a disk that is full stops sending, and nothing is lost once there is room (skipped where no disk can be mounted)",
  async () => {
    const postgres = await startOwnPostgres(disk);
    const it = await startInstallation(postgres.url, 1000);
    const filler = join(disk, "filler");
    let isFull = false;
    it.server.script = (step) => {
      if (step === "dot" && !isFull && it.server.mails.length >= 50) fill(filler);
      isFull ||= existsSync(filler);
      return undefined;
    };
    const worker = await it.startWorker();
    await worker.printed(/a stage failed/);
    await rm(filler);
    // Where its log found no room it has ended.
    await it.sql`select`.catch(postgres.start);
    await it.allSettled(120);
    const { lost, doubled, changed } = await tally(it, "disk full");
    expect({ lost, changed }).toEqual({ lost: 0, changed: 0 });
    expect(doubled).toBeLessThanOrEqual(4);
  },
);

/** To the last block. */
function fill(file: string): void {
  for (let free = statfsSync(disk).bavail; free > 0; free = statfsSync(disk).bavail)
    spawnSync("sh", ["-c", `head -c ${free * 4096} /dev/zero >> ${file}`]);
}
