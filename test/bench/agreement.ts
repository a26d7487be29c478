import { systemClock } from "../../src/clock.ts";
import type { Database, Sql } from "../../src/db.ts";
import { Batch } from "../../src/interests/batch.ts";
import { toExpressions } from "../../src/interests/expression.ts";
import { parseInterest } from "../../src/interests/language.ts";
import { compile } from "../../src/interests/program.ts";
import { QuerySet } from "../../src/interests/query_set.ts";
import { savePapers } from "../../src/papers/save.ts";
import { evaluate, type Written } from "../interests/evaluator.ts";
import { InterestMaker } from "../interests/interests_of_papers.ts";
import { generator } from "./interests.ts";
import { printTable, readCorpus, timed, withDatabase } from "./setup.ts";

/** So many papers are compared with interests that are made of them, then the next. */
const papersAtOnce = 200;

/**
 * Whether `@@`, the index of a batch and an evaluator that knows nothing of either say the same about every interest and every
 * paper, over papers as they are really written. Prints each pair about which they differ.
 */
export async function benchAgreement({
  corpus,
  papers: mostPapers = 2000,
  interests: count = 4000,
  seed = 1,
}: {
  corpus: string | undefined;
  papers?: number | undefined;
  interests?: number | undefined;
  seed?: number | undefined;
}): Promise<void> {
  await withDatabase(async (sql) => {
    const random = generator(seed);
    const ids = await savePages(sql, sample(await readCorpus(corpus, 400), mostPapers, random));
    const perBlock = Math.ceil((count * papersAtOnce) / ids.length);
    const sum: Counts = { interests: 0, pairs: 0, hits: 0, hittingInterests: 0, uncompiled: 0, differences: 0 };
    const { milliseconds } = await timed(async () => {
      for (let at = 0; at < ids.length; at += papersAtOnce)
        await compareBlock(sql, ids.slice(at, at + papersAtOnce), perBlock, random, sum);
    });
    console.log(`agreement: ${ids.length} papers from ${corpus ?? "a generated corpus"}, ${papersAtOnce} at once\n`);
    printTable([
      [
        "interests",
        "pairs",
        "hits",
        "interests that hit",
        "left to @@",
        "pairs that @@, batch and evaluator differ on",
        "s",
      ],
      [...Object.values(sum), Math.round(milliseconds / 1000)],
    ]);
    if (sum.differences > 0) process.exitCode = 1;
  });
}

type Counts = Record<"interests" | "pairs" | "hits" | "hittingInterests" | "uncompiled" | "differences", number>;

function sample<T>(list: T[], count: number, random: () => number): T[] {
  if (list.length <= count) return list;
  return list
    .map((it) => ({ it, key: random() }))
    .sort((one, other) => one.key - other.key)
    .slice(0, count)
    .map(({ it }) => it);
}

async function savePages(sql: Database, papers: Awaited<ReturnType<typeof readCorpus>>): Promise<number[]> {
  for (let at = 0; at < papers.length; at += 500) await savePapers(sql, systemClock, papers.slice(at, at + 500));
  const rows = await sql<{ id: number }[]>`select id from papers order by id`;
  return rows.map((row) => row.id);
}

type Row = Written & { id: number; slug: string; vector: string };

async function compareBlock(sql: Database, ids: number[], count: number, random: () => number, sum: Counts) {
  const papers = await sql<Row[]>`
    select id, slug, title, abstract, authors, organization, categories, vector::text as vector
    from papers where id = any(${ids}::bigint[]) order by id`;
  const maker = new InterestMaker(papers, random);
  const lines = [...new Set(Array.from({ length: count }, () => maker.make()))];
  const interests = lines.map(parseInterest);
  const tsqueries = (await toExpressions(sql, interests)).map((it) => it.tsquery);
  const matched = await matchPlainly(sql, tsqueries, papers);
  const inBatch = matchInBatch(
    matched.map((it) => it.text),
    papers,
  );
  const evaluated = await evaluate(
    sql,
    papers,
    interests.map((it) => it.tree),
  );
  for (const [at, line] of lines.entries()) {
    const hits = new Set(matched[at]?.papers);
    sum.interests++;
    sum.hits += hits.size;
    if (hits.size > 0) sum.hittingInterests++;
    if (!inBatch[at]) sum.uncompiled++;
    for (const [place, paper] of papers.entries()) {
      sum.pairs++;
      const said = [hits.has(place), inBatch[at]?.has(place) ?? hits.has(place), evaluated[at]?.[place]];
      if (said.every((it) => it === said[0])) continue;
      sum.differences++;
      console.log(`- ${line}\n  ${interests[at]?.canonical}\n  ${tsqueries[at]}`);
      console.log(`  ${paper.slug} ${paper.title}: @@ ${said[0]}, batch ${said[1]}, evaluator ${said[2]}\n`);
    }
  }
}

/** For each query its text as PostgreSQL writes it, and the places of the papers that it hits. */
async function matchPlainly(
  sql: Sql,
  tsqueries: string[],
  papers: Row[],
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
function matchInBatch(tsqueries: string[], papers: Row[]): (Set<number> | undefined)[] {
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
