import { expect, test } from "vitest";
import { createDatabase } from "../support/database.ts";
import type { Answer, Step } from "../support/scripted_smtp.ts";
import { startCrew } from "./crew.ts";
import { startInstallation, tally } from "./installation.ts";
import { killAtRandom } from "./storm.ts";

const halfAnHour = 30 * 60_000;

test("a hundred workers killed at random moments, four at work, lose nothing", { timeout: halfAnHour }, async () => {
  await killAtRandom((await createDatabase()).url, { readers: 2000, workers: 4, kills: 100 });
});

/** What a server does once in a while at a step. */
const faults: Partial<Record<Step, Answer[]>> = {
  connect: ["close", "421 4.3.2 shutting down", "silence"],
  mail: ["421 4.7.0 too many mails", "452 4.3.1 no room", "451 4.7.1 later"],
  rcpt: ["450 4.2.0 greylisted", "trickle", "454 4.7.0 too fast"],
  data: ["close", "451 4.3.0 later"],
  content: ["close"],
  dot: ["close", "451 4.3.0 later", "421 4.4.2 bye", "silence"],
};
/** Every so many times that a step is taken it meets the next of its faults. Those that take minutes come once. */
const every: Partial<Record<Step, number>> = { connect: 5 };
const usually = 300;
const slow = ["silence", "trickle"];

test.each([2, 4])(
  "ten thousand readers are planned and served by %i workers, with faults of every kind",
  { timeout: halfAnHour },
  async (count) => {
    const { url } = await createDatabase();
    const readers = 10_000;
    const it = await startInstallation(url, readers, { connections: 10, unplanned: true });
    const taken = new Map<Step, number>();
    const met = new Map<string, number>();
    it.server.script = (step) => {
      const times = (taken.get(step) ?? 0) + 1;
      taken.set(step, times);
      const [nth, list] = [times / (every[step] ?? usually), faults[step]];
      const fault = list && Number.isInteger(nth) ? list[nth % list.length] : undefined;
      const name = `${step}: ${fault}`;
      if (!fault || (slow.includes(fault) && met.has(name))) return undefined;
      met.set(name, (met.get(name) ?? 0) + 1);
      return fault;
    };
    const crew = startCrew(it, count);
    await it.allSettled(25 * 60);
    console.log(Object.fromEntries(met));
    const { lost, doubled, changed } = await tally(it, `${count} workers, faults of every kind`);
    expect({ lost, changed }).toEqual({ lost: 0, changed: 0 });
    expect(doubled).toBeLessThanOrEqual((met.get("dot: close") ?? 0) + (met.get("dot: silence") ?? 0));
    expect(met.size).toBe(Object.values(faults).flat().length);
    await crew.end();
  },
);
