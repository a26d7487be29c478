import { systemClock } from "../../src/clock.ts";
import type { Sql } from "../../src/db.ts";
import { learnAcronyms } from "../../src/interests/acronyms.ts";
import { Batch } from "../../src/interests/batch.ts";
import { toExpressions } from "../../src/interests/expression.ts";
import { type Interest, limits, parseInterest } from "../../src/interests/language.ts";
import { compile } from "../../src/interests/program.ts";
import { QuerySet } from "../../src/interests/query_set.ts";
import { readRarity } from "../../src/interests/rarity.ts";
import { InterestError } from "../../src/interests/tokens.ts";
import type { Answer } from "./baselines.ts";
import type { Document } from "./collection.ts";

const papersInABatch = 2000;
const kept = 100;

/** Questions as interests, with acronyms learnt from the papers that are searched, matched and ranked as the worker does it. */
export class PaperRound {
  /** For each question and hit, its rank. */
  private readonly ranks: Map<number, number>[];
  private constructor(ranks: Map<number, number>[]) {
    this.ranks = ranks;
  }

  static async index(sql: Sql, documents: Document[], questions: string[]): Promise<PaperRound> {
    await insertPapers(sql, documents);
    const set = await compileQuestions(sql, questions);
    const ranks = questions.map(() => new Map<number, number>());
    const rarity = await readRarity(sql);
    for (let from = 0; from < documents.length; from += papersInABatch) {
      const batch = new Batch(await readVectors(sql, from), set, rarity);
      for (let slot = 0; slot < set.size; slot++) {
        const hits = batch.run(slot, papersInABatch);
        for (const [at, paper] of (hits?.papers ?? []).entries())
          ranks[set.ids[slot] as number]?.set(from + paper, hits?.ranks[at] as number);
      }
    }
    return new PaperRound(ranks);
  }

  answer(question: number): Answer {
    const ranks = this.ranks[question] as Map<number, number>;
    const order = [...ranks].sort(([place, rank], [other, otherRank]) => otherRank - rank || other - place);
    return { found: new Set(ranks.keys()), best: order.slice(0, kept).map(([place]) => place) };
  }
}

/** The id of a paper is its place and 1. */
async function insertPapers(sql: Sql, documents: Document[]): Promise<void> {
  const now = systemClock();
  for (let from = 0; from < documents.length; from += papersInABatch) {
    const rows = documents
      .slice(from, from + papersInABatch)
      .map((document, at) => ({ ...document, id: from + at + 1 }));
    await sql`
      insert into papers (id, title_key, title, abstract, authors, authority, first_seen_at, changed_at)
      overriding system value
      select r.id, r.id, r.title, r.abstract, r.authors, 0, ${now}, ${now}
      from jsonb_to_recordset(${sql.json(rows)}) as r (id bigint, title text, abstract text, authors text[])`;
  }
  await sql`analyze papers`;
  for (let from = 0; from < documents.length; from += papersInABatch) {
    const ids = documents.slice(from, from + papersInABatch).map((_, at) => from + at + 1);
    await learnAcronyms(sql, ids);
  }
}

async function compileQuestions(sql: Sql, questions: string[]): Promise<QuerySet> {
  const interests = questions.map(readInterest);
  const expressions = await toExpressions(
    sql,
    interests.filter((it) => it !== undefined),
  );
  const set = new QuerySet();
  let at = 0;
  for (const [place, interest] of interests.entries()) {
    const program = interest && compile(expressions[at++]?.tsquery ?? "");
    if (program) set.add(place, program);
  }
  return set;
}

/** What is asked as a reader would type it; what the language can't read is asked as words. */
function readInterest(text: string): Interest | undefined {
  const words = text
    .replace(/[^\p{L}\p{N}\p{M}+#'.-]+|(?<![\p{L}\p{N}])-/gu, " ")
    .trim()
    .split(" ");
  return tryToParse(text) ?? tryToParse(words.slice(0, limits.terms).join(" "));
}

function tryToParse(line: string): Interest | undefined {
  try {
    return parseInterest(line);
  } catch (error) {
    if (error instanceof InterestError) return undefined;
    throw error;
  }
}

async function readVectors(sql: Sql, from: number): Promise<string[]> {
  const rows = await sql<{ vector: string }[]>`
    select vector::text as vector from papers where id > ${from} and id <= ${from + papersInABatch} order by id`;
  return rows.map((row) => row.vector);
}
