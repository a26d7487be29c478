import { setTimeout as delay } from "node:timers/promises";
import { isPassing } from "../db.ts";

type Waiting<Item> = { item: Item; written: () => void; failed: (error: unknown) => void };

/** Ten minutes. */
const retry = { tries: 1200, pauseMilliseconds: 500 };

/**
 * Writes items as they come, one statement at a time: what comes meanwhile goes together into the next. The promise of an item
 * ends when it is written. While the database is away the write is tried again, unless `abandoned`; where one item can't be
 * written, the others are.
 */
export function gatherWrites<Item>(
  write: (items: Item[]) => Promise<void>,
  abandoned: AbortSignal,
): (item: Item) => Promise<void> {
  let waiting: Waiting<Item>[] = [];
  let isWriting = false;
  const writeAll = async () => {
    isWriting = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await writeBatch(batch);
    }
    isWriting = false;
  };
  const writeBatch = async (batch: Waiting<Item>[]): Promise<void> => {
    try {
      await patiently(() => write(batch.map((it) => it.item)), abandoned);
      for (const { written } of batch) written();
    } catch (error) {
      if (batch.length === 1) batch[0]?.failed(error);
      else for (const one of batch) await writeBatch([one]);
    }
  };
  return (item) =>
    new Promise((written, failed) => {
      waiting.push({ item, written, failed });
      if (!isWriting) void writeAll();
    });
}

async function patiently(work: () => Promise<void>, abandoned: AbortSignal): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) || tries === retry.tries || abandoned.aborted) throw error;
      await delay(retry.pauseMilliseconds, undefined, { signal: abandoned }).catch(() => {});
    }
  }
}
