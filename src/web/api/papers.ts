import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Sql } from "../../db.ts";
import { UserError } from "../../errors.ts";
import { toExpressions } from "../../interests/expression.ts";
import { type Interest, parseInterest } from "../../interests/language.ts";
import { InterestError } from "../../interests/tokens.ts";
import {
  findPaper,
  mostRanked,
  type PaperRow,
  type Sort,
  searchNearest,
  searchPapers,
  unlessTooLong,
} from "../../papers/search.ts";
import { texToUnicode } from "../../papers/tex.ts";
import { paperLinks } from "../../papers/words.ts";
import type { Web } from "../page.ts";
import { paperAddress } from "../paper_card.ts";
import { periodHelp, readPeriod } from "../periods.ts";
import { problems } from "./problem.ts";
import { paperSchema, papersSchema, searchSchema } from "./schemas.ts";

const listing = createRoute({
  method: "get",
  path: "/papers",
  operationId: "listPapers",
  summary: "Papers by trend, date or search, a page at a time",
  request: { query: searchSchema },
  responses: {
    200: { description: "A page of papers", content: { "application/json": { schema: papersSchema } } },
    ...problems,
  },
});

const one = createRoute({
  method: "get",
  path: "/papers/{id}",
  operationId: "getPaper",
  summary: "One paper",
  request: { params: z.object({ id: z.string().max(100).openapi({ example: "2611.01234" }) }) },
  responses: {
    200: { description: "The paper", content: { "application/json": { schema: paperSchema } } },
    ...problems,
  },
});

/** `/api/v1/papers` */
export function papersApi(app: OpenAPIHono, web: Web): void {
  app.openapi(listing, async (c) => {
    const asked = c.req.valid("query");
    const { tsquery, also, text, category } = await readQuery(web.sql, asked);
    const ranked = tsquery ? "relevance" : "trending";
    const sort: Sort = asked.sort === undefined || asked.sort === "relevance" ? ranked : asked.sort;
    const cursor = asked.cursor ? readCursor(asked.cursor, sort) : { until: web.clock().toString() };
    const { offset = 0, after } = cursor;
    const until = Temporal.Instant.from(cursor.until);
    const search = { tsquery, period: readDates(asked), sort, until, offset, after, limit: asked.limit };
    const { papers, total, more, last } = await searchPapers(web.sql, search);
    const isFirstOfFew = sort === "relevance" && !asked.cursor && papers.length < asked.limit;
    const near = { ...search, required: category };
    const nearest =
      isFirstOfFew && text
        ? await unlessTooLong(searchNearest(web.sql, { ...near, tsquery: text }, asked.limit - papers.length), [])
        : [];
    const place = last ? { after: last } : { offset: offset + asked.limit };
    const next = more ? writeCursor({ until: cursor.until, ...place }) : null;
    if (next) {
      const query = new URLSearchParams({ ...c.req.query(), cursor: next });
      c.header("link", `<${web.config.baseUrl}/api/v1/papers?${query}>; rel="next"`);
    }
    const found = { papers: papers.map((paper) => toJson(web, paper)), total: total ?? null, also, next };
    return c.json({ ...found, nearest: nearest.map((paper) => toJson(web, paper)) }, 200);
  });
  app.openapi(one, async (c) => {
    const paper = await findPaper(web.sql, c.req.valid("param").id);
    if (!paper) throw new UserError("not_found", "There is no paper with that id here.");
    return c.json(toJson(web, paper), 200);
  });
}

function toJson({ config }: Web, paper: PaperRow): z.infer<typeof paperSchema> {
  return {
    id: paper.slug,
    url: config.baseUrl + paperAddress(paper),
    title: texToUnicode(paper.title),
    abstract: texToUnicode(paper.abstract),
    authors: paper.authors,
    organization: paper.organization,
    categories: paper.categories,
    date: paper.day.toString(),
    firstSeenAt: paper.first_seen_at.toString(),
    upvotes: paper.upvotes,
    comments: paper.comments,
    arxivId: paper.arxiv_id,
    doi: paper.doi,
    links: paperLinks(paper),
  };
}

/** The search and the category as one query, and each apart. Throws `UserError` when the search can't be read. */
async function readQuery(sql: Sql, { q, category }: z.infer<typeof searchSchema>) {
  const typed = q?.trim() ? readTree(q, "q") : undefined;
  const within = category ? readTree(`cat:${category}`, "category") : undefined;
  const parts = [typed, within].filter((tree) => tree !== undefined);
  if (parts.length === 0) return { also: [] };
  const trees: Interest["tree"][] = [{ type: "all", nodes: parts }, ...parts];
  const [both, ...each] = await toExpressions(
    sql,
    trees.map((tree) => ({ tree })),
  );
  if (!both?.tsquery) throw new UserError("invalid", "There is no word here to look for.", "q");
  const [text, categories] = typed ? each : [undefined, each[0]];
  return { tsquery: both.tsquery, also: both.also, text: text?.tsquery, category: categories?.tsquery };
}

function readTree(text: string, field: string): Interest["tree"] {
  try {
    return parseInterest(text).tree;
  } catch (error) {
    if (!(error instanceof InterestError)) throw error;
    throw new UserError("invalid", `${error.message} Look at position ${error.position}.`, field);
  }
}

function readDates(asked: z.infer<typeof searchSchema>) {
  try {
    return readPeriod({
      ...(asked.date ? { date: asked.date } : {}),
      ...(asked.week ? { week: asked.week } : {}),
      ...(asked.month ? { month: asked.month } : {}),
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError("invalid", periodHelp, "date");
  }
}

/** A page begins behind a paper, or behind so many, among the papers that there were when the first page was asked for. */
const cursorSchema = z.object({
  until: z.iso.datetime().startsWith("20"),
  offset: z.int().min(0).max(mostRanked).optional(),
  after: z
    .object({
      key: z.union([z.iso.date().startsWith("20"), z.string().regex(/^\d{1,9}(\.\d{1,20})?$/)]),
      id: z.int().min(0),
    })
    .optional(),
});

function writeCursor(cursor: z.infer<typeof cursorSchema>): string {
  return Buffer.from(JSON.stringify(cursor)).toString("base64url");
}

function readCursor(text: string, sort: Sort): z.infer<typeof cursorSchema> {
  try {
    const cursor = cursorSchema.parse(JSON.parse(Buffer.from(text, "base64url").toString()));
    const isPlace = sort === "new" ? z.iso.date() : z.string().regex(/^[\d.]+$/);
    if (cursor.after) isPlace.parse(cursor.after.key);
    return cursor;
  } catch {
    throw new UserError("invalid", "That is no cursor of ours for this order. Begin with the first page.", "cursor");
  }
}
