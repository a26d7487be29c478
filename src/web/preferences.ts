import { Hono } from "hono";
import { html } from "hono/html";
import { applyPreferences, FormError, parsePreferences, readPreferences } from "../subscribers/preferences.ts";
import { findReader } from "../subscribers/unsubscribe.ts";
import { scheduleInWords } from "../subscribers/words.ts";
import { deriveToken } from "../token.ts";
import { deadLink, page, type Web } from "./page.ts";
import { readForm } from "./read_form.ts";
import { type FormValues, preferenceFields } from "./subscribe_form.ts";

/** `/preferences/:token`: what a reader gets, to change. The link proves who they are. */
export function preferring(web: Web): Hono {
  const app = new Hono();
  app.get("/preferences/:token", async (c) => {
    const reader = await findReader(web, "preferences", c.req.param("token"));
    const values = reader && (await readPreferences(web.sql, reader.id));
    if (!reader || !values) return deadLink(c, web);
    return preferencesPage(c, web, {
      id: reader.id,
      email: reader.email,
      active: reader.status === "active",
      values,
      errors: {},
      done: undefined,
      status: 200,
    });
  });
  app.post("/preferences/:token", async (c) => {
    const reader = await findReader(web, "preferences", c.req.param("token"));
    if (!reader) return deadLink(c, web);
    const form = await readForm(c);
    try {
      const wanted = await parsePreferences(web.sql, form);
      await web.sql.begin((transaction) => applyPreferences(transaction, web.clock, reader.id, wanted));
      const done =
        reader.status === "active"
          ? `Saved. ${scheduleInWords(wanted)}`
          : "Saved, but you get no mails: subscribe again to get them.";
      return preferencesPage(c, web, {
        id: reader.id,
        email: reader.email,
        active: reader.status === "active",
        values: wanted,
        errors: {},
        done,
        status: 200,
      });
    } catch (error) {
      if (!(error instanceof FormError)) throw error;
      const values = { ...form, trending: form.trending !== undefined } as FormValues;
      return preferencesPage(c, web, {
        id: reader.id,
        email: reader.email,
        active: reader.status === "active",
        values,
        errors: error.fields,
        done: undefined,
        status: 422,
      });
    }
  });
  return app;
}

type Shown = {
  id: number;
  email: string;
  active: boolean;
  values: FormValues;
  errors: Record<string, string>;
  done: string | undefined;
  status: 200 | 422;
};

function preferencesPage(
  c: Parameters<typeof page>[0],
  web: Web,
  { id, email, active, values, errors, done, status }: Shown,
) {
  const stop = `/unsubscribe/${deriveToken(web.config.secret, "unsubscribe", id)}`;
  return page(c, web, {
    title: "What you get",
    status,
    body: html`<div class="column"><h1 class="title">What you get</h1>
${done ? html`<p role="status"><b>${done}</b></p>` : html`<p>For <b>${email}</b>.${active ? "" : " You get no mails at present: to get them again, subscribe anew."}</p>`}
<form method="post" novalidate>${preferenceFields(values, errors, false)}<button type="submit">Save</button></form>
<p><a href="${stop}">Stop these mails</a></p></div>`,
  });
}
