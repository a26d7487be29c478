import { expect } from "vitest";
import type { Program } from "../support/program.ts";
import { type Installation, startInstallation, tally } from "./installation.ts";

const connections = 2;

/**
 * Workers on one database, of which one is killed at each of so many random moments and another started in its place. Nothing
 * may be lost; what comes twice may be no more than was under way, and must be the same mail.
 */
export async function killAtRandom(
  url: string,
  wanted: { readers: number; workers: number; kills: number },
): Promise<void> {
  const it = await startInstallation(url, wanted.readers, { connections, unplanned: true });
  // So that the mails last for all the kills: one takes five steps of the server.
  const between = (5 * wanted.readers) / (wanted.kills + 1);
  let next = Math.random() * between;
  let steps = 0;
  let kills = 0;
  it.server.script = async () => {
    await crew.complete();
    if (++steps < next || kills === wanted.kills) return undefined;
    kills++;
    next += 2 * Math.random() * between;
    await crew.replaceOne();
    return undefined;
  };
  const crew = startCrew(it, wanted.workers);
  await it.allSettled(60 + 10 * wanted.kills);
  const { lost, doubled, changed } = await tally(it, `${wanted.workers} workers, ${kills} killed at random`);
  expect({ lost, changed }).toEqual({ lost: 0, changed: 0 });
  expect(doubled).toBeLessThanOrEqual(kills * 2 * connections);
  expect(kills).toBeGreaterThan(wanted.kills / 3);
  await crew.end();
}

type Crew = {
  /** Waits until all are up. */
  complete: () => Promise<unknown>;
  /** Kills one of them, whatever it does, and starts another. */
  replaceOne: () => Promise<void>;
  end: () => Promise<void>;
};

/** So many workers on an installation. */
export function startCrew({ startWorker }: Installation, count: number): Crew {
  const workers = Array.from({ length: count }, () => startWorker());
  return {
    complete: () => Promise.all(workers),
    replaceOne: async () => {
      const place = Math.floor(Math.random() * count);
      await kill(await (workers[place] as Promise<Program>));
      workers[place] = startWorker();
    },
    end: async () => {
      for (const worker of await Promise.all(workers)) await kill(worker);
    },
  };
}

async function kill(worker: Program): Promise<void> {
  worker.process.kill("SIGKILL");
  await worker.ended();
}
