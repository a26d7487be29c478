import type { Sql } from "../db.ts";
import { type PaperRow, paperColumns } from "../papers/search.ts";

const most = 100;

/**
 * What else matched the reader's interests when a digest was made, beyond what it had room for; best first. Those that were added
 * since are nobody's business who has the digest's link.
 */
export async function findFurtherMatches(sql: Sql, digestId: number): Promise<PaperRow[]> {
  return sql<PaperRow[]>`
    select ${paperColumns(sql)}
    from (
      select m.paper_id, max(m.rank) as rank
      from digests d
      join interests i on i.subscriber_id = d.subscriber_id and i.created_at <= d.planned_at
      join matches m on m.query_id = i.query_id and m.batch_id > d.after_batch_id and m.batch_id <= d.batch_id
      where d.id = ${digestId}
        and not exists (select from digest_papers dp where dp.subscriber_id = d.subscriber_id and dp.paper_id = m.paper_id)
      group by m.paper_id
    ) as further join papers p on p.id = further.paper_id
    order by further.rank desc, p.id desc limit ${most}`;
}
