import { expect, test } from "vitest";
import { createDatabase } from "../support/database.ts";
import { startInstallation } from "./installation.ts";

/** Seconds that a worker may take to stop, on a machine as busy as one that runs tests: docker-compose.yml gives it a minute. */
const grace = 30;

const readers = 40;

/** A worker that is told to stop when the server has read the first mail, and answers so. */
async function stopAtFirstMail(answer: "silence" | undefined) {
  const { url } = await createDatabase();
  const it = await startInstallation(url, readers);
  let told: Promise<number> | undefined;
  const tell = async () => {
    (await worker).process.kill("SIGTERM");
    return performance.now();
  };
  const first = Promise.withResolvers<number>();
  it.server.script = async (step) => {
    if (step !== "dot") return undefined;
    told ??= tell();
    first.resolve(await told);
    return answer;
  };
  const worker = it.startWorker();
  const since = await first.promise;
  const code = await (await worker).ended();
  const states = await it.sql<{ state: string; count: number }[]>`
    select state, count(*)::int as count from outbox group by state`;
  const count = Object.fromEntries(states.map((row) => [row.state, row.count]));
  return { code, seconds: (performance.now() - since) / 1000, count, arrived: it.server.mails.length };
}

test("a worker that is told to stop hands over what is under way, leaves the rest queued, and holds nothing", async () => {
  const { code, seconds, count, arrived } = await stopAtFirstMail(undefined);
  expect(code).toBe(0);
  expect(seconds).toBeLessThan(grace);
  expect(arrived).toBeLessThanOrEqual(4);
  expect(count).toEqual({ sent: arrived, queued: readers - arrived });
});

test("a worker that is told to stop gives up a server that says nothing more, and holds nothing", async () => {
  const { code, seconds, count, arrived } = await stopAtFirstMail("silence");
  expect(code).toBe(0);
  expect(seconds).toBeLessThan(grace);
  expect(count).toEqual({ unknown: arrived, queued: readers - arrived });
});
