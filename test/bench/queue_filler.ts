import type { Sql } from "../../src/db.ts";
import { priority } from "../../src/delivery/outbox.ts";

/** So many digests of a reader that wait in the outbox and are due. There is nothing behind them that could be rendered. */
export async function queueFiller(sql: Sql, reader: number, due: Temporal.Instant, count: number): Promise<void> {
  await sql`
    insert into outbox (kind, subscriber_id, subject_id, email, message_id, priority, created_at, due_at, expires_at)
    select 'digest', ${reader}, least(0, (select min(subject_id) from outbox)) - n, 'filler' || n || '@example.org',
      '<' || gen_random_uuid() || '@example.org>', ${priority.digest},
      ${due}::timestamptz, ${due}::timestamptz, ${due.add({ hours: 24 })}::timestamptz
    from generate_series(1, ${count}::int) as n`;
}
