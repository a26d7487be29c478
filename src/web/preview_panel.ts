import { html } from "hono/html";
import type { Piece } from "../interests/marks.ts";
import type { InterestPreview, Preview } from "../interests/preview.ts";
import { counted } from "../papers/words.ts";
import { bars } from "./bars.ts";
import { errorPlace } from "./error_place.ts";
import { type Html, nothing } from "./page.ts";
import { paperAddress } from "./paper_card.ts";
import { changeButton } from "./suggestions.ts";

const shownPapers = 5;

/** "14 papers last week would have matched": what a screen reader is told while somebody types. */
export function previewCount({ interests, errors, lastWeek, lastMonth }: Preview): string {
  const unread = errors.length > 0 ? ` ${counted(errors.length, "line")} can’t be read.` : "";
  if (interests.length === 0) return unread.trim();
  const week =
    lastWeek === 0
      ? "No paper last week would have matched"
      : `${counted(lastWeek, "paper")} last week would have matched`;
  return `${week}, ${lastMonth.toLocaleString("en")} in the last 30 days.${unread}`;
}

/** What interests would have brought, why, and what could be mended about them. */
export function previewPanel(preview: Preview, action: string): Html {
  const { interests, errors, days } = preview;
  return html`${interests.length > 0 ? bars(days) : nothing}
${errors.map(
  (
    error,
  ) => html`<div class="trouble"><p><b>Line ${error.line + 1}:</b> ${error.message}</p>${errorPlace(error.typed, error)}
${error.mend && error.mend.length <= 1000 ? html`<p>${changeButton(action, error.typed, error.mend, html`${error.mend}`)}</p>` : nothing}</div>`,
)}
${interests.length > 1 || interests.some((it) => it.trouble || it.cutShort || it.also.length > 0) ? html`<ul class="tried">${interests.map((it) => tried(it, preview.papers, action))}</ul>` : nothing}
${bestPapers(interests)}`;
}

function tried(interest: InterestPreview, papers: number, action: string): Html {
  const { typed, lastWeek, lastMonth, also, trouble, mends, cutShort } = interest;
  return html`<li><p><code>${typed}</code> <span class="details">${lastWeek.toLocaleString("en")} last week, ${lastMonth.toLocaleString("en")} in 30 days</span></p>
${also.length > 0 ? html`<p class="details">Looked for, too: ${also.join(", ")}</p>` : nothing}
${trouble === "broad" ? html`<p class="warning">That is ${Math.round((100 * lastMonth) / Math.max(1, papers))} of 100 papers: too many to read.${mends.length > 0 ? " Narrower:" : " Add a word, or make a phrase of it."}</p>` : nothing}
${trouble === "nothing" ? html`<p class="warning">${mends.length > 0 ? "It found nothing in 30 days. These would have:" : "It found nothing in 30 days. It may still find something new."}</p>` : nothing}
${cutShort ? html`<p class="details">It was counted, but to look further took too long: try it with fewer lines, or a rarer word.</p>` : nothing}
${mends.length > 0 ? html`<p class="chips">${mends.map((mend) => changeButton(action, typed, mend.typed, html`<b>${mend.typed}</b> ${mend.why}, ${mend.lastMonth.toLocaleString("en")} in 30 days`))}</p>` : nothing}</li>`;
}

/** The best of each interest in turn, with why they hit. */
function bestPapers(interests: InterestPreview[]): Html {
  const found = new Map<string, { title: Piece[]; excerpt: Piece[]; typed: string }>();
  for (let place = 0; place < shownPapers; place++)
    for (const { best, typed } of interests) {
      const paper = best[place];
      if (paper && !found.has(paper.slug)) found.set(paper.slug, { ...paper, typed });
    }
  if (found.size === 0) return nothing;
  return html`<p class="label">The best of them</p><ol class="best">${[...found]
    .slice(0, shownPapers)
    .map(
      ([slug, { title, excerpt, typed }]) =>
        html`<li><a href="${paperAddress({ slug })}">${marked(title)}</a><p class="details">${marked(excerpt)}${interests.length > 1 ? html` For <i>${typed}</i>.` : nothing}</p></li>`,
    )}</ol>`;
}

export function marked(pieces: Piece[]): Html {
  return html`${pieces.map((piece) => (piece.hit ? html`<mark>${piece.text}</mark>` : piece.text))}`;
}
