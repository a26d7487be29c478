import { Hono } from "hono";
import { html } from "hono/html";
import type { NearMiss, Note } from "../../emails/digest.ts";
import { type EditionPaper, readDigests } from "../digests/digest.ts";
import { findFurtherMatches } from "../digests/further.ts";
import { findToken } from "../token.ts";
import { deadLink, type Html, nothing, page, type Web } from "./page.ts";
import { paperCards } from "./paper_card.ts";

/**
 * `/digests/:token`: a digest as it was mailed, and what else matched. People share this link, so that nothing is here that acts
 * for the reader, or tells how they voted.
 */
export function digests(web: Web): Hono {
  const app = new Hono();
  app.get("/digests/:token", async (c) => {
    const holder = await findToken(web.sql, "digest", c.req.param("token"), web.clock());
    const id = holder?.subjectId;
    const digest = id && (await readDigests(web, [id])).get(id);
    if (!id || !digest) return deadLink(c, web);
    const further = await findFurtherMatches(web.sql, id);
    return page(c, web, {
      title: `Digest of ${digest.date}`,
      strap: `${digest.date}, No. ${digest.number}, ${digest.count}`,
      body: html`<div class="column papers"><h1 class="title">Your digest</h1>
${digest.introduction ? html`<p>${digest.introduction}</p>` : nothing}
${digest.papers.map(showEntry)}
${nearMisses(digest.nearMisses ?? [])}
${digest.trending.length > 0 ? html`<h2>What others read</h2>${digest.trending.map(showEntry)}` : nothing}
${notes(digest.notes ?? [])}
${digest.interests ? lookedFor(digest.interests) : nothing}
${further.length > 0 ? html`<h2 id="more">Also matched</h2>${await paperCards(web.sql, further)}` : nothing}
${(digest.problems ?? []).map((problem) => html`<p>${problem}</p>`)}
<p class="details">${digest.receipt}</p></div>`,
    });
  });
  return app;
}

/** Of an edition without papers. Who has no interests is sent what others read. */
function lookedFor(interests: string[]): Html {
  const list = interests.length > 0 ? interests : ["the papers that others read"];
  return html`<p>No paper that was read matched what you look for:</p><ul>${list.map((typed) => html`<li>${typed}</li>`)}</ul>`;
}

function showEntry({ paper, taste }: EditionPaper): Html {
  return html`<article class="paper"><h2><a href="${paper.url}">${paper.title}</a></h2>
<p class="details">${paper.authors}</p><p class="details">${paper.details}</p>
<p class="abstract">${paper.excerpt.map((piece) => (piece.hit ? html`<mark>${piece.text}</mark>` : piece.text))}</p>
${paper.interest ? html`<p class="why">Matches <i>${paper.interest}</i>${paper.also ? html` (${paper.also})` : nothing}</p>` : nothing}
${taste ? html`<p class="why">${taste}</p>` : nothing}
<p class="links">${paper.links.map(({ label, url }) => html`<a href="${url}">${label}</a>`)}</p></article>`;
}

function nearMisses(papers: NearMiss[]): Html {
  if (papers.length === 0) return nothing;
  return html`<h2>Near misses</h2><ul>${papers.map(
    ({ title, url, why }) => html`<li><a href="${url}">${title}</a><br><span class="details">${why}</span></li>`,
  )}</ul>`;
}

function notes(told: Note[]): Html {
  if (told.length === 0) return nothing;
  return html`<h2>In brief</h2><ul>${told.map(({ text, title, url }) => html`<li>${text} <a href="${url}">${title}</a></li>`)}</ul>`;
}
