import { Hono } from "hono";
import { html } from "hono/html";
import { UserError } from "../errors.ts";
import { type Found, searchNearest, searchPapers, sorts, unlessTooLong } from "../papers/search.ts";
import { counted } from "../papers/words.ts";
import { type Asked, addressOf, mostPages, readAsked } from "./asked.ts";
import { type Html, nothing, page, type Web } from "./page.ts";
import { paperCards } from "./paper_card.ts";
import { periodChoices, periodsBeside } from "./period_choices.ts";
import { searchBox, searchOutcome } from "./search_box.ts";

/** With fewer hits than this, what comes near is shown too, and how much of it. */
const fewHits = 10;
const nearestShown = 10;

const nothingFound: Found = { papers: [], total: 0, more: false, last: undefined };

/** `/papers` by trend, day, week, month or search. */
export function papers(web: Web): Hono {
  const app = new Hono();
  app.get("/papers", async (c) => {
    const asked = await readAsked(web, c.req.query());
    const { found, tooLong } = await find(web, asked);
    const { typed, tsquery } = asked.text;
    const isReadable = !asked.text.problem && !asked.periodProblem && !tooLong;
    const heading = headingOf(asked);
    return page(c, web, {
      status: tooLong ? 503 : 200,
      title: typed ? `Papers on ${typed.slice(0, 60).toWellFormed()}` : heading,
      strap: asked.period && isReadable && !typed ? counted(found.total ?? 0, "paper") : undefined,
      address: addressOf(asked, { page: asked.page > 1 ? asked.page : undefined }),
      feed: tsquery
        ? { address: `/feed.atom?${new URLSearchParams({ q: typed })}`, title: `Papers on ${typed}` }
        : undefined,
      body: html`<div class="column papers"><h1 class="title">${heading}</h1>
${searchBox(tooLong ? { ...asked.text, tsquery: undefined, problem: tooLong } : asked.text, asked.period)}
${asked.periodProblem ? html`<p class="error" role="alert">${asked.periodProblem}</p>` : nothing}
${tsquery && isReadable ? await searchOutcome(web, asked.text, found, asked.period) : nothing}
<div class="bar">${await periodChoices(web, asked)}${orders(asked)}</div>
${asked.period ? await periodsBeside(web, asked, asked.period) : nothing}
${await paperCards(web.sql, found.papers, tsquery)}
${tsquery && isReadable ? await nearest(web, asked, found, tsquery) : nothing}
${found.papers.length === 0 && isReadable && !typed ? noPapers(asked) : nothing}
${pages(asked, found, web.clock())}</div>`,
    });
  });
  return app;
}

/** What is asked for; nothing where it can't be read, or where finding it takes too long, which is told. */
async function find({ sql }: Web, { text, periodProblem, search }: Asked): Promise<{ found: Found; tooLong?: string }> {
  if (text.problem || periodProblem) return { found: nothingFound };
  try {
    return { found: await searchPapers(sql, search) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { found: nothingFound, tooLong: error.message };
  }
}

function headingOf({ text, period, search }: Asked): string {
  if (text.typed) return "Search";
  return period?.words ?? (search.sort === "new" ? "New papers" : "Trending papers");
}

/** Below few hits, the papers that have most of what was looked for. */
async function nearest(web: Web, { search, page }: Asked, { total = 0 }: Found, tsquery: string): Promise<Html> {
  if (search.sort !== "relevance" || page > 1 || total >= fewHits) return nothing;
  const papers = await unlessTooLong(searchNearest(web.sql, { ...search, tsquery }, nearestShown), []);
  if (papers.length === 0) return nothing;
  return html`<section aria-labelledby="nearest"><h2 id="nearest">Papers that come near</h2>
<p class="hint">They have a part of what you looked for, the rarer words first.</p>
${await paperCards(web.sql, papers, tsquery)}</section>`;
}

const orderWords: Record<string, string> = { relevance: "Best match", new: "Newest", trending: "Trending" };

function orders(asked: Asked): Html {
  const choices = sorts.filter((sort) => sort !== "relevance" || asked.text.tsquery);
  return html`<nav class="choices" aria-label="Order">${choices.map(
    (sort) =>
      html`<a href="${addressOf(asked, { sort })}"${sort === asked.search.sort ? html` aria-current="true"` : nothing}>${orderWords[sort]}</a>`,
  )}</nav>`;
}

function noPapers(asked: Asked): Html {
  if (asked.page > 1)
    return html`<p>There are no more papers. <a href="${addressOf(asked)}">Back to the first page</a></p>`;
  return html`<p>No papers here yet. They are read from Hugging Face and arXiv and appear by themselves.</p>`;
}

/** Back and on, among the papers that were there when the first page was opened. */
function pages(asked: Asked, { more }: Found, now: Temporal.Instant): Html {
  const until = (asked.search.until ?? now).toString();
  const to = (page: number) => addressOf(asked, { page: page > 1 ? page : undefined, until });
  const isLast = !more || asked.page >= mostPages;
  if (asked.page === 1 && isLast) return nothing;
  return html`<nav class="pages" aria-label="Pages">
${asked.page > 1 ? html`<a rel="prev" href="${to(asked.page - 1)}">← Back</a>` : html`<span></span>`}
<span>Page ${asked.page}</span>
${isLast ? html`<span></span>` : html`<a rel="next" href="${to(asked.page + 1)}">More papers →</a>`}</nav>`;
}
