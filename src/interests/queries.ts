import type { Sql } from "../db.ts";
import type { Interest } from "./language.ts";

/** Interests with no word that narrows them: too common ones (`the`, `of`), or nothing but exclusions. Their canonical forms. */
export async function findEmptyQueries(sql: Sql, interests: Interest[]): Promise<Set<string>> {
  if (interests.length === 0) return new Set();
  const rows = await sql<{ canonical: string }[]>`
    select canonical
    from unnest(${interests.map((it) => it.canonical)}::text[], ${interests.map((it) => it.source)}::text[]) as q (canonical, source)
    where querytree(to_tsquery('paper_words', fold_text(source))) in ('', 'T')`;
  return new Set(rows.map((row) => row.canonical));
}

/** Finds or makes the shared query of each interest. Answers their ids by canonical form. */
export async function saveQueries(
  sql: Sql,
  interests: Interest[],
  now: Temporal.Instant,
): Promise<Map<string, number>> {
  const canonical = interests.map((it) => it.canonical);
  await sql`
    insert into queries (canonical, expression, created_at)
    select canonical, to_tsquery('paper_words', fold_text(source)), ${now}
    from unnest(${canonical}::text[], ${interests.map((it) => it.source)}::text[]) as q (canonical, source)
    order by canonical
    on conflict (canonical) do nothing`;
  const rows = await sql<{ id: number; canonical: string }[]>`
    select id, canonical from queries where canonical = any(${canonical}::text[])`;
  return new Map(rows.map((row) => [row.canonical, row.id]));
}
