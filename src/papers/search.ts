import type { Database, Fragment, Sql } from "../db.ts";
import { UserError } from "../errors.ts";
import { findHits } from "../interests/hits.ts";
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
  /** What `toExpressions` made of the search. */
  tsquery?: string | undefined;
  sort: "trending" | "new" | "relevance";
  page: number;
};

export const pageSize = 25;
/** What a visitor types may cost the server no more than this. */
const longestSearch = "4s";
/** How many hits are counted at most: beyond that nobody pages. */
const mostCounted = 10_000;

/** How many of the best hits can be paged through by relevance. */
const mostRanked = 1000;

/** One page of papers and how many there are. Throws `UserError` when it takes too long. */
export function searchPapers(
  sql: Database,
  search: PaperSearch,
  now: Temporal.Instant,
): Promise<{ papers: PaperRow[]; total: number }> {
  return sql
    .begin(async (transaction) => {
      await transaction`select set_config('statement_timeout', ${longestSearch}, true)`;
      // For a phrase of hundreds of words the planner would rather scan all papers.
      if (search.tsquery) await transaction`select set_config('enable_seqscan', 'off', true)`;
      return search.sort === "relevance" && search.tsquery
        ? searchByRelevance(transaction, search, search.tsquery)
        : searchInOrder(transaction, search, now);
    })
    .catch((error) => {
      if (error.code !== "57014") throw error;
      throw new UserError("unavailable", "That search took too long. Add a rarer word, or a date.");
    });
}

async function searchByRelevance(sql: Sql, search: PaperSearch, tsquery: string) {
  const hits = await findHits(sql, tsquery, { where: isListed(sql, search), most: mostRanked });
  const ids = hits.papers.slice((search.page - 1) * pageSize, search.page * pageSize).map((paper) => paper.id);
  const papers = await sql<PaperRow[]>`
    select ${paperColumns(sql)} from unnest(${ids}::bigint[]) with ordinality as hit (id, place) join papers p using (id)
    order by hit.place`;
  return { papers: [...papers], total: hits.count };
}

async function searchInOrder(sql: Sql, search: PaperSearch, now: Temporal.Instant) {
  const hit = search.tsquery ? sql`p.vector @@ ${search.tsquery}::tsquery` : sql`true`;
  const condition = sql`${isListed(sql, search)} and ${hit}`;
  const [count] = await sql<{ total: number }[]>`
    select count(*)::int as total from (select from papers p where ${condition} limit ${mostCounted}) as counted`;
  const papers = await sql<PaperRow[]>`
    select ${paperColumns(sql)} from papers p where ${condition}
    order by ${search.sort === "trending" ? trendScore(sql, now) : sql`p.first_seen_at`} desc, p.id desc
    limit ${pageSize} offset ${(search.page - 1) * pageSize}`;
  return { papers: [...papers], total: count?.total ?? 0 };
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

function isListed(sql: Sql, { dates }: PaperSearch): Fragment {
  return dates
    ? sql`exists (select from listings l where l.paper_id = p.id and l.listed_on between ${dates.from} and ${dates.to})`
    : sql`true`;
}
