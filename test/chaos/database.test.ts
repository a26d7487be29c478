import { expect, test } from "vitest";
import { temporaryFolder } from "../support/folder.ts";
import { startOwnPostgres } from "../support/own_postgres.ts";
import { startInstallation, tally } from "./installation.ts";

const connections = 2;

test("a PostgreSQL that crashes in the middle of sending and comes back loses nothing, doubles nothing, and sending goes on by itself", async () => {
  const postgres = await startOwnPostgres(temporaryFolder());
  const it = await startInstallation(postgres.url, 200, { connections });
  let crash: Promise<void> | undefined;
  it.server.script = async (step) => {
    if (step !== "dot" || it.server.mails.length < 20 || crash) return undefined;
    crash = postgres.crash();
    await crash;
    return undefined;
  };
  const worker = await it.startWorker();
  await worker.printed(/a stage failed/);
  // Started sooner, it would be taken for the one whose end is waited for, and the mail server would say nothing for a minute.
  await crash;
  await postgres.start();
  await it.allSettled();
  expect(await tally(it, "PostgreSQL crashed")).toEqual({ lost: 0, doubled: 0, changed: 0 });
});

test("a PostgreSQL that is frozen for longer than a statement may take loses and doubles nothing", async () => {
  const postgres = await startOwnPostgres(temporaryFolder());
  const it = await startInstallation(postgres.url, 200, { connections });
  let frozen = false;
  it.server.script = async (step) => {
    if (step !== "dot" || it.server.mails.length < 20 || frozen) return undefined;
    frozen = true;
    await postgres.freeze();
    return undefined;
  };
  const worker = await it.startWorker({ DATABASE_TIMEOUT: "3" });
  await worker.printed(/said nothing/);
  await postgres.thaw();
  await it.allSettled();
  expect(await tally(it, "PostgreSQL frozen")).toEqual({ lost: 0, doubled: 0, changed: 0 });
});
