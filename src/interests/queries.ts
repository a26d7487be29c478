import type { Sql } from "../db.ts";
import { toExpressions } from "./expression.ts";
import { type Interest, tryInterest } from "./language.ts";

/** Counts the ways in which `expression.ts` makes expressions: those of an earlier way are made anew. */
const rules = 5;
const queriesAtOnce = 1000;

/** Interests that have no word in them after all, such as `'s`. Their canonical forms. */
export async function findEmptyQueries(sql: Sql, interests: Interest[]): Promise<Set<string>> {
  const expressions = interests.length > 0 ? await toExpressions(sql, interests) : [];
  return new Set(interests.filter((_, at) => !expressions[at]?.tsquery).map((interest) => interest.canonical));
}

/** Finds or makes the shared query of each interest. Answers their ids by canonical form. */
export async function saveQueries(
  sql: Sql,
  interests: Interest[],
  now: Temporal.Instant,
): Promise<Map<string, number>> {
  const canonical = interests.map((it) => it.canonical);
  // First of all: it waits for a query that is being taken away, which is made anew then.
  await sql`
    update queries set unheld_since = null
    where md5(canonical) in (select md5(wanted) from unnest(${canonical}::text[]) as wanted) and unheld_since is not null`;
  const known = await findQueries(sql, canonical);
  const others = [...new Map(interests.map((it) => [it.canonical, it])).values()].filter(
    (it) => !known.has(it.canonical),
  );
  if (others.length > 0) {
    const expressions = await toExpressions(sql, others);
    const rows = others.map(({ canonical }, at) => ({ canonical, ...expressions[at] }));
    await sql`
      insert into queries (canonical, expression, also, lexemes, created_at)
      select r.canonical, r.tsquery::tsquery::text, r.also, r.lexemes, ${now}
      from jsonb_to_recordset(${sql.json(rows)}) as r (canonical text, tsquery text, also text[], lexemes text[])
      where r.tsquery <> ''
      order by r.canonical
      on conflict (md5(canonical)) do nothing`;
  }
  return others.length > 0 ? findQueries(sql, canonical) : known;
}

async function findQueries(sql: Sql, canonical: string[]): Promise<Map<string, number>> {
  const rows = await sql<{ id: number; canonical: string }[]>`
    select q.id, q.canonical from unnest(${[...new Set(canonical)]}::text[]) as wanted
    join queries q on md5(q.canonical) = md5(wanted) and q.canonical = wanted`;
  return new Map(rows.map((row) => [row.canonical, row.id]));
}

/** Whether expressions were made by other rules than today's. */
export async function areOutdated(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ rules: number }[]>`select rules from lexicon`;
  return row?.rules !== rules;
}

/**
 * Makes expressions anew: of all queries that a batch has taken up, or of those with `ids`, or that hold all the lexemes of one of
 * `names`. Those that change take part as they are now from `batch` on.
 */
export async function remakeQueries(
  sql: Sql,
  batch: number,
  { ids, names }: { ids?: number[]; names?: string[][] } = {},
): Promise<void> {
  for (let after = 0, more = true; more; ) {
    const rows = await sql<{ id: number; canonical: string }[]>`
      select id, canonical from queries
      where id > ${after} and batch_id is not null
        ${ids ? sql`and id = any(${ids}::bigint[])` : sql``}
        ${names ? sql`and exists (select from jsonb_array_elements(${sql.json(names)}) as name where to_jsonb(lexemes) @> name)` : sql``}
      order by id limit ${queriesAtOnce}`;
    // What an earlier version of the language took and this one does not, goes on as it is.
    const read = rows.flatMap(({ id, canonical }) => {
      const interest = tryInterest(canonical);
      return interest ? { id, interest } : [];
    });
    const expressions = await toExpressions(
      sql,
      read.map((it) => it.interest),
    );
    const changes = read.map(({ id }, at) => ({ id, ...expressions[at] }));
    await sql`
      update queries q set expression = r.tsquery::tsquery::text, also = r.also, lexemes = r.lexemes,
        batch_id = case when (q.expression, q.also) is distinct from (r.tsquery::tsquery::text, r.also) then ${batch} else q.batch_id end
      from jsonb_to_recordset(${sql.json(changes)}) as r (id bigint, tsquery text, also text[], lexemes text[])
      where q.id = r.id and r.tsquery <> ''
        and (q.expression, q.also, q.lexemes) is distinct from (r.tsquery::tsquery::text, r.also, r.lexemes)`;
    after = rows.at(-1)?.id ?? after;
    more = rows.length === queriesAtOnce;
  }
  if (!ids && !names) await sql`update lexicon set rules = ${rules}`;
}
