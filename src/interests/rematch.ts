import type { Context } from "../context.ts";
import type { Sql } from "../db.ts";
import { UserError } from "../errors.ts";
import { learnAcronyms } from "./acronyms.ts";
import { match } from "./match.ts";

const papersAtOnce = 1000;
/**
 * By what the rank of a match of before is multiplied until it is found again: such matches come behind all others, in the order that
 * they had. A power of 2, so that dividing gives the very rank back.
 */
const unconfirmed = 2 ** -40;
/** Between the two: no rank that was found is less, none that waits is more. */
const leastFound = 2 ** -20;

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
  // The next batch makes all expressions anew, as its own, so that workers read what has changed.
  await sql`update lexicon set rules = 0, postgres = current_setting('server_version_num')::integer / 10000`;
  const since = clock().subtract({ hours: 24 * days });
  await sql.begin(async (transaction) => {
    await transaction`
      update query_hits h set ranks = array(
        select case when p.id is null or m.rank < ${leastFound}::float8 then m.rank else m.rank * ${unconfirmed}::float8 end
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

/**
 * Takes away matches that were not found again and do not hold. Those that hold were behind the best of the batch that looked for
 * them, and have their rank back. Answers how many went.
 */
async function dropUnconfirmed(sql: Sql): Promise<number> {
  const [row] = await sql<{ gone: number }[]>`
    with cleared as (
      update query_hits h set (paper_ids, ranks) = (
        select coalesce(array_agg(m.paper_id order by m.place), '{}'), coalesce(array_agg(m.rank / m.factor order by m.place), '{}')
        from (
          select paper_id, rank, place, case when rank < ${leastFound}::float8 then ${unconfirmed}::float8 else 1 end as factor
          from unnest(h.paper_ids, h.ranks) with ordinality as all_hits (paper_id, rank, place)
        ) as m
        where m.factor = 1 or exists (select from papers p where p.id = m.paper_id and p.vector @@ q.expression::tsquery))
      from query_hits before join queries q on q.id = before.query_id
      where before.query_id = h.query_id and before.batch_id = h.batch_id and ${leastFound}::float8 > any(h.ranks)
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
