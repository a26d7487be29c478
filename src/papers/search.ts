import type { Database, Fragment, Sql } from "../db.ts";
import { UserError } from "../errors.ts";
import { findHits } from "../interests/hits.ts";
import { findNearest } from "../interests/nearest.ts";
import { trendOf } from "./trending.ts";
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
  /** When it was published, or first seen here where nobody tells. */
  day: Temporal.PlainDate;
  upvotes: number | null;
  comments: number | null;
  first_seen_at: Temporal.Instant;
};

/** Days, the first and the last included. */
export type Period = { from: Temporal.PlainDate; to: Temporal.PlainDate };

export const sorts = ["trending", "new", "relevance"] as const;
/** `seen` is the order in which papers came in, for feeds: nothing comes in behind what was read. */
export type Sort = (typeof sorts)[number] | "seen";

export type PaperSearch = {
  /** Listed in these days. */
  period?: Period | undefined;
  /** What `toExpressions` made of the search. */
  tsquery?: string | undefined;
  sort: Sort;
  /** Papers that were first seen later are left out: so pages stay what they are while new papers come. */
  until?: Temporal.Instant | undefined;
  /** Begin behind so many papers, or behind this one. */
  offset?: number;
  after?: Place | undefined;
  limit: number;
};

/** Where a paper stands in an order: what it is ordered by, as text, and its number. */
export type Place = { key: string; id: number };

export type Found = {
  papers: PaperRow[];
  /** How many there are in all, counted up to `mostCounted`; only where a search or a period narrows them. */
  total: number | undefined;
  more: boolean;
  /** Where the last paper stands, in an order that has places. */
  last: Place | undefined;
};

/** What a visitor types may cost the server no more than this, for each statement. */
const longestStatement = "4s";

export const mostCounted = 10_000;

/** How many of the best hits can be paged through by relevance. */
export const mostRanked = 500;

/** One page of papers. Throws `UserError` when it takes too long. */
export function searchPapers(sql: Database, search: PaperSearch): Promise<Found> {
  return withinBounds(sql, (transaction) =>
    search.sort === "relevance" && search.tsquery
      ? searchByRelevance(transaction, search, search.tsquery)
      : searchInOrder(transaction, search),
  );
}

/**
 * Does what a visitor may ask for, in a transaction whose statements end in time. However common a word is, papers are found
 * by an index: what is read grows with the hits that are shown or counted, not with all papers.
 */
export async function withinBounds<T>(sql: Database, work: (sql: Sql) => Promise<T>): Promise<T> {
  try {
    return (await sql.begin(async (transaction) => {
      await transaction`
        select set_config('statement_timeout', ${longestStatement}, true), set_config('enable_seqscan', 'off', true),
          set_config('jit', 'off', true)`;
      return work(transaction);
    })) as T;
  } catch (error) {
    if ((error as { code?: string }).code !== "57014") throw error;
    throw new UserError("unavailable", "That search took too long. Add a rarer word, or a date.");
  }
}

/** What stands beside something else on a page is left out when it takes too long. */
export async function unlessTooLong<T>(work: Promise<T>, fallback: T): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof UserError && error.code === "unavailable") return fallback;
    throw error;
  }
}

async function searchByRelevance(sql: Sql, search: PaperSearch, tsquery: string): Promise<Found> {
  const { offset = 0, limit } = search;
  const hits = await findHits(sql, tsquery, { where: isWanted(sql, search), most: mostRanked, among: mostRanked });
  const ids = hits.papers.slice(offset, offset + limit).map((paper) => paper.id);
  const papers = await readPapers(sql, ids);
  return { papers, total: hits.count, more: hits.papers.length > offset + limit, last: undefined };
}

/**
 * Papers that a search does not hit but comes near, best first, at most `most`; all of them hit `required`, where it is given.
 * Throws `UserError` when it takes too long.
 */
export function searchNearest(
  sql: Database,
  { tsquery, required, ...search }: PaperSearch & { tsquery: string; required?: string | undefined },
  most: number,
): Promise<PaperRow[]> {
  return withinBounds(sql, async (transaction) => {
    const within = required ? transaction`p.vector @@ ${required}::tsquery and` : transaction``;
    const where = transaction`${within} not p.vector @@ ${tsquery}::tsquery and ${isWanted(transaction, { ...search, tsquery })}`;
    const nearest = await findNearest(transaction, tsquery, { where, most });
    return readPapers(
      transaction,
      nearest.map((paper) => paper.id),
    );
  });
}

async function readPapers(sql: Sql, ids: number[]): Promise<PaperRow[]> {
  const papers = await sql<PaperRow[]>`
    select ${paperColumns(sql)} from unnest(${ids}::bigint[]) with ordinality as hit (id, place) join papers p using (id)
    order by hit.place`;
  return [...papers];
}

