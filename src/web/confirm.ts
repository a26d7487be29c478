import { Hono } from "hono";
import { html } from "hono/html";
import { type Confirmation, confirm, readConfirmation } from "../subscribers/confirm.ts";
import { scheduleInWords } from "../subscribers/words.ts";
import { deadLink, type Html, notice, type Web } from "./page.ts";

/** `/confirm/:token`: GET shows the button, POST acts. */
export function confirming(web: Web): Hono {
  const app = new Hono();
  app.get("/confirm/:token", async (c) => {
    const confirmation = await readConfirmation(web, c.req.param("token"));
    if (!confirmation) return deadLink(c, web);
    if (confirmation.confirmed) return notice(c, web, { title: "This is done already", body: whatHolds(confirmation) });
    return notice(c, web, {
      title: confirmation.isChange ? "Change your digest?" : "One more click",
      body: html`${whatHolds(confirmation)}
<form method="post"><button type="submit">${confirmation.isChange ? "Change my digest" : "Send me papers"}</button></form>`,
    });
  });
  app.post("/confirm/:token", async (c) => {
    const confirmation = await confirm(web, c.req.param("token"));
    if (!confirmation) return deadLink(c, web);
    return notice(c, web, {
      title: confirmation.isChange ? "Your digest is changed" : "Your first papers are on their way",
      body: html`${whatHolds(confirmation)}
${web.showsMailbox ? html`<p><a href="/mailbox">Open the mailbox</a></p>` : html``}
<p><a href="/papers">Read papers meanwhile</a></p>`,
    });
  });
  return app;
}

function whatHolds({ email, preferences }: Confirmation): Html {
  const interests = preferences.interests.split(/\r?\n/).filter((line) => line.trim());
  return html`<p>To <b>${email}</b>: ${scheduleInWords(preferences)}</p>
<ul>${interests.length > 0 ? interests.map((line) => html`<li>${line}</li>`) : html`<li>what others read</li>`}</ul>`;
}
