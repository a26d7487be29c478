import { Hono, type Context as HonoContext } from "hono";
import { html } from "hono/html";
import { UserError } from "../errors.ts";
import { requestLink } from "../subscribers/privacy.ts";
import { type Html, nothing, notice, page, type Web } from "./page.ts";
import { readForm } from "./read_form.ts";

/** `/preferences`: asks for the link to one's own page. The answer is the same whatever is known of the address. */
export function linking(web: Web): Hono {
  const app = new Hono();
  app.get("/preferences", (c) => linkPage(c, web, {}));
  app.post("/preferences", async (c) => {
    const { email = "" } = await readForm(c);
    try {
      const asked = await requestLink(web, email);
      return notice(c, web, {
        title: "Look into your mail",
        body: html`<p>If Paper Round knows <b>${asked}</b>, a mail with the link to its preferences is on its way. It comes within a minute or two.</p>
<p>Nothing comes? Then nobody reads at that address yet: <a href="/subscribe">subscribe</a>.</p>
${web.showsMailbox ? html`<p>This Paper Round keeps its mail to itself: <a href="/mailbox">open the mailbox</a>.</p>` : nothing}`,
      });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return linkPage(c, web, { email, problem: error.message });
    }
  });
  return app;
}

function linkPage(c: HonoContext, web: Web, { email = "", problem }: { email?: string; problem?: string }) {
  return page(c, web, {
    title: "Change what I get",
    address: problem ? undefined : "/preferences",
    status: problem ? 422 : 200,
    body: html`<div class="column"><h1 class="title">Change what I get</h1>
<p>Every mail has a link to your preferences. Here you can ask for it: there is no account and no password.</p>
<form method="post" novalidate>${addressField("Your address", email, problem)}
<button type="submit">Send me my link</button></form></div>`,
  });
}

/** A field for an address, with what is wrong with it. */
export function addressField(label: string, email: string, problem: string | undefined): Html {
  return html`<label for="email">${label}</label>
<input id="email" name="email" type="email" autocomplete="email" required value="${email}"${problem ? html` aria-invalid="true" aria-describedby="email-error"` : nothing}>
${problem ? html`<p class="error" id="email-error" role="alert">${problem}</p>` : nothing}`;
}
