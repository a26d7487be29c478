import { expect } from "vitest";
import { startCrew } from "./crew.ts";
import { startInstallation, tally } from "./installation.ts";

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
  await it.allSettled(120 + 30 * wanted.kills);
  const { lost, doubled, changed } = await tally(it, `${wanted.workers} workers, ${kills} killed at random`);
  expect({ lost, changed }).toEqual({ lost: 0, changed: 0 });
  expect(doubled).toBeLessThanOrEqual(kills * 2 * connections);
  expect(kills).toBeGreaterThan(wanted.kills / 3);
  await crew.end();
}
