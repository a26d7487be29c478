import type { Sql } from "../../src/db.ts";
import { toExpressions } from "../../src/interests/expression.ts";
import { parseInterest } from "../../src/interests/language.ts";
import type { Written } from "./placed_paper.ts";

/** For each interest whether it hits each of the papers, as the database says. */
export async function hits(sql: Sql, interests: string[], papers: Written[]): Promise<boolean[][]> {
  const expressions = await toExpressions(sql, interests.map(parseInterest));
  const rows = await sql<{ hits: boolean[] }[]>`
    with vectors as (
      select row_number() over () as place, paper_vector(p.title, p.authors, p.organization, p.categories, p.abstract) as vector
      from jsonb_to_recordset(${sql.json(papers)}) as p (title text, abstract text, authors text[], organization text, categories text[])
    )
    select array(select v.vector @@ q.tsquery::tsquery from vectors v order by v.place) as hits
    from unnest(${expressions.map((it) => it.tsquery)}::text[]) with ordinality as q (tsquery, place) order by q.place`;
  return rows.map((row) => row.hits);
}

/** A paper of this title, with what the test cares about. */
export const written = (title: string, fields: Partial<Written> = {}): Written => ({
  title,
  abstract: "",
  authors: ["Ada Okafor", "Linh Nguyễn"],
  organization: null,
  categories: ["cs.CL"],
  ...fields,
});
