import type { Context } from "../context.ts";
import type { Sql } from "../db.ts";
import { UserError } from "../errors.ts";
import { learnAcronyms } from "./acronyms.ts";
import { match } from "./match.ts";
import { remakeQueries } from "./queries.ts";

const papersAtOnce = 1000;
/** Below every rank: a match of before that has not been found again. */
const unconfirmed = -1;

/**
 * Makes lexemes, acronyms and expressions anew and matches the papers of the last `days` once more: for when PostgreSQL, whose
 * stemmers differ between versions, was upgraded, or papers were changed by hand. Matches that hold keep their place in time, so
 * that nobody gets a paper as new again. Answers how many papers and matches there were.
 */
export async function rematch(
  context: Context,
  days: number,
): Promise<{ papers: number; matches: number; gone: number }> {
  const { sql, clock } = context;
  await finishOpenBatches(context);
  await sql`truncate acronyms`;
  const papers = await inPages(sql, async (transaction, ids) => {
    // Setting a column that the vector is made from makes it anew.
    await transaction`update papers set title = title where id = any(${ids}::bigint[])`;
    await learnAcronyms(transaction, ids);
  });
  const [newest] = await sql<{ id: number }[]>`select coalesce(max(id), 0) as id from batches`;
  await remakeQueries(sql, newest?.id ?? 0);
  await sql`update lexicon set postgres = current_setting('server_version_num')::integer / 10000`;
  const since = clock().subtract({ hours: 24 * days });
  await sql.begin(async (transaction) => {
    await transaction`
      update query_hits h set ranks = array(
        select case when p.id is null then m.rank else ${unconfirmed} end
        from unnest(h.paper_ids, h.ranks) with ordinality as m (paper_id, rank, place)
        left join papers p on p.id = m.paper_id and p.first_seen_at >= ${since} order by m.place)
      where h.batch_id in (select id from batches where matched_at >= ${since})`;
    await transaction`
      update papers set batch_id = null, was_matched = was_matched or batch_id is not null where first_seen_at >= ${since}`;
  });
  await finishOpenBatches(context);
  const gone = await dropUnconfirmed(sql);
  const [count] = await sql<{ matches: number }[]>`
    select count(*)::int as matches from matches m join papers p on p.id = m.paper_id where p.first_seen_at >= ${since}`;
  return { papers, matches: count?.matches ?? 0, gone };
}

/** Answers how many matches went. */
async function dropUnconfirmed(sql: Sql): Promise<number> {
  const [row] = await sql<{ gone: number }[]>`
    with cleared as (
      update query_hits h set (paper_ids, ranks) = (
        select coalesce(array_agg(m.paper_id order by m.place), '{}'), coalesce(array_agg(m.rank order by m.place), '{}')
        from unnest(h.paper_ids, h.ranks) with ordinality as m (paper_id, rank, place) where m.rank <> ${unconfirmed})
      from query_hits before
      where before.query_id = h.query_id and before.batch_id = h.batch_id and ${unconfirmed} = any(h.ranks)
      returning cardinality(before.ranks) - cardinality(h.ranks) as gone
    )
    select coalesce(sum(gone), 0)::int as gone from cleared`;
  return row?.gone ?? 0;
}

async function finishOpenBatches(context: Context): Promise<void> {
  for (let left = 1, fruitless = 0; left > 0; ) {
    const result = await match(context);
    left = result.left;
    fruitless = result.done === 0 ? fruitless + 1 : 0;
    if (left > 0 && fruitless > 3)
      throw new UserError("unavailable", "A worker has a batch in hand. Stop the workers, or try again in a minute.");
  }
}

async function inPages(sql: Context["sql"], work: (transaction: Sql, ids: number[]) => Promise<void>): Promise<number> {
  let done = 0;
  for (let after = 0; ; ) {
    const rows = await sql<
      { id: number }[]
    >`select id from papers where id > ${after} order by id limit ${papersAtOnce}`;
    if (rows.length === 0) return done;
    await sql.begin((transaction) =>
      work(
        transaction,
        rows.map((row) => row.id),
      ),
    );
    after = rows.at(-1)?.id as number;
    done += rows.length;
  }
}
