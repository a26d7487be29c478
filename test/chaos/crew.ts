import type { Program } from "../support/program.ts";
import type { Installation } from "./installation.ts";

export type Crew = {
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

/** As a machine that loses its power would. */
export async function kill(worker: Program): Promise<void> {
  worker.process.kill("SIGKILL");
  await worker.ended();
}
