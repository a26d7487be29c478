import { html } from "hono/html";
import type { Explanation } from "../interests/explain.ts";
import { texToUnicode } from "../papers/tex.ts";
import { type Html, nothing } from "./page.ts";

/** Of a paper. */
export const longestAddress = 200;

/** A paper that a reader asks about, as typed, and the answer. */
export type Why = { asked: string; explanation?: Explanation | undefined; problem?: string | undefined };

/** Why a paper was in the reader's mail, or was not: the form that asks, and the answer. */
export function whySection(here: string, why: Why | undefined): Html {
  const { asked = "", explanation, problem } = why ?? {};
  return html`<section aria-labelledby="why"><h2 id="why">Why a paper came, or did not</h2>
<form method="get" action="${here}/why#why" novalidate><label for="paper">The paper’s arXiv number, or its address</label>
<input id="paper" name="paper" value="${asked}" maxlength="${longestAddress}" autocomplete="off" spellcheck="false"${problem ? html` aria-invalid="true" aria-describedby="paper-error"` : nothing}>
${problem ? html`<p class="error" id="paper-error" role="alert">${problem}</p>` : nothing}
<button class="plain" type="submit">Explain</button></form>
${explanation ? answer(explanation) : nothing}</section>`;
}

function answer({ paper, decision, taste, interests }: Explanation): Html {
  return html`<div role="status"><p><b>${texToUnicode(paper)}</b></p><p>${decision}</p>
${taste ? html`<p>${taste}</p>` : nothing}
<ul class="rows">${interests.map(
    ({ typed, hit, why }) =>
      html`<li><div><p><code>${typed}</code> <span class="details">${hit ? "hits it" : "does not"}</span></p><p class="details">${why}</p></div></li>`,
  )}</ul></div>`;
}
