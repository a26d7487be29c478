import { Hono } from "hono";
import { html } from "hono/html";
import { applyPreferences, FormError, parsePreferences, readPreferences } from "../subscribers/preferences.ts";
import { findReader, type Reader } from "../subscribers/unsubscribe.ts";
import { scheduleInWords } from "../subscribers/words.ts";
import { deriveToken } from "../token.ts";
import { deadLink, nothing, page, type Web } from "./page.ts";
import { readForm } from "./read_form.ts";
import { amountFields, type FormValues, formValues, interestsField, scheduleFields } from "./subscribe_form.ts";

/** `/preferences/:token`: what a reader gets, to change. The link proves who they are. */
export function preferring(web: Web): Hono {
  const app = new Hono();
  app.get("/preferences/:token", async (c) => {
    const reader = await findReader(web, "preferences", c.req.param("token"));
    const values = reader && (await readPreferences(web.sql, reader.id));
    if (!reader || !values) return deadLink(c, web);
    return preferencesPage(c, web, reader, { values });
  });
  app.post("/preferences/:token", async (c) => {
    const reader = await findReader(web, "preferences", c.req.param("token"));
    if (!reader) return deadLink(c, web);
    const form = await readForm(c);
    try {
      const wanted = await parsePreferences(web.sql, form);
      await web.sql.begin((transaction) => applyPreferences(transaction, web.clock, reader.id, wanted));
      const outcome =
        reader.status === "active" ? scheduleInWords(wanted) : "But you get no mails: subscribe again to get them.";
      return preferencesPage(c, web, reader, { values: wanted, done: `Saved. ${outcome}` });
    } catch (error) {
      if (!(error instanceof FormError)) throw error;
      const values = formValues(form);
      return preferencesPage(c, web, reader, { values, errors: error.fields });
    }
  });
  return app;
}

type Shown = { values: FormValues; errors?: Record<string, string>; done?: string };

function preferencesPage(
  c: Parameters<typeof page>[0],
  web: Web,
  reader: Reader,
  { values, errors = {}, done }: Shown,
) {
  const stop = `/unsubscribe/${deriveToken(web.config.secret, "unsubscribe", reader.id)}`;
  const idle = reader.status === "active" ? "" : " You get no mails at present: to get them again, subscribe anew.";
  return page(c, web, {
    title: "What you get",
    status: Object.keys(errors).length > 0 ? 422 : 200,
    body: html`<div class="column"><h1 class="title">What you get</h1>
${done ? html`<p role="status"><b>${done}</b></p>` : html`<p>For <b>${reader.email}</b>.${idle}</p>`}
<form method="post" novalidate>${interestsField(values, errors, nothing)}${scheduleFields(values, errors, "")}${amountFields(values, errors)}<button type="submit">Save</button></form>
<p><a href="${stop}">Stop these mails</a></p></div>`,
  });
}
