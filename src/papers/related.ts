import type { Database, Sql } from "../db.ts";
import { readRarity } from "../interests/rarity.ts";
import { type PaperRow, paperColumns, withinBounds } from "./search.ts";

/** How many of a paper's words are followed to other papers, and how many papers may have one: more, and it tells nothing. */
const mostWords = 32;
const mostPapers = 400;

/**
 * Papers on the same subject: those that share the rarest of a paper's words, and of the neighbours that papers are indexed by
 * as one word ("worldmodel"). Each shared word counts by its rarity and by how often this paper has it.
 */
export function relatedPapers(sql: Database, paper: { id: number }, limit: number): Promise<PaperRow[]> {
  return withinBounds(sql, async (transaction) => {
    const words = await tellingWords(transaction, paper.id);
    return transaction<PaperRow[]>`
      with shared as materialized (
        select word.weight, array(
          select other.id from papers other where other.vector @@ quote_literal(word.lexeme)::tsquery limit ${mostPapers + 1}
        ) as ids
        from jsonb_to_recordset(${transaction.json(words)}) as word (lexeme text, weight float8)
      ),
      scored as (
        select id, sum(weight / ln(1 + cardinality(ids))) as score from shared cross join lateral unnest(ids) as id
        where cardinality(ids) between 2 and ${mostPapers} and id <> ${paper.id}
        group by id having count(*) > 1 order by score desc, id desc limit ${limit}
      )
      select ${paperColumns(transaction)} from scored join papers p using (id) order by scored.score desc, p.id desc`;
  });
}

/** The words of a title and an abstract that are rare and stand there often, with their weights. */
async function tellingWords(sql: Sql, id: number): Promise<{ lexeme: string; weight: number }[]> {
  const rows = await sql<{ lexeme: string; count: number }[]>`
    select l.lexeme, sum(case when weight = 'A' then 3 else 1 end)::int as count
    from papers p cross join lateral unnest(p.vector) as l cross join lateral unnest(l.weights) as weight
    where p.id = ${id} and weight in ('A', 'D') and l.lexeme ~ '^[a-z][a-z0-9]{2,}$' group by 1`;
  const rarity = await readRarity(sql);
  // What far more papers have than are followed need not be looked up to know it; statistics may be off by a little.
  const tells = (lexeme: string) => rarity.frequency(lexeme) * rarity.papers <= 2 * mostPapers;
  return rows
    .filter(({ lexeme }) => tells(lexeme))
    .map(({ lexeme, count }) => ({
      lexeme,
      weight: ((2.2 * count) / (count + 1.2)) * Math.log(1 + 1 / Math.max(rarity.frequency(lexeme), 1e-3)),
    }))
    .sort((one, other) => other.weight - one.weight)
    .slice(0, mostWords);
}
