import type { Config } from "../config.ts";
import { copyLine, copyRows } from "../copy.ts";
import type { Sql } from "../db.ts";
import { queueDigests } from "../delivery/outbox.ts";
import type { Contents } from "./contents.ts";
import type { DueReader } from "./due.ts";
import type { News } from "./news.ts";

/** A digest that is to be written. */
export type Edition = { reader: DueReader; contents: Contents; matched: number; afterBatch: number };

/** Writes digests, that their readers have had the papers in them, and the mails that carry them. */
export async function writeEditions(
  sql: Sql,
  config: Config,
  editions: Edition[],
  { news, now }: { news: News; now: Temporal.Instant },
): Promise<void> {
  if (editions.length === 0) return;
  const ids = await takeNumbers(sql, editions.length);
  const at = now.toString();
  await copyRows(
    sql,
    "copy digests (id, subscriber_id, local_date, number, planned_at, matched, after_batch_id, batch_id, receipt_id, contents) from stdin",
    editions.map(({ reader, contents, matched, afterBatch }, index) =>
      copyLine(
        ...[ids[index] as number, reader.id, reader.date as string, reader.editions + 1, at, matched, afterBatch],
        ...[news.batch, news.receiptId, JSON.stringify(contents)],
      ),
    ),
  );
  await copyRows(
    sql,
    "copy digest_papers (subscriber_id, paper_id, digest_id) from stdin",
    editions.flatMap(({ reader, contents }, index) =>
      contents.papers.map(({ paper }) => copyLine(reader.id, paper, ids[index] as number)),
    ),
  );
  await queueDigests(
    sql,
    config,
    editions.map(({ reader }, index) => ({
      subscriberId: reader.id,
      email: reader.email,
      digestId: ids[index] as number,
    })),
    now,
  );
}

async function takeNumbers(sql: Sql, count: number): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`
    select nextval('digests_id_seq') as id from generate_series(1, ${count}::int)`;
  return rows.map((row) => row.id);
}
