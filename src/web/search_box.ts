import { html } from "hono/html";
import type { Sql } from "../db.ts";
import { toExpressions } from "../interests/expression.ts";
import { type Interest, limits, parseInterest } from "../interests/language.ts";
import { mendsForNothing } from "../interests/mends.ts";
import { InterestError } from "../interests/tokens.ts";
import { type Found, mostCounted, mostRanked, unlessTooLong, withinBounds } from "../papers/search.ts";
import { counted } from "../papers/words.ts";
import { errorPlace } from "./error_place.ts";
import { type Html, nothing, type Web } from "./page.ts";
import type { NamedPeriod } from "./periods.ts";

/** What was typed into the search box, and what it means or what is wrong with it. */
export type SearchText = {
  typed: string;
  interest: Interest | undefined;
  tsquery: string | undefined;
  /** Other names that are looked for too. */
  also: string[];
  problem: string | undefined;
  error: InterestError | undefined;
};

export async function readSearchText(sql: Sql, q: string): Promise<SearchText> {
  const typed = q.replaceAll("\0", " ").toWellFormed().trim();
  const nothingAsked = {
    typed,
    interest: undefined,
    tsquery: undefined,
    also: [],
    problem: undefined,
    error: undefined,
  };
  if (!typed) return nothingAsked;
  try {
    const interest = parseInterest(typed.replace(/\s/g, " "));
    const [expression] = await toExpressions(sql, [interest]);
    if (!expression?.tsquery) return { ...nothingAsked, problem: "There is no word here to look for." };
    return { ...nothingAsked, interest, tsquery: expression.tsquery, also: expression.also };
  } catch (error) {
    if (!(error instanceof InterestError)) throw error;
    return { ...nothingAsked, problem: error.message, error };
  }
}

/** The search form. A period that is looked at stays. */
export function searchBox({ typed, problem, error, tsquery }: SearchText, period: NamedPeriod | undefined): Html {
  return html`<form class="search" method="get" action="/papers" role="search">
<div><label for="q">Search papers</label>
<input id="q" name="q" type="search" maxlength="${limits.characters}" value="${typed}" ${tsquery ? nothing : html` aria-describedby="${problem ? "q-error " : ""}q-hint"`}${problem ? html` aria-invalid="true"` : nothing}></div>
<button type="submit">Search</button>
${period ? html`<input type="hidden" name="${period.unit}" value="${period.name}">` : nothing}
</form>
${problem ? html`<p class="error" id="q-error" role="alert">${problem}</p>${error ? errorPlace(typed, error) : nothing}${error?.mend && error.mend.length <= limits.characters ? html`<p>Search for <a href="/papers?${new URLSearchParams({ q: error.mend })}">${error.mend.slice(0, 200)}</a> instead.</p>` : nothing}` : nothing}
${tsquery ? nothing : html`<p class="hint" id="q-hint">Such as <code>"chain of thought" -survey</code>, <code>rlhf OR dpo</code>, <code>author:"Yann LeCun"</code>, <code>cat:cs.CL quantiz*</code>.</p>`}`;
}

/** How many papers a search found, and what can be made of it: a subscription, a feed; or, where it found none, other searches. */
export async function searchOutcome(
  web: Web,
  text: SearchText,
  found: Found,
  period: NamedPeriod | undefined,
): Promise<Html> {
  if (!text.interest) return nothing;
  const total = found.total ?? 0;
  const isMore = total >= mostCounted || total === mostRanked;
  const query = new URLSearchParams({ q: text.typed });
  const when = period ? ` in ${period.words}` : "";
  return html`<p role="status">${total === 0 ? `No paper${when} has all of this.` : html`<b>${counted(total, "paper")}${isMore ? " or more" : ""}</b>${when}.`}
${text.also.length > 0 ? html` Looked for, too: ${text.also.join(", ")}.` : nothing}</p>
${total === 0 ? await otherSearches(web, text.interest, text.typed, period) : nothing}
<p class="offers"><a class="button" href="/subscribe?${new URLSearchParams({ interests: text.typed })}">Subscribe to this search</a> <a href="/feed.atom?${query}">Feed</a></p>`;
}

async function otherSearches(
  web: Web,
  interest: Interest,
  typed: string,
  searched: NamedPeriod | undefined,
): Promise<Html> {
  const today = web.clock().toZonedDateTimeISO("UTC").toPlainDate();
  const period = searched ?? { from: today.subtract({ years: 3 }), to: today };
  const mends = await unlessTooLong(
    withinBounds(web.sql, (sql) => mendsForNothing(sql, interest, period)),
    [],
  );
  const everywhere = searched
    ? html`<p><a href="/papers?${new URLSearchParams({ q: typed })}">Search all dates</a></p>`
    : nothing;
  if (mends.length === 0)
    return html`${everywhere}<p>Try fewer words, or look at <a href="/papers">what is trending</a>.</p>`;
  return html`${everywhere}<p>These would find something:</p><ul class="mends">${mends.map(
    (mend) =>
      html`<li><a href="/papers?${new URLSearchParams({ q: mend.typed })}">${mend.typed}</a> <span class="details">${mend.why}, ${counted(mend.lastMonth, "paper")}</span></li>`,
  )}</ul>`;
}
