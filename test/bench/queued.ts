import { systemClock } from "../../src/clock.ts";
import type { Database } from "../../src/db.ts";
import { claimMails } from "../../src/delivery/claim.ts";
import { giveUpExpired } from "../../src/delivery/settle.ts";
import { readStatus } from "../../src/status.ts";
import { benchConfig, fillOutbox, queueAgain } from "./delivery_data.ts";
import { startSink, startWorkers } from "./delivery_processes.ts";
import { queueFiller } from "./queue_filler.ts";
import { printTable, timed, withDatabase } from "./setup.ts";

/** Two runs of the stage, and some more so that nothing is taken of what waits behind. */
const mails = 4000;
const more = 100;
const claims = 200;
const looks = 21;
const queues = [0, 10_000, 100_000, 1_000_000];

/** What it costs to claim, to send, to tell how it is and to look for what is too late when ever more mails are queued behind: it
 * should cost the same. */
export async function benchQueued({ corpus }: { corpus: string | undefined }): Promise<void> {
  await withDatabase(async (sql, url) => {
    const sink = await startSink();
    const environment = { DATABASE_URL: url, SMTP_URL: sink.url, MAILS: String(mails) };
    await fillOutbox(sql, benchConfig(environment), corpus, mails + more);
    const rows: (string | number)[][] = [];
    for (const [index, queue] of queues.entries()) {
      await queueAgain(sql);
      await addFiller(sql, queue - (queues[index - 1] ?? 0));
      const milliseconds = await timeClaims(sql);
      const status = await timeLooks(() => readStatus({ sql, clock: systemClock }));
      const late = await timeLooks(() => giveUpExpired(sql, systemClock(), more));
      const { perSecond, megabytes } = await startWorkers(1, environment);
      rows.push([queue, ...[milliseconds, status, late].map((it) => it.toFixed(2)), Math.round(perSecond), megabytes]);
    }
    printTable([
      [
        "queued behind",
        "ms to claim a hundred",
        "ms for status",
        "ms for what is late",
        "mails a second",
        "MB of memory",
      ],
      ...rows,
    ]);
    sink.stop();
  });
}

async function addFiller(sql: Database, count: number): Promise<void> {
  const [reader] = await sql<{ id: number }[]>`select min(id) as id from subscribers`;
  await queueFiller(sql, reader?.id as number, systemClock(), count);
  await sql`vacuum analyze outbox`;
}

/** The median of claims that are taken back. */
async function timeClaims(sql: Database): Promise<number> {
  const times: number[] = [];
  const now = systemClock();
  const wanted = { now, leaseUntil: now.add({ minutes: 5 }), holder: "bench", limit: 100 };
  while (times.length < claims)
    await sql
      .begin(async (transaction) => {
        times.push((await timed(() => claimMails(transaction, wanted))).milliseconds);
        throw takenBack;
      })
      .catch((error) => {
        if (error !== takenBack) throw error;
      });
  await sql`vacuum outbox`;
  return times.sort((one, other) => one - other)[claims / 2] as number;
}

/** The median of what changes nothing. */
async function timeLooks(look: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  while (times.length < looks) times.push((await timed(look)).milliseconds);
  return times.sort((one, other) => one - other)[(looks - 1) / 2] as number;
}

const takenBack = new Error("taken back");
