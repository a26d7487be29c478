import { Hono, type Context as HonoContext } from "hono";
import { html } from "hono/html";
import { FormError } from "../subscribers/preferences.ts";
import { subscribe } from "../subscribers/subscribe.ts";
import { nothing, notice, page, type Web } from "./page.ts";
import type { FormParts, Previewer } from "./preview.ts";
import { readForm } from "./read_form.ts";
import { type FormValues, formValues, previewSection, subscribeForm } from "./subscribe_form.ts";

const longestQuery = 60_000;

/** `/subscribe`: the form, which an address can fill in; and `POST`, whose answer is the same whatever is known of the address. */
export function subscribing(web: Web, previewer: Previewer): Hono {
  const app = new Hono();
  app.get("/subscribe", async (c) => {
    const interests = c.req.query("interests")?.replaceAll("\0", "").toWellFormed().slice(0, longestQuery);
    const values = interests ? { interests } : {};
    return subscribePage(c, web, { values, parts: await previewer.parts(values) });
  });
  app.post("/subscribe", async (c) => {
    const form = await readForm(c);
    try {
      const { email } = await subscribe(web, form);
      return notice(c, web, {
        title: "Look into your mail",
        body: html`<p>A mail is on its way to <b>${email}</b>. Open the link in it and press the button, and your first papers come at once.</p>
<p>It comes within a minute or two. If it does not, look among the spam, or send the form again.</p>
${web.showsMailbox ? html`<p>This Paper Round keeps its mail to itself: <a href="/mailbox">open the mailbox</a>.</p>` : nothing}`,
      });
    } catch (error) {
      if (!(error instanceof FormError)) throw error;
      const values = formValues(form);
      return subscribePage(c, web, { values, errors: error.fields, parts: await previewer.parts(values) });
    }
  });
  return app;
}

/** The form on a page of its own, with what it would bring beside it. */
export function subscribePage(
  c: HonoContext,
  web: Web,
  { values, errors = {}, parts }: { values: FormValues; errors?: Record<string, string>; parts: FormParts },
) {
  const failed = Object.keys(errors).length > 0;
  return page(c, web, {
    title: failed ? "Please look again" : "Subscribe",
    address: c.req.method === "GET" && !values.interests ? "/subscribe" : undefined,
    status: failed ? 422 : 200,
    body: html`<div class="beside"><div><h1 class="title">Papers you care about, by mail</h1>${subscribeForm(parts, values, errors)}</div>
<aside>${previewSection(parts)}</aside></div>`,
  });
}
