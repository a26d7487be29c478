import type { Database, Sql } from "../../src/db.ts";

/** How many days each copy of the papers lies further back. */
const daysApart = 30;

/**
 * Makes many papers of few: copies of all that do not have `word`, as if they had come in the months before. Their lexemes are
 * copied, not made, which is what takes the time; papers that come later have none, so this is for reading only.
 */
export async function multiplyPapers(sql: Database, copies: { from: number; to: number }, word: string): Promise<void> {
  await sql.begin(async (transaction) => {
    // An index is made much faster than it is kept.
    await transaction`select set_config('maintenance_work_mem', '512MB', true)`;
    await transaction`drop index papers_vector`;
    const [column] = await transaction`
      select from information_schema.columns
      where table_name = 'papers' and column_name = 'vector' and is_generated = 'ALWAYS'`;
    if (column) await transaction`alter table papers alter column vector drop expression`;
    await copyPapers(transaction, copies, word);
    await transaction`create index papers_vector on papers using gin (vector)`;
  });
  await sql`vacuum analyze papers, listings`;
  // What is still to be written would be written while others measure.
  await sql`checkpoint`;
}

async function copyPapers(sql: Sql, { from, to }: { from: number; to: number }, word: string): Promise<void> {
  await sql`
    insert into papers (title_key, title, abstract, authors, organization, categories, published_on, authority, upvotes, comments,
      first_seen_at, changed_at, batch_id, vector)
    select p.title_key || ' ' || n, p.title, p.abstract, p.authors, p.organization, p.categories, p.day - n * ${daysApart}::int,
      p.authority, p.upvotes, p.comments, p.first_seen_at - n * make_interval(days => ${daysApart}::int), p.changed_at, p.batch_id, p.vector
    from papers p cross join generate_series(${from}::int, ${to}::int) as n
    where p.arxiv_id is not null and not p.vector @@ ${word}::tsquery`;
  await sql`
    insert into listings (paper_id, source, section, kind, listed_on, seen_at)
    select id, 'arxiv', 'cs.CL', 'new', day, first_seen_at from papers on conflict do nothing`;
}
