import type { Database, Fragment, Sql } from "../db.ts";
import { UserError } from "../errors.ts";
import { rank } from "./rank.ts";
import { trendScore } from "./trending.ts";
import type { PaperPlaces } from "./words.ts";

export type PaperRow = PaperPlaces & {
  id: number;
  slug: string;
  title: string;
  abstract: string;
  authors: string[];
  organization: string | null;
  categories: string[];
  published_on: Temporal.PlainDate | null;
  upvotes: number | null;
  comments: number | null;
};

export type PaperSearch = {
  /** Listed from this date to that one, both included. */
  dates?: { from: Temporal.PlainDate; to: Temporal.PlainDate } | undefined;
  /** What `parseInterest` made of the search. */
  source?: string | undefined;
  sort: "trending" | "new" | "relevance";
  page: number;
};

export const pageSize = 25;
/** What a visitor types may cost the server no more than this. */
const longestSearch = "4s";
/** How many hits are counted at most: beyond that nobody pages. */
const mostCounted = 10_000;

/** One page of papers and how many there are. */
export function searchPapers(
  sql: Database,
  search: PaperSearch,
  now: Temporal.Instant,
): Promise<{ papers: PaperRow[]; total: number }> {
  return sql
    .begin(async (transaction) => {
      await transaction`select set_config('statement_timeout', ${longestSearch}, true)`;
      const condition = conditions(transaction, search);
      const [count] = await transaction<{ total: number }[]>`
      select count(*)::int as total from (select from papers p where ${condition} limit ${mostCounted}) as counted`;
      const papers = await transaction<PaperRow[]>`
      select ${paperColumns(transaction)} from papers p where ${condition}
      order by ${order(transaction, search, now)} p.id desc
      limit ${pageSize} offset ${(search.page - 1) * pageSize}`;
      return { papers: [...papers], total: count?.total ?? 0 };
    })
    .catch((error) => {
      if (error.code !== "57014") throw error;
      throw new UserError("unavailable", "That search took too long. Add a rarer word, or a date.");
    });
}

/** One paper by the id in its address: an arXiv id, or our number. */
export async function findPaper(sql: Sql, slug: string): Promise<PaperRow | undefined> {
  if (slug.includes("\0")) return undefined;
  const [paper] = await sql<PaperRow[]>`select ${paperColumns(sql)} from papers p where slug = ${slug}`;
  return paper;
}

/** The newest date, up to today, on which a source listed papers. */
export async function newestListingDate(sql: Sql, today: Temporal.PlainDate): Promise<Temporal.PlainDate | undefined> {
  const [row] = await sql<
    { date: Temporal.PlainDate | null }[]
  >`select max(listed_on) as date from listings where listed_on <= ${today}`;
  return row?.date ?? undefined;
}

function paperColumns(sql: Sql): Fragment {
  return sql`p.id, p.slug, p.arxiv_id, p.doi, p.title, p.abstract, p.authors, p.organization, p.categories, p.published_on,
    p.upvotes, p.comments, p.code_url, p.project_url,
    exists (select from listings l where l.paper_id = p.id and l.source = 'huggingface') as on_huggingface`;
}

function conditions(sql: Sql, { dates, source }: PaperSearch): Fragment {
  const listed = dates
    ? sql`exists (select from listings l where l.paper_id = p.id and l.listed_on between ${dates.from} and ${dates.to})`
    : sql`true`;
  const hit = source ? sql`p.vector @@ to_tsquery('paper_words', fold_text(${source}))` : sql`true`;
  return sql`${listed} and ${hit}`;
}

function order(sql: Sql, { sort, source }: PaperSearch, now: Temporal.Instant): Fragment {
  if (sort === "relevance" && source)
    return sql`${rank(sql, sql`to_tsquery('paper_words', fold_text(${source}))`)} desc,`;
  if (sort === "trending") return sql`${trendScore(sql, now)} desc,`;
  return sql`p.first_seen_at desc,`;
}
