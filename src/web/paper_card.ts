import { html } from "hono/html";
import type { PaperRow } from "../papers/search.ts";
import { texToUnicode } from "../papers/tex.ts";
import { authorLine, counted, dayInWords, paperLinks } from "../papers/words.ts";
import { type Html, nothing } from "./page.ts";

const beginningLength = 260;

/** A paper in a list. The abstract opens in place, without script. */
export function paperCard(paper: PaperRow): Html {
  const abstract = texToUnicode(paper.abstract);
  return html`<article class="paper">
<h2><a href="/papers/${paper.slug}">${texToUnicode(paper.title)}</a></h2>
${paper.authors.length > 0 ? html`<p class="details">${authorLine(paper.authors)}</p>` : nothing}
<p class="details">${paperDetails(paper)}</p>
${
  abstract.length > beginningLength
    ? html`<details class="abstract"><summary><span class="beginning">${beginningOf(abstract)} </span><span class="open"><span class="is-closed">More</span><span class="is-open">Less</span></span></summary>${paragraphs(abstract)}</details>`
    : html`<div class="abstract">${paragraphs(abstract)}</div>`
}
<p class="links">${linksOf(paper)}</p>
</article>`;
}

/** Organisation, date, categories, votes and comments, in one line. */
export function paperDetails(paper: PaperRow): string {
  return [
    paper.organization,
    paper.published_on && dayInWords(paper.published_on),
    paper.categories.slice(0, 5).join(", "),
    paper.upvotes ? counted(paper.upvotes, "vote") : "",
    paper.comments ? counted(paper.comments, "comment") : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

export function linksOf(paper: PaperRow): Html {
  return html`${paperLinks(paper).map(({ label, url }) => html`<a href="${url}" rel="noopener">${label}</a>`)}`;
}

export function paragraphs(text: string): Html {
  return html`${text
    .split(/\n{2,}/)
    .filter(Boolean)
    .map((part) => html`<p>${part}</p>`)}`;
}

function beginningOf(abstract: string): string {
  const space = abstract.lastIndexOf(" ", beginningLength);
  return `${abstract.slice(0, space > beginningLength / 2 ? space : beginningLength).toWellFormed()} …`;
}
