import type { Sql } from "../../src/db.ts";
import { Batch } from "../../src/interests/batch.ts";
import { toExpressions } from "../../src/interests/expression.ts";
import { parseInterest } from "../../src/interests/language.ts";
import { compile } from "../../src/interests/program.ts";
import { QuerySet } from "../../src/interests/query_set.ts";
import { evaluate, type Name } from "./evaluator.ts";
import type { Written } from "./placed_paper.ts";

/** A paper as it is written, and `tsvector::text` of it. */
export type Indexed = Written & { vector: string };

export type Agreement = {
  /** Of each interest how many of the papers it hits, by `@@`. */
  hits: number[];
  /** Interests that an index of a batch leaves to `@@`. */
  uncompiled: number;
  /** Every pair that the three do not say the same about, with what each says. */
  differences: { line: string; tsquery: string; paper: Indexed; said: string }[];
};

/** Whether `@@`, the index of a batch, and an evaluator that knows nothing of either say the same about interests and papers. */
export async function compareWays(sql: Sql, papers: Indexed[], lines: string[]): Promise<Agreement> {
  const interests = lines.map(parseInterest);
  const tsqueries = (await toExpressions(sql, interests)).map((it) => it.tsquery);
  const matched = await matchPlainly(sql, tsqueries, papers);
  const inBatch = matchInBatch(
    matched.map((it) => it.text),
    papers,
  );
  const names = await sql<Name[]>`select short, long, lower(short_written) as written from acronyms where chosen`;
  const evaluated = await evaluate(
    sql,
    papers,
    interests.map((it) => it.tree),
    names,
  );
  const agreement: Agreement = { hits: [], uncompiled: 0, differences: [] };
  for (const [at, line] of lines.entries()) {
    const hits = new Set(matched[at]?.papers);
    agreement.hits.push(hits.size);
    if (!inBatch[at]) agreement.uncompiled++;
    for (const [place, paper] of papers.entries()) {
      const said = [hits.has(place), inBatch[at]?.has(place) ?? hits.has(place), evaluated[at]?.[place] ?? false];
      if (said.every((it) => it === said[0])) continue;
      const told = `@@ ${said[0]}, batch ${said[1]}, evaluator ${said[2]}`;
      agreement.differences.push({ line, tsquery: tsqueries[at] ?? "", paper, said: told });
    }
  }
  return agreement;
}

/** For each query its text as PostgreSQL writes it, and the places of the papers that it hits. */
async function matchPlainly(
  sql: Sql,
  tsqueries: string[],
  papers: Indexed[],
): Promise<{ text: string; papers: number[] }[]> {
  return sql<{ text: string; papers: number[] }[]>`
    with vectors as materialized (
      select vector::tsvector as vector, place - 1 as place
      from unnest(${papers.map((it) => it.vector)}::text[]) with ordinality as v (vector, place)
    ),
    asked as materialized (
      select tsquery::tsquery as query, place from unnest(${tsqueries}::text[]) with ordinality as q (tsquery, place)
    )
    select q.query::text as text, array(select v.place::int from vectors v where v.vector @@ q.query) as papers
    from asked q order by q.place`;
}

/** For each query the places of the papers that it hits in an index of them; undefined for what the index leaves to `@@`. */
function matchInBatch(tsqueries: string[], papers: Indexed[]): (Set<number> | undefined)[] {
  const set = new QuerySet();
  const slots = tsqueries.map((tsquery) => {
    const program = compile(tsquery);
    if (!program) return tsquery === "" ? -1 : undefined;
    set.add(set.size, program);
    return set.size - 1;
  });
  const index = new Batch(
    papers.map((it) => it.vector),
    set,
    { papers: 0, frequency: () => 0 },
  );
  return slots.map((slot) => {
    if (slot === undefined) return undefined;
    return new Set(slot < 0 ? [] : index.run(slot, papers.length)?.papers);
  });
}
