import { Hono } from "hono";
import { html } from "hono/html";
import type { Sql } from "../db.ts";
import { toExpressions } from "../interests/expression.ts";
import { parseInterest } from "../interests/language.ts";
import { InterestError } from "../interests/tokens.ts";
import { findPaper, type PaperSearch, pageSize, searchPapers } from "../papers/search.ts";
import { texToUnicode } from "../papers/tex.ts";
import { counted, dayInWords } from "../papers/words.ts";
import { nothing, notice, page, type Web } from "./page.ts";
import { linksOf, paperCard, paperDetails, paragraphs } from "./paper_card.ts";

const mostPages = 400;

/** `/papers` by trend, date or search, and `/papers/:id`. */
export function papers(web: Web): Hono {
  const app = new Hono();
  app.get("/papers", async (c) => {
    const query = c.req.query();
    const { search, problem } = await readSearch(web.sql, query);
    const { papers, total } = problem ? { papers: [], total: 0 } : await searchPapers(web.sql, search, web.clock());
    const to = (changes: Record<string, string | undefined>) => address({ ...query, page: undefined, ...changes });
    const last = Math.min(Math.ceil(total / pageSize), mostPages);
    return page(c, web, {
      title: query.q ? `Papers on ${query.q.slice(0, 60)}` : "Papers",
      strap: search.dates ? `${dayInWords(search.dates.from)}, ${counted(total, "paper")}` : counted(total, "paper"),
      body: html`<div class="column papers"><h1 class="title">Papers</h1>
<form class="search" method="get" action="/papers"><div><label for="q">Search, in the language of interests</label>
<input id="q" name="q" type="search" value="${query.q ?? ""}"${problem ? html` aria-invalid="true" aria-describedby="q-error"` : nothing}></div><button type="submit">Search</button></form>
${problem ? html`<p class="error" id="q-error">${problem}</p>` : nothing}
<p class="choices">${(query.q ? ["relevance", "new", "trending"] : ["trending", "new"]).map(
        (sort) =>
          html`<a href="${to({ sort })}"${sort === search.sort ? html` aria-current="true"` : nothing}>${sortWords[sort]}</a>`,
      )}</p>
${papers.map(paperCard)}
${papers.length === 0 && !problem ? html`<p>Nothing here.</p>` : nothing}
<p class="pages"><span>${search.page > 1 ? html`<a rel="prev" href="${to({ page: String(search.page - 1) })}">Back</a>` : nothing}</span>
<span>${search.page < last ? html`<a rel="next" href="${to({ page: String(search.page + 1) })}">More papers</a>` : nothing}</span></p></div>`,
    });
  });
  app.get("/papers/:id{.+}", async (c) => {
    const paper = await findPaper(web.sql, c.req.param("id"));
    if (!paper)
      return notice(c, web, {
        title: "There is no such paper here",
        body: html`<p><a href="/papers">All papers</a></p>`,
        status: 404,
      });
    const title = texToUnicode(paper.title);
    return page(c, web, {
      title: title.slice(0, 120),
      description: texToUnicode(paper.abstract).slice(0, 160),
      body: html`<article class="column"><h1 class="title">${title}</h1>
<p class="details">${paper.authors.slice(0, 200).join(", ")}${paper.authors.length > 200 ? ` and ${paper.authors.length - 200} more` : ""}</p>
<p class="details">${paperDetails(paper)}</p>
${paragraphs(texToUnicode(paper.abstract))}
<p class="links">${linksOf(paper)}</p></article>`,
    });
  });
  return app;
}

const sortWords: Record<string, string> = { relevance: "Best match", new: "Newest", trending: "Trending" };

async function readSearch(
  sql: Sql,
  query: Record<string, string>,
): Promise<{ search: PaperSearch; problem: string | undefined }> {
  let tsquery: string | undefined;
  let problem: string | undefined;
  try {
    if (query.q?.trim()) tsquery = (await toExpressions(sql, [parseInterest(query.q)]))[0]?.tsquery;
    if (tsquery === "") problem = "There is no word here to look for.";
  } catch (error) {
    if (!(error instanceof InterestError)) throw error;
    problem = `${error.message}${error.mend ? ` Perhaps: ${error.mend.slice(0, 200)}` : ""}`;
  }
  const sort =
    (["trending", "new", "relevance"] as const).find((name) => name === query.sort) ??
    (tsquery ? "relevance" : "trending");
  const number = Number(query.page);
  const pageNumber = Number.isInteger(number) && number >= 1 && number <= mostPages ? number : 1;
  try {
    return { search: { dates: readDates(query), tsquery, sort, page: pageNumber }, problem };
  } catch {
    return {
      search: { tsquery, sort, page: pageNumber },
      problem: "Write a date as 2026-11-20, a week as 2026-W47, a month as 2026-11.",
    };
  }
}

/** `date=2026-11-20`, `week=2026-W47` or `month=2026-11`. Throws on anything else. */
function readDates({ date, week, month }: Record<string, string>): PaperSearch["dates"] {
  if ([date, week, month].some((text) => text && !/^(19|20|21)\d\d-W?\d\d(-\d\d)?$/.test(text)))
    throw new RangeError("no date");
  if (date) {
    const day = Temporal.PlainDate.from(date);
    return { from: day, to: day };
  }
  if (week) {
    const [, year, number] = /^(\d{4})-W(\d{2})$/.exec(week) ?? [];
    if (!year || !(Number(number) >= 1 && Number(number) <= 53)) throw new RangeError("no ISO week");
    // The week of 4 January is the first of the year (ISO 8601).
    const fourth = Temporal.PlainDate.from(`${year}-01-04`);
    const from = fourth.subtract({ days: fourth.dayOfWeek - 1 }).add({ weeks: Number(number) - 1 });
    return { from, to: from.add({ days: 6 }) };
  }
  if (month) {
    const from = Temporal.PlainYearMonth.from(month).toPlainDate({ day: 1 });
    return { from, to: from.add({ months: 1 }).subtract({ days: 1 }) };
  }
  return undefined;
}

function address(query: Record<string, string | undefined>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return `/papers?${new URLSearchParams(given)}`;
}
