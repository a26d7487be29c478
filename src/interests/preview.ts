import type { Database, Sql, Transaction } from "../db.ts";
import { UserError } from "../errors.ts";
import { texToUnicode } from "../papers/tex.ts";
import { excerpt } from "./excerpt.ts";
import { type Expression, toExpressions } from "./expression.ts";
import { findHits } from "./hits.ts";
import { countByDay, type Day, type Period } from "./hits_by_day.ts";
import { type Interest, parseInterests } from "./language.ts";
import { markHits, type Piece } from "./marks.ts";
import { type Mend, mendsForBroad, mendsForNothing } from "./mends.ts";
import { compile } from "./program.ts";

/** What interests would have brought. The days are the last 30, today among them; a paper belongs to the day it was published. */
export type Preview = {
  interests: InterestPreview[];
  errors: {
    line: number;
    typed: string;
    message: string;
    position: number;
    length: number;
    mend: string | undefined;
  }[];
  /** Papers of the last 7 and 30 days that any of the interests hits, each once. */
  lastWeek: number;
  lastMonth: number;
  days: Day[];
  /** All papers of the last 30 days. */
  papers: number;
};

export type InterestPreview = {
  typed: string;
  /** Other names that are looked for too. */
  also: string[];
  lastWeek: number;
  lastMonth: number;
  days: Day[];
  best: { slug: string; title: Piece[]; excerpt: Piece[] }[];
  /** Hits more than `broadShare` of the papers; or nothing in a month. */
  trouble: "broad" | "nothing" | undefined;
  mends: Mend[];
  /** The best papers and the mends were not looked for, or not to the end, because it took too long. */
  cutShort: boolean;
};

/** An interest that hits more than this share of papers is too broad to be read, once there are papers enough to say so. */
export const broadShare = 0.05;
const fewestPapers = 100;
const days = 30;
const shownPapers = 5;
/** Of the hits of a month the newest are ranked, enough to show a few. */
const rankedPapers = 200;
/** What a visitor types may cost the server no more: a statement, and all of them before what is not begun is left out. */
const patience = { statement: "2s", milliseconds: 4000 };

/** Tries interests, one a line, on the papers of the last 30 days. Throws `UserError` when that takes too long. */
export function previewInterests(
  sql: Database,
  text: string,
  now: Temporal.Instant,
  { statement, milliseconds } = patience,
): Promise<Preview> {
  const { interests, errors } = parseInterests(text);
  const today = now.toZonedDateTimeISO("UTC").toPlainDate();
  const period = { from: today.subtract({ days: days - 1 }), to: today };
  const late = AbortSignal.timeout(milliseconds);
  return sql
    .begin(async (transaction) => {
      // Without it the planner scans all papers for a phrase of hundreds of words.
      await transaction`select set_config('statement_timeout', ${statement}, true), set_config('enable_seqscan', 'off', true)`;
      const expressions = await toExpressions(transaction, interests);
      const tsqueries = expressions.map((it) => it.tsquery);
      const counts = await countByDay(transaction, [...tsqueries, union(tsqueries)], period);
      const papers = await countPapers(transaction, period);
      const previews: InterestPreview[] = [];
      for (const [at, interest] of interests.entries()) {
        const counted = { days: counts[at] as Day[], papers, period };
        previews.push(await previewInterest(transaction, interest, expressions[at] as Expression, counted, late));
      }
      const all = counts.at(-1) as Day[];
      return {
        interests: previews,
        errors: errors.map(({ line, typed, error: { message, position, length, mend } }) => ({
          ...{ line, typed, message, position, length, mend },
        })),
        lastWeek: sum(all.slice(-7)),
        lastMonth: sum(all),
        days: all,
        papers,
      };
    })
    .catch((error) => {
      if (!isTimeout(error)) throw error;
      throw new UserError("unavailable", "Trying these interests took too long. Use fewer lines, or rarer words.");
    });
}

type Counted = { days: Day[]; papers: number; period: Period };

async function previewInterest(
  transaction: Transaction,
  interest: Interest & { typed: string },
  { tsquery, also }: Expression,
  { days, papers, period }: Counted,
  late: AbortSignal,
): Promise<InterestPreview> {
  const lastMonth = sum(days);
  const broad = papers >= fewestPapers && lastMonth > broadShare * papers;
  const preview: InterestPreview = {
    ...{ typed: interest.typed, also, lastWeek: sum(days.slice(-7)), lastMonth, days },
    trouble: lastMonth === 0 ? "nothing" : broad ? "broad" : undefined,
    ...{ best: [], mends: [], cutShort: late.aborted },
  };
  if (late.aborted) return preview;
  // What is too slow here costs what it was to find, not the counts.
  const rest = transaction.savepoint(async (sql) => {
    if (lastMonth > 0) preview.best = await bestPapers(sql, tsquery, period);
    if (preview.trouble === "nothing") preview.mends = await mendsForNothing(sql, interest, period);
    if (preview.trouble === "broad") preview.mends = await mendsForBroad(sql, interest, period, lastMonth);
  });
  await rest.catch((error) => {
    if (!isTimeout(error)) throw error;
    preview.cutShort = true;
  });
  return preview;
}

function isTimeout(error: { code?: string }): boolean {
  return error.code === "57014";
}

/** Any of the expressions; one that looks for nothing hits nothing. */
function union(tsqueries: string[]): string {
  return tsqueries
    .filter(Boolean)
    .map((tsquery) => `(${tsquery})`)
    .join(" | ");
}

async function countPapers(sql: Sql, { from, to }: Period): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from papers where day between ${from} and ${to}`;
  return row?.count ?? 0;
}

async function bestPapers(sql: Sql, tsquery: string, { from, to }: Period): Promise<InterestPreview["best"]> {
  const { papers } = await findHits(sql, tsquery, {
    where: sql`p.day between ${from} and ${to}`,
    most: shownPapers,
    among: rankedPapers,
  });
  const rows = await sql<{ slug: string; title: string; abstract: string }[]>`
    select slug, title, abstract from unnest(${papers.map((it) => it.id)}::bigint[]) with ordinality as hit (id, place)
    join papers using (id) order by place`;
  const program = compile(tsquery);
  const marked = await markHits(
    sql,
    rows.flatMap(({ title, abstract }) => [
      { text: texToUnicode(title), field: "title" as const, program },
      { text: texToUnicode(abstract), field: "abstract" as const, program },
    ]),
  );
  return rows.map(({ slug }, at) => ({
    slug,
    title: marked[at * 2] as Piece[],
    excerpt: excerpt(marked[at * 2 + 1] as Piece[], 80, 240),
  }));
}

function sum(days: Day[]): number {
  return days.reduce((total, day) => total + day.hits, 0);
}