async function searchInOrder(sql: Sql, search: PaperSearch): Promise<Found> {
  const { after, offset = 0, limit } = search;
  const key = keyOf(sql, search.sort);
  const behind = after
    ? sql`and (${key}, p.id) < (${placeKey(sql, search.sort, after.key)}, ${after.id}::bigint)`
    : sql``;
  const wanted = sql`${search.tsquery ? sql`p.vector @@ ${search.tsquery}::tsquery and` : sql``} ${isWanted(sql, search)}`;
  const rows = await sql<(PaperRow & { key: string })[]>`
    select ${paperColumns(sql)}, ${key}::text as key from papers p
    where ${wanted} ${behind}
    order by ${key} desc, p.id desc limit ${limit + 1} offset ${offset}`;
  const papers = rows.slice(0, limit);
  const last = papers.at(-1);
  const narrowed = search.tsquery || search.period;
  return {
    papers,
    total: narrowed ? await countUpTo(sql, wanted, mostCounted) : undefined,
    more: rows.length > limit,
    last: last && { key: last.key, id: last.id },
  };
}

/** What an order goes by; each has an index. */
function keyOf(sql: Sql, sort: Sort): Fragment {
  if (sort === "new") return sql`p.day`;
  return sort === "seen" ? sql`p.first_seen_at` : trendOf(sql);
}

function placeKey(sql: Sql, sort: Sort, key: string): Fragment {
  if (sort === "new") return sql`${key}::date`;
  return sort === "seen" ? sql`${key}::timestamptz` : sql`${key}::float8`;
}

async function countUpTo(sql: Sql, wanted: Fragment, most: number): Promise<number> {
  const [row] = await sql<{ total: number }[]>`
    select count(*)::int as total from (select from papers p where ${wanted} limit ${most}) as counted`;
  return row?.total ?? 0;
}

/** One paper by the id in its address: an arXiv id, or our number. */
export async function findPaper(sql: Sql, slug: string): Promise<PaperRow | undefined> {
  if (slug.includes("\0")) return undefined;
  const [paper] = await sql<PaperRow[]>`select ${paperColumns(sql)} from papers p where slug = ${slug}`;
  return paper;
}

/** `exists` would do for `on_huggingface`, but the planner answers it for all papers by one scan, however few are shown. */
export function paperColumns(sql: Sql): Fragment {
  return sql`p.id, p.slug, p.arxiv_id, p.doi, p.title, p.abstract, p.authors, p.organization, p.categories, p.published_on,
    ${shownDay(sql, sql`p.published_on`)} as day,
    p.upvotes, p.comments, p.first_seen_at, p.code_url, p.project_url,
    coalesce((select true from listings l where l.paper_id = p.id and l.source = 'huggingface' limit 1), false) as on_huggingface`;
}

/**
 * The day that a paper `p` is shown with: when it was published or, since announcements don't tell that, first listed, or else first
 * seen here. What is listed later changes nothing about it.
 */
export function shownDay(sql: Sql, published: Fragment): Fragment {
  return sql`coalesce(${published},
    (select min(l.listed_on) from listings l where l.paper_id = p.id and l.seen_at <= p.first_seen_at),
    (p.first_seen_at at time zone 'UTC')::date)`;
}

function isWanted(sql: Sql, { period, until, tsquery }: PaperSearch): Fragment {
  const seen = until ? sql`p.first_seen_at <= ${until}` : sql`true`;
  if (!period) return seen;
  const listed = sql`select l.paper_id from listings l where l.listed_on between ${period.from} and ${period.to}`;
  // Where nothing else narrows them the papers of a period come first, or an order would be walked through all that are newer.
  return tsquery ? sql`${seen} and p.id in (${listed})` : sql`${seen} and p.id = any(array(${listed}))`;
}

/** The newest date, up to today, on which a source listed papers. */
export async function newestListingDate(sql: Sql, today: Temporal.PlainDate): Promise<Temporal.PlainDate | undefined> {
  const [row] = await sql<{ date: Temporal.PlainDate | null }[]>`
    select max(listed_on) as date from listings where listed_on <= ${today}`;
  return row?.date ?? undefined;
}

/** The nearest dates before and after a period, up to today, on which a source listed papers. */
export async function listingDatesAround(
  sql: Sql,
  { from, to }: Period,
  today: Temporal.PlainDate,
): Promise<{ before: Temporal.PlainDate | undefined; after: Temporal.PlainDate | undefined }> {
  const [row] = await sql<{ before: Temporal.PlainDate | null; after: Temporal.PlainDate | null }[]>`
    select (select max(listed_on) from listings where listed_on < ${from}) as before,
      (select min(listed_on) from listings where listed_on > ${to} and listed_on <= ${today}) as after`;
  return { before: row?.before ?? undefined, after: row?.after ?? undefined };
}
