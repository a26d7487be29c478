import { html } from "hono/html";
import type { LearntFeatures, readLearnt } from "../digests/learnt.ts";
import type { Vote } from "../digests/votes.ts";
import { texToUnicode } from "../papers/tex.ts";
import { counted, dayInWords } from "../papers/words.ts";
import { type Html, nothing } from "./page.ts";
import { paperAddress } from "./paper_card.ts";

/** Votes that are seen before the others open. */
const votesShown = 5;

/** What was learnt from a reader's votes, and the votes, each to take back, on the reader's own page `here`. */
export function tasteSection(here: string, votes: Vote[], learnt: Awaited<ReturnType<typeof readLearnt>>): Html {
  return html`<section aria-labelledby="taste"><h2 id="taste">What your votes say</h2>
${learnt ? learntParts(learnt) : html`<p class="details">Nothing yet. Each paper in a mailed digest has <i>More like this</i> and <i>Less like this</i>: what you say there moves papers like it up or down.</p>`}
${votes.length === 0 ? nothing : votesParts(here, votes)}</section>`;
}

function learntParts({ liked, disliked }: { liked: LearntFeatures; disliked: LearntFeatures }): Html {
  return html`${learntLine("Higher", liked)}${learntLine("Lower", disliked)}
<p class="details">At most twice as high, or half. Only the order changes: what your interests ask for is never left out.</p>`;
}

function learntLine(words: string, { word, author, category }: LearntFeatures): Html {
  const parts = [listed("papers on", word), listed("by", author), listed("in", category)].filter(
    (part) => part !== nothing,
  );
  if (parts.length === 0) return nothing;
  return html`<p>${words}: ${parts.map((part, at) => html`${at > 0 ? "; " : ""}${part}`)}.</p>`;
}

function listed(words: string, names: string[]): Html {
  if (names.length === 0) return nothing;
  return html`${words} ${names.map((name, at) => html`${at > 0 ? ", " : ""}<b>${name}</b>`)}`;
}

function votesParts(here: string, votes: Vote[]): Html {
  const row = (vote: Vote) =>
    html`<li><div><p><a href="${paperAddress(vote)}">${texToUnicode(vote.title)}</a></p>
<p class="details">${vote.liked ? "More" : "Less"} like this, ${dayInWords(vote.votedAt.toZonedDateTimeISO("UTC").toPlainDate())}</p></div>
<form method="post" action="${here}/unvote"><input type="hidden" name="paper" value="${vote.paper}"><button class="plain small" type="submit" aria-label="Take it back: ${texToUnicode(vote.title)}">Take it back</button></form></li>`;
  const [first, rest] = [votes.slice(0, votesShown), votes.slice(votesShown)];
  return html`<ul class="rows">${first.map(row)}</ul>
${rest.length === 0 ? nothing : html`<details><summary>${counted(rest.length, "older vote")}</summary><ul class="rows">${rest.map(row)}</ul></details>`}
<form method="post" action="${here}/forget-votes"><button class="plain" type="submit">Forget all my votes</button></form>`;
}
