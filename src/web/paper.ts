import { Hono } from "hono";
import { html } from "hono/html";
import type { Sql } from "../db.ts";
import { sourceTitle } from "../digests/receipt.ts";
import { relatedPapers } from "../papers/related.ts";
import { findPaper, type PaperRow, unlessTooLong } from "../papers/search.ts";
import { subjectsOf } from "../papers/subjects.ts";
import { texToUnicode } from "../papers/tex.ts";
import { dayInWords, paperLinks } from "../papers/words.ts";
import { type Html, nothing, notice, page, type Web } from "./page.ts";
import { abstractInFull, authorsOf, detailsOf, linksOf, paperAddress, paperCards, titleOf } from "./paper_card.ts";

const relatedShown = 6;
const interestsSuggested = 3;
const mostCitedAuthors = 100;

/** `/papers/:id`: one paper, what is like it, and how to get more of it. */
export function paper(web: Web): Hono {
  const app = new Hono();
  app.get("/papers/:id{.+}", async (c) => {
    const found = await findPaper(web.sql, c.req.param("id"));
    if (!found) return noSuchPaper(c, web);
    const [related, interests] = await Promise.all([
      unlessTooLong(relatedPapers(web.sql, found, relatedShown), []),
      unlessTooLong(subjectsOf(web.sql, found, interestsSuggested), []),
    ]);
    return page(c, web, {
      title: texToUnicode(found.title).slice(0, 120).toWellFormed(),
      description: texToUnicode(found.abstract).replace(/\s+/g, " ").slice(0, 200).toWellFormed(),
      address: paperAddress(found),
      head: citation(found),
      body: html`<div class="beside"><article class="whole"><h1 class="title">${titleOf(found)}</h1>
${authorsOf(found)}
${detailsOf(found)}
${linksOf(found)}
${abstractInFull(found)}
${await listings(web.sql, found)}</article>
<aside aria-labelledby="like-this">${likeThis(interests)}</aside>
${related.length > 0 ? html`<section class="papers" aria-labelledby="related"><h2 id="related">Related papers</h2>${await paperCards(web.sql, related)}</section>` : nothing}</div>`,
    });
  });
  return app;
}

function noSuchPaper(c: Parameters<typeof notice>[0], web: Web) {
  return notice(c, web, {
    title: "There is no such paper here",
    body: html`<p>It may not have been read from its source. <a href="/papers">Look among all papers</a>.</p>`,
    status: 404,
  });
}

/** Interests of the paper's own words, to look over before subscribing. */
function likeThis(interests: string[]): Html {
  return html`<h2 id="like-this">Papers like this, by mail</h2>
<form method="get" action="/subscribe">
<label for="interests">Interests, one a line</label>
<textarea id="interests" name="interests" rows="4" spellcheck="false" aria-describedby="interests-hint">${interests.join("\n")}</textarea>
<p class="hint" id="interests-hint">${interests.length > 0 ? "Taken from its words. Change them as you like." : "Write what you would look for."}</p>
<button type="submit">Send me papers like this</button></form>`;
}

async function listings(sql: Sql, { id }: PaperRow): Promise<Html> {
  const rows = await sql<{ source: string; section: string; date: Temporal.PlainDate }[]>`
    select source, section, min(listed_on) as date from listings where paper_id = ${id}
    group by source, section order by 3, 1, 2 limit 20`;
  if (rows.length === 0) return nothing;
  return html`<p class="details">Listed: ${rows.map(({ source, section, date }, at) => html`${at > 0 ? "; " : ""}${sourceTitle(`${source} ${section}`.trim())} on <a href="/papers?date=${date.toString()}">${dayInWords(date)}</a>`)}.</p>`;
}

/** What reference managers read. */
function citation(paper: PaperRow): Html {
  const pdf = paperLinks(paper).find((link) => link.label === "PDF")?.url;
  const tags: [string, string | null | undefined][] = [
    ["citation_title", texToUnicode(paper.title)],
    ...paper.authors.slice(0, mostCitedAuthors).map((name): [string, string] => ["citation_author", name]),
    ["citation_publication_date", paper.published_on?.toString().replaceAll("-", "/")],
    ["citation_arxiv_id", paper.arxiv_id],
    ["citation_doi", paper.doi],
    ["citation_pdf_url", pdf],
  ];
  return html`${tags.filter(([, value]) => value).map(([name, value]) => html`<meta name="${name}" content="${value}">\n`)}`;
}
