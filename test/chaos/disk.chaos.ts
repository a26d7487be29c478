import { execFileSync, spawnSync } from "node:child_process";
import { statfsSync } from "node:fs";
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
    let full = false;
    it.server.script = (step) => {
      if (step !== "dot" || full || it.server.mails.length < 50) return undefined;
      full = true;
      // To the last byte, and PostgreSQL finds no room for what it writes of the next ones.
      for (let left = statfsSync(disk).bavail; left > 0; left = statfsSync(disk).bavail)
        spawnSync("sh", ["-c", `head -c ${left * 4096} /dev/zero >> ${filler}`]);
      return undefined;
    };
    const worker = await it.startWorker();
    // Tables are written over in place for a while; what is new has to have room.
    await it.sql`create table hog as select repeat('x', 2000) as text from generate_series(1, 300000)`.catch(() => {});
    await worker.printed(/No space left|in recovery|a stage failed|ECONNREFUSED|CONNECTION/);
    await rm(filler, { force: true });
    await postgres.start().catch(() => {});
    await it.allSettled(120);
    const { lost, doubled, changed } = await tally(it, "disk full");
    expect({ lost, changed }).toEqual({ lost: 0, changed: 0 });
    expect(doubled).toBeLessThanOrEqual(4);
  },
);
