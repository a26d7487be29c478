import { Hono, type Context as HonoContext } from "hono";
import { html } from "hono/html";
import { type Ballot, findBallot, vote } from "../digests/votes.ts";
import { texToUnicode } from "../papers/tex.ts";
import { deadLink, type Html, nothing, notice, type Web } from "./page.ts";
import { paperAddress } from "./paper_card.ts";
import { readForm } from "./read_form.ts";

const wishes = {
  more: { liked: true, words: "More like this" },
  less: { liked: false, words: "Less like this" },
} as const;

/**
 * `/more/:token/:place` and `/less/:token/:place`: what a reader says of a paper in a digest. GET shows the button, POST acts. The
 * link may have been forwarded with the mail, so these pages tell nothing else about the reader.
 */
export function voting(web: Web): Hono {
  const app = new Hono();
  for (const wish of ["more", "less"] as const) {
    app.get(`/${wish}/:token/:place`, async (c) => {
      const ballot = await findBallot(web, c.req.param("token"), c.req.param("place"));
      if (!ballot) return deadLink(c, web);
      if (ballot.liked === wishes[wish].liked) return noted(c, web, ballot);
      return notice(c, web, {
        title: `${wishes[wish].words}?`,
        body: html`${about(ballot)}${ballot.liked === null ? nothing : html`<p>You asked for ${wordsOf(ballot.liked)} before; this takes its place.</p>`}
<form method="post"><button type="submit">${wishes[wish].words}</button></form>`,
      });
    });
    app.post(`/${wish}/:token/:place`, async (c) => {
      const ballot = await findBallot(web, c.req.param("token"), c.req.param("place"));
      if (!ballot) return deadLink(c, web);
      const liked = (await readForm(c)).take === "back" ? undefined : wishes[wish].liked;
      await vote(web, ballot, liked);
      return noted(c, web, { ...ballot, liked: liked ?? null });
    });
  }
  return app;
}

function noted(c: HonoContext, web: Web, ballot: Ballot) {
  const [, token, place] = c.req.path.match(/^\/\w+\/([^/]+)\/([^/]+)$/) ?? [];
  const outcome =
    ballot.liked === null
      ? html`<p>It is as if you had not voted on it.</p>`
      : html`<p>From your next digest on, papers like it come ${ballot.liked ? "higher" : "lower"}. Nothing that your interests ask for is left out because of it.</p>`;
  return notice(c, web, {
    title: ballot.liked === null ? "Taken back" : `Noted: ${wordsOf(ballot.liked)}`,
    body: html`${about(ballot)}${outcome}
${voteButtons(`${token}/${place}`, ballot.liked)}
<p>What was learnt from your votes stands on your own page: <i>Change what you get</i>, at the foot of each mail.</p>`,
  });
}

function about(ballot: Ballot): Html {
  return html`<p><a href="${paperAddress(ballot)}">${texToUnicode(ballot.title)}</a></p>`;
}

function wordsOf(liked: boolean): string {
  return liked ? "more like this" : "less like this";
}

/** The buttons below a vote that was noted: to change it, to take it back, or, once taken back, to vote again. */
function voteButtons(ballot: string, liked: boolean | null): Html {
  const [more, less] = [voteForm(`/more/${ballot}`, "More like this"), voteForm(`/less/${ballot}`, "Less like this")];
  if (liked === null) return html`<div class="votes">${more}${less}</div>`;
  const back = voteForm(`/${liked ? "more" : "less"}/${ballot}`, "Take it back", true);
  return html`<div class="votes">${back}${liked ? less : more}</div>`;
}

/** A button that takes a vote back says so in its form. */
function voteForm(action: string, words: string, back = false): Html {
  return html`<form method="post" action="${action}">${back ? html`<input type="hidden" name="take" value="back">` : nothing}<button class="plain small" type="submit">${words}</button></form>`;
}
