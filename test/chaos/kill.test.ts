import { expect, test } from "vitest";
import type { Sql } from "../../src/db.ts";
import { createDatabase } from "../support/database.ts";
import { runProgram } from "../support/program.ts";
import type { Step } from "../support/scripted_smtp.ts";
import { kill } from "./crew.ts";
import { type Installation, startInstallation, tally } from "./installation.ts";
import { killAtRandom } from "./storm.ts";

const connections = 2;
/** As the README has it: twice as many as connections. */
const mostUnderWay = 2 * connections;

/** Each starts a worker and kills it at one moment of a send; whether the mail may come twice for it. */
const moments: Record<string, { doubles: boolean; kill: (it: Installation) => Promise<void> }> = {
  "before it connects": {
    doubles: false,
    kill: ({ sql, startWorker }) =>
      sql.begin(async (transaction) => {
        // Mails are claimed and can't be rendered.
        await transaction`lock table receipts in access exclusive mode`;
        const worker = await startWorker();
        await expect
          .poll(() => transaction`select from outbox where state = 'sending' limit 1`, { timeout: 60_000 })
          .toHaveLength(1);
        await kill(worker);
      }),
  },
  "before it is greeted": { doubles: false, kill: atStep("connect") },
  "before DATA": { doubles: false, kill: atStep("data") },
  "in the middle of DATA": { doubles: false, kill: atStep("content") },
  "after the final dot and before the 250": { doubles: true, kill: atStep("dot") },
  "after the 250 and before it is written down": {
    doubles: true,
    kill: async ({ sql, server, startWorker }) => {
      const dead = Promise.withResolvers<void>();
      const locked = Promise.withResolvers<void>();
      let first = true;
      server.script = async (step) => {
        if (step !== "dot") return undefined;
        if (first) {
          first = false;
          void sql
            .begin(async (transaction) => {
              await transaction`select from outbox for update`;
              locked.resolve();
              await expect.poll(() => countLockWaits(transaction), { timeout: 60_000 }).toBeGreaterThan(0);
              await kill(await worker);
            })
            .then(() => dead.resolve(), dead.reject);
        }
        await locked.promise;
        return undefined;
      };
      const worker = startWorker();
      await dead.promise;
    },
  },
};

function atStep(wanted: Step): (it: Installation) => Promise<void> {
  return async ({ server, startWorker }) => {
    const dead = Promise.withResolvers<void>();
    server.script = async (step) => {
      if (step !== wanted) return undefined;
      await kill(await worker);
      dead.resolve();
      return "close";
    };
    const worker = startWorker();
    await dead.promise;
  };
}

async function countLockWaits(sql: Sql): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  return row?.count ?? 0;
}

test.each(Object.entries(moments))(
  "a worker killed %s loses nothing, and another sends what it held",
  async (name, moment) => {
    const { url } = await createDatabase();
    const it = await startInstallation(url, 12, { connections });
    await moment.kill(it);
    it.server.script = () => undefined;
    await it.startWorker();
    await it.allSettled();
    const { lost, doubled, changed } = await tally(it, `killed ${name}`);
    expect({ lost, changed }).toEqual({ lost: 0, changed: 0 });
    expect(doubled).toBeLessThanOrEqual(moment.doubles ? mostUnderWay : 0);
  },
);

test("what a worker of another machine held when it died waits for its lease and no longer", async () => {
  const { url } = await createDatabase();
  const it = await startInstallation(url, 12, { connections });
  await atStep("dot")(it);
  it.server.script = () => undefined;
  await it.sql`update outbox set lease_holder = 'elsewhere/1/1' where state = 'sending'`;
  const [held] = await it.sql<[{ until: Temporal.Instant }]>`select max(lease_expires_at) as until from outbox`;
  const sent = it.server.mails.length;
  const tickAt = (now: Temporal.Instant) =>
    runProgram(["tick", "deliver", "--until-idle", "--now", now.toString()], it.environment);
  await tickAt(it.context.clock());
  const [left] = await it.sql`select count(*)::int as mails from outbox where state = 'sending'`;
  expect(left?.mails).toBe(12);
  expect(it.server.mails).toHaveLength(sent);
  await tickAt(held.until.add({ seconds: 1 }));
  const { lost, doubled, changed } = await tally(it, "taken over after the lease");
  expect({ lost, changed }).toEqual({ lost: 0, changed: 0 });
  expect(doubled).toBeLessThanOrEqual(mostUnderWay);
});

test("workers killed at random moments lose nothing", async () => {
  await killAtRandom((await createDatabase()).url, { readers: 100, workers: 2, kills: 5 });
});
