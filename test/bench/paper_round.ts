import { systemClock } from "../../src/clock.ts";
import type { Sql } from "../../src/db.ts";
import { learnAcronyms } from "../../src/interests/acronyms.ts";
import { Batch } from "../../src/interests/batch.ts";
import { toExpressions } from "../../src/interests/expression.ts";
import { type Interest, limits, parseInterest } from "../../src/interests/language.ts";
import { findNearest } from "../../src/interests/nearest.ts";
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
  private readonly sql: Sql;
  /** For each question that can be read its tsquery, and for each of its hits the rank. */
  private readonly tsqueries: (string | undefined)[];
  private readonly ranks: Map<number, number>[];
  private constructor(sql: Sql, tsqueries: (string | undefined)[], ranks: Map<number, number>[]) {
    this.sql = sql;
    this.tsqueries = tsqueries;
    this.ranks = ranks;
  }

  static async index(sql: Sql, documents: Document[], questions: string[]): Promise<PaperRound> {
    await insertPapers(sql, documents);
    const tsqueries = await readQuestions(sql, questions);
    const set = new QuerySet();
    for (const [place, tsquery] of tsqueries.entries()) {
      const program = tsquery ? compile(tsquery) : undefined;
      if (program) set.add(place, program);
    }
    const ranks = questions.map(() => new Map<number, number>());
    const rarity = await readRarity(sql);
    for (let from = 0; from < documents.length; from += papersInABatch) {
      const papers = await readPapers(sql, from);
      const batch = new Batch(
        papers.map((it) => it.vector),
        set,
        rarity,
        papers.map((it) => it.length),
      );
      for (let slot = 0; slot < set.size; slot++) {
        const hits = batch.run(slot, papersInABatch);
        for (const [at, paper] of (hits?.papers ?? []).entries())
          ranks[set.ids[slot] as number]?.set(from + paper, hits?.ranks[at] as number);
      }
    }
    return new PaperRound(sql, tsqueries, ranks);
  }

  /** What the interest hits, as a digest has it. */
  answer(question: number): Answer {
    const ranks = this.ranks[question] as Map<number, number>;
    const order = [...ranks].sort(([place, rank], [other, otherRank]) => otherRank - rank || other - place);
    return { found: new Set(ranks.keys()), best: order.slice(0, kept).map(([place]) => place) };
  }

  /** What a search may show: the papers that come nearest, hits or not, by rank. */
  async answerWithNearest(question: number): Promise<Answer> {
    const { found, best } = this.answer(question);
    const tsquery = this.tsqueries[question];
    const { sql } = this;
    const papers = tsquery ? await findNearest(sql, tsquery, { where: sql`true`, most: kept }) : [];
    const nearest = papers.map(({ id }) => id - 1);
    return { found, best: [...nearest, ...best.filter((place) => !nearest.includes(place))].slice(0, kept) };
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

async function readQuestions(sql: Sql, questions: string[]): Promise<(string | undefined)[]> {
  const interests = questions.map(readInterest);
  const readable = interests.filter((it) => it !== undefined);
  const expressions = await toExpressions(sql, readable);
  return interests.map((interest) => interest && expressions[readable.indexOf(interest)]?.tsquery);
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

async function readPapers(sql: Sql, from: number): Promise<{ vector: string; length: number }[]> {
  return sql<{ vector: string; length: number }[]>`
    select vector::text as vector, length(title) + length(abstract) as length from papers
    where id > ${from} and id <= ${from + papersInABatch} order by id`;
}
