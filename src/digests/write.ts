import type { Config } from "../config.ts";
import { CopyRows, copyRows, toDays, toTimestamp } from "../copy.ts";
import type { Sql } from "../db.ts";
import { queueDigests } from "../delivery/outbox.ts";
import type { Edition } from "./editions.ts";
import type { News } from "./news.ts";

/** Writes digests, that their readers have had the papers in them, and the mails that carry them. */
export async function writeEditions(
  sql: Sql,
  config: Config,
  editions: Edition[],
  { news, now }: { news: News; now: Temporal.Instant },
): Promise<void> {
  if (editions.length === 0) return;
  const ids = await takeNumbers(sql, editions.length);
  const at = toTimestamp(now);
  const days = new Map<string, number>();
  const digests = new CopyRows(10);
  const papers = new CopyRows(3);
  for (const [index, { reader, contents, matched, afterBatch }] of editions.entries()) {
    const id = ids[index] as number;
    const date = days.getOrInsertComputed(reader.dates.date as string, (day) => toDays(Temporal.PlainDate.from(day)));
    const number = reader.editions + 1;
    digests.row().bigint(id).bigint(reader.id).integer(date).integer(number).bigint(at).integer(matched);
    digests.bigint(afterBatch).bigint(news.batch).bigint(news.receiptId).text(JSON.stringify(contents));
    for (const { paper } of contents.papers) papers.row().bigint(reader.id).bigint(paper).bigint(id);
  }
  await copyRows(
    sql,
    `copy digests (id, subscriber_id, local_date, number, planned_at, matched, after_batch_id, batch_id, receipt_id, contents)
     from stdin (format binary)`,
    digests,
  );
  await copyRows(sql, "copy digest_papers (subscriber_id, paper_id, digest_id) from stdin (format binary)", papers);
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
