import { Hono } from "hono";
import { html } from "hono/html";
import { FormError } from "../subscribers/preferences.ts";
import { subscribe } from "../subscribers/subscribe.ts";
import { notice, page, type Web } from "./page.ts";
import { readForm } from "./read_form.ts";
import { type FormValues, subscribeForm } from "./subscribe_form.ts";

/** `POST /subscribe`: the same answer whatever is known of the address. */
export function subscribing(web: Web): Hono {
  const app = new Hono();
  app.get("/subscribe", (c) =>
    page(c, web, {
      title: "Subscribe",
      body: html`<div class="column"><h1 class="title">Papers you care about, by mail</h1>${subscribeForm()}</div>`,
    }),
  );
  app.post("/subscribe", async (c) => {
    const form = await readForm(c);
    try {
      const { email } = await subscribe(web, form);
      return notice(c, web, {
        title: "Look into your mail",
        body: html`<p>A mail is on its way to <b>${email}</b>. Open the link in it and press the button, and your first papers come at once.</p>
<p>It comes within a minute or two. If it does not, look among the spam, or send the form again.</p>
${web.showsMailbox ? html`<p>This Paper Round keeps its mail to itself: <a href="/mailbox">open the mailbox</a>.</p>` : html``}`,
      });
    } catch (error) {
      if (!(error instanceof FormError)) throw error;
      const values = { ...form, trending: form.trending !== undefined } as FormValues;
      return page(c, web, {
        title: "Please look again",
        body: html`<div class="column"><h1 class="title">Papers you care about, by mail</h1>${subscribeForm(values, error.fields)}</div>`,
        status: 422,
      });
    }
  });
  return app;
}
