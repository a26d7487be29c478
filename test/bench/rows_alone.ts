import { buffer } from "node:stream/consumers";
import { connect, type Database } from "../../src/db.ts";
import { timed } from "./setup.ts";

const readersInABatch = 5000;
const connections = 3;
const tables = ["digests", "digest_papers", "outbox"] as const;

type Batch = { readers: number[]; rows: Map<string, Buffer> };

/**
 * Writes what planning has written for so many readers once more, in place of it and read beforehand: nothing is looked up, chosen
 * or put in words. Answers the milliseconds that it took.
 */
export async function writeRowsAlone(sql: Database, url: string, readers: number): Promise<number> {
  const batches: Batch[] = [];
  for (let first = 1; first <= readers; first += readersInABatch) batches.push(await readRows(sql, first));
  await sql`truncate digests, digest_papers, outbox, reports`;
  await sql`vacuum analyze`;
  await sql`checkpoint`;
  const clients = Array.from({ length: connections }, () => connect(url, { max: 1 }));
  await Promise.all(clients.map((client) => client`select`));
  const { milliseconds } = await timed(() =>
    Promise.all(
      clients.map(async (client) => {
        for (let batch = batches.pop(); batch; batch = batches.pop()) await writeBatch(client, batch);
      }),
    ),
  );
  await Promise.all(clients.map((client) => client.end()));
  return milliseconds;
}

async function readRows(sql: Database, first: number): Promise<Batch> {
  const rows = new Map<string, Buffer>();
  const last = first + readersInABatch - 1;
  for (const table of tables) {
    const statement = `copy (select * from ${table} where subscriber_id between ${first} and ${last}) to stdout (format binary)`;
    rows.set(table, await buffer(await sql.unsafe(statement).readable()));
  }
  return { readers: Array.from({ length: readersInABatch }, (_, at) => first + at), rows };
}

async function writeBatch(client: Database, { readers, rows }: Batch): Promise<void> {
  await client.begin(async (transaction) => {
    await transaction`select set_config('synchronous_commit', 'off', true)`;
    for (const table of tables) {
      const stream = await transaction.unsafe(`copy ${table} from stdin (format binary)`).simple().writable();
      await new Promise((resolve) => stream.write(rows.get(table), resolve));
      stream.end();
      await transaction`select`;
    }
    await transaction`
      update subscribers set next_due_at = now() + interval '1 day', served_on = current_date, editions = editions + 1,
        planned_at = now(), planned_batch_id = 1
      where id = any(${readers}::bigint[])`;
  });
}
