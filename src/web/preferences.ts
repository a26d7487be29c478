import { Hono, type Context as HonoContext } from "hono";
import { html } from "hono/html";
import { forgetVotes, vote } from "../digests/votes.ts";
import { UserError } from "../errors.ts";
import { explainFor, voices } from "../interests/explain.ts";
import { dayInWords } from "../papers/words.ts";
import { requestAddressChange } from "../subscribers/change_address.ts";
import { muteInterest, unmuteInterest } from "../subscribers/interests.ts";
import { pause, resume } from "../subscribers/pause.ts";
import { applyPreferences, FormError, parsePreferences, readPreferences } from "../subscribers/preferences.ts";
import { findReader, type Reader } from "../subscribers/unsubscribe.ts";
import { scheduleInWords } from "../subscribers/words.ts";
import { deadLink, type Html, type Web } from "./page.ts";
import { preferencesPage } from "./preferences_page.ts";
import type { Previewer } from "./preview.ts";
import { readForm } from "./read_form.ts";
import { formValues } from "./subscribe_form.ts";
import { applyChange } from "./suggestions.ts";
import { longestAddress } from "./why_section.ts";

/** `/preferences/:token`: what a reader gets, to change. The link proves who they are. Each change says what it did. */
export function preferring(web: Web, previewer: Previewer): Hono {
  const app = new Hono();
  const show = (c: HonoContext, reader: Reader, shown: Parameters<typeof preferencesPage>[4] = {}) =>
    preferencesPage(c, web, previewer, reader, shown);

  app.get("/preferences/:token", async (c) => {
    const reader = await findReader(web, "preferences", c.req.param("token"));
    return reader ? show(c, reader) : deadLink(c, web);
  });

  app.post("/preferences/:token", async (c) => {
    const reader = await findReader(web, "preferences", c.req.param("token"));
    if (!reader) return deadLink(c, web);
    const form = await readForm(c);
    try {
      const before = await readPreferences(web.sql, reader.id);
      const wanted = await parsePreferences(web.sql, { allIsWell: "off", notes: "off", ...form });
      await web.sql.begin((transaction) => applyPreferences(transaction, web.clock, reader.id, wanted));
      const outcome =
        reader.status === "active" ? scheduleInWords(wanted) : "But you get no mails: subscribe again to get them.";
      return show(c, reader, {
        done: html`Saved. ${outcome}${interestsChanged(before?.interests ?? "", wanted.interests)}`,
      });
    } catch (error) {
      if (!(error instanceof FormError)) throw error;
      return show(c, reader, { values: formValues(form), errors: error.fields });
    }
  });

  app.post("/preferences/:token/preview", async (c) => {
    const reader = await findReader(web, "preferences", c.req.param("token"));
    if (!reader) return deadLink(c, web);
    const form = await readForm(c);
    const values = formValues({ ...form, interests: applyChange(form.interests ?? "", form.change ?? "") });
    return show(c, reader, { values, done: html`Nothing is saved yet.` });
  });

  app.get("/preferences/:token/why", async (c) => {
    const reader = await findReader(web, "preferences", c.req.param("token"));
    if (!reader) return deadLink(c, web);
    const asked = (c.req.query("paper") ?? "").replaceAll("\0", "").toWellFormed().slice(0, longestAddress);
    if (!asked.trim()) return show(c, reader);
    try {
      return await show(c, reader, {
        why: { asked, explanation: await explainFor(web.sql, reader, asked, voices.toReader) },
      });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return show(c, reader, { why: { asked, problem: error.message } });
    }
  });

  /** What one button of the page does. Its answer says what it did; a `UserError` stands at its field. */
  const button = (path: string, act: (reader: Reader, form: Record<string, string>) => Promise<Html>) =>
    app.post(`/preferences/:token/${path}`, async (c) => {
      const reader = await findReader(web, "preferences", c.req.param("token") ?? "");
      if (!reader) return deadLink(c, web);
      const form = await readForm(c);
      try {
        return await show(c, reader, { done: await act(reader, form) });
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        return show(c, reader, { errors: { [error.field ?? "page"]: error.message }, typed: form });
      }
    });

  button("mute", async (reader, { interest }) => {
    const id = /^\d{1,15}$/.test(interest ?? "") ? Number(interest) : 0;
    const typed = await muteInterest(web.sql, web.clock, reader.id, id);
    return typed
      ? html`Muted: <i>${typed}</i> is in no mail until you say so.`
      : html`That interest is not among yours any more.`;
  });
  button("unmute", async (reader, { interest = "" }) => {
    const typed = await unmuteInterest(web.sql, web.clock, reader.id, interest);
    return typed
      ? html`<i>${typed}</i> is looked for again, from a week ago on.`
      : html`That interest is not muted any more.`;
  });
  button("pause", async (reader, { until = "" }) => {
    const day = await pause(web, reader.id, until);
    return html`Paused. The next mail comes on or after ${dayInWords(day)}, with the best of what came meanwhile.`;
  });
  button("resume", async (reader) => {
    await resume(web, reader.id);
    return html`No longer paused.`;
  });
  button("unvote", async (reader, { paper = "" }) => {
    if (/^\d{1,15}$/.test(paper)) await vote(web, { subscriberId: reader.id, paper: Number(paper) }, undefined);
    return html`Taken back: it is as if you had not voted on that paper.`;
  });
  button("forget-votes", async (reader) => {
    await forgetVotes(web.sql, reader.id);
    return html`All your votes are forgotten, and what was learnt from them.`;
  });
  button("address", async (reader, { email = "" }) => {
    const asked = await requestAddressChange(web, reader.id, email);
    return html`A mail is on its way to <b>${asked}</b>. Your papers go there when its button is pressed; until then they come to <b>${reader.email}</b>.`;
  });
  return app;
}

function interestsChanged(before: string, after: string): Html {
  const lines = (text: string) =>
    text
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter(Boolean);
  const [old, now] = [lines(before), lines(after)];
  const added = now.filter((line) => !old.includes(line));
  const gone = old.filter((line) => !now.includes(line));
  const list = (some: string[]) => html`${some.map((line, at) => html`${at > 0 ? ", " : ""}<i>${line}</i>`)}`;
  return html`${added.length > 0 ? html` New: ${list(added)}.` : ""}${gone.length > 0 ? html` Gone: ${list(gone)}.` : ""}`;
}
