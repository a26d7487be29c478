import type { Context as HonoContext } from "hono";
import { html } from "hono/html";
import { readLearnt } from "../digests/learnt.ts";
import { readVotes } from "../digests/votes.ts";
import { texToUnicode } from "../papers/tex.ts";
import { counted, dayInWords } from "../papers/words.ts";
import { type InterestReport, listDigests, reportInterests } from "../subscribers/interest_report.ts";
import { readMuted } from "../subscribers/interests.ts";
import { type HeldPreferences, readPreferences } from "../subscribers/preferences.ts";
import type { Reader } from "../subscribers/unsubscribe.ts";
import { nextSlotsInWords } from "../subscribers/words.ts";
import { deriveToken } from "../token.ts";
import { addressField } from "./my_link.ts";
import { deadLink, type Html, nothing, page, type Web } from "./page.ts";
import { paperAddress } from "./paper_card.ts";
import type { Previewer } from "./preview.ts";
import {
  amountFields,
  enterButton,
  type FormValues,
  interestsField,
  previewSection,
  scheduleFields,
} from "./subscribe_form.ts";
import { tasteSection } from "./taste_section.ts";
import { type Why, whySection } from "./why_section.ts";

const digestsListed = 60;

type Shown = {
  /** What was typed and is not in force. */
  values?: FormValues;
  errors?: Record<string, string>;
  typed?: Record<string, string>;
  /** What the last button did. */
  done?: Html;
  why?: Why;
};

/** A reader's own page. */
export async function preferencesPage(c: HonoContext, web: Web, previewer: Previewer, reader: Reader, shown: Shown) {
  const held = await readPreferences(web.sql, reader.id);
  if (!held) return deadLink(c, web);
  const { values = held, errors = {}, typed = {}, done } = shown;
  const here = `/preferences/${deriveToken(web.config.secret, "preferences", reader.id, reader.moves)}`;
  const action = `${here}/preview`;
  const parts = shown.values
    ? await previewer.parts(values, undefined, action)
    : await previewer.quietParts(values, action);
  const next = shown.values ? parts.next : nextMails(web, held);
  return page(c, web, {
    title: "What you get",
    status: Object.keys(errors).length > 0 || shown.why?.problem ? 422 : 200,
    body: html`<h1 class="title">What you get</h1>
<p>For <b>${held.email}</b>.${held.status === "active" ? nothing : html` You get no mails at present: to get them again, <a href="/subscribe">subscribe anew</a>.`}</p>
${done ? html`<p class="done" role="status">${done}</p>` : nothing}
${errors.page ? html`<p class="error" role="alert">${errors.page}</p>` : nothing}
<div class="beside"><section aria-labelledby="choices"><h2 id="choices">Interests and times</h2>
<form method="post" action="${here}" id="subscribing" data-live novalidate>
${enterButton("Save")}
${interestsField(values, errors, parts.suggestions)}
${scheduleFields(values, errors, next)}
${amountFields(values, errors)}
<label class="check"><input type="checkbox" name="allIsWell" value="on"${values.allIsWell ? html` checked` : nothing}> Write to me when there is nothing, too: a short note of what was read</label>
<label class="check"><input type="checkbox" name="notes" value="on"${values.notes ? html` checked` : nothing}> Tell me in brief when a paper that I had has a new version, its code, or a hundred votes</label>
<button type="submit">Save</button><button class="plain" type="submit" formaction="${here}/preview" name="preview" value="1">Preview</button></form></section>
<aside>${previewSection(parts)}</aside></div>
<div class="sections">
${howInterestsDo(here, await reportInterests(web.sql, reader.id, web.clock()), await readMuted(web.sql, reader.id))}
${tasteSection(here, await readVotes(web.sql, reader.id), await readLearnt(web.sql, reader.id))}
${held.status === "active" ? pausing(here, web, held, errors.until, typed.until) : nothing}
${whySection(here, shown.why)}
${pastDigests(web, await listDigests(web.sql, reader.id, digestsListed))}
<section aria-labelledby="address"><h2 id="address">Another address</h2>
<form method="post" action="${here}/address" novalidate>${addressField("Send my papers to", typed.email ?? "", errors.email)}
<p class="hint">Its owner is asked first, and ${held.email} is told.</p><button class="plain" type="submit">Ask there</button></form></section>
<section aria-labelledby="held"><h2 id="held">What is held about you</h2>
<p><a href="${here}/data.json">Download everything</a> (JSON), or <a href="${here}/erase">erase everything</a>.</p></section>
<section aria-labelledby="end"><h2 id="end">No more mails</h2><p><a href="/unsubscribe/${deriveToken(web.config.secret, "unsubscribe", reader.id, reader.moves)}">Stop these mails</a></p></section>
</div>`,
  });
}

function nextMails({ clock }: Web, held: HeldPreferences): string {
  if (held.status !== "active") return "";
  return `The next three: ${nextSlotsInWords(held, clock(), held.lastDate ?? undefined).join("; ")}.`;
}

function howInterestsDo(here: string, reports: InterestReport[], muted: { canonical: string; typed: string }[]): Html {
  if (reports.length === 0 && muted.length === 0) return nothing;
  const most = Math.max(1, ...reports.map((it) => it.lastMonth ?? 0));
  return html`<section aria-labelledby="how"><h2 id="how">How your interests do</h2><ul class="rows">${reports.map(
    (it) => html`<li><div><p><code>${it.typed}</code></p>
<p class="details">${it.lastMonth === undefined ? "More papers than can be counted" : html`${shareBar(it.lastMonth / most)} ${counted(it.lastMonth, "paper")}`} in 30 days${it.also.length > 0 ? html`; looked for, too: ${it.also.join(", ")}` : nothing}</p>
${it.sent.length > 0 ? html`<ul class="sent">${it.sent.map((paper) => html`<li><a href="${paperAddress(paper)}">${texToUnicode(paper.title)}</a> <span class="details">${dayInWords(paper.date)}</span></li>`)}</ul>` : html`<p class="details">Nothing sent yet.</p>`}</div>
${rowButton(`${here}/mute`, String(it.id), "Mute", it.typed)}</li>`,
  )}${muted.map((it) => html`<li><p><code>${it.typed}</code> <span class="details">muted</span></p>${rowButton(`${here}/unmute`, it.canonical, "Look for it again", it.typed)}</li>`)}</ul></section>`;
}

function shareBar(share: number): Html {
  return html`<svg class="share" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width="${Math.round(100 * share)}" height="10"></rect></svg>`;
}

function rowButton(action: string, interest: string, words: string, typed: string): Html {
  return html`<form method="post" action="${action}"><input type="hidden" name="interest" value="${interest}"><button class="plain small" type="submit" aria-label="${words}: ${typed}">${words}</button></form>`;
}

function pausing(here: string, { clock }: Web, held: HeldPreferences, problem: string | undefined, typed = ""): Html {
  const today = clock().toZonedDateTimeISO(held.timezone).toPlainDate();
  const until = held.pausedUntil;
  const isPaused = until && Temporal.PlainDate.compare(until, today) > 0;
  return html`<section aria-labelledby="pause"><h2 id="pause">A pause</h2>
${isPaused ? html`<p>Paused until <b>${dayInWords(until)}</b>.</p><form method="post" action="${here}/resume"><button type="submit" class="plain">End the pause</button></form>` : nothing}
<form method="post" action="${here}/pause" novalidate><label for="until">No mails until</label>
<input id="until" name="until" type="date" min="${today.add({ days: 1 }).toString()}" max="${today.add({ years: 1 }).toString()}" value="${typed || (isPaused ? until.toString() : "")}"${problem ? html` aria-invalid="true" aria-describedby="until-error"` : nothing}>
${problem ? html`<p class="error" id="until-error" role="alert">${problem}</p>` : nothing}
<button class="plain" type="submit">${isPaused ? "Change it" : "Pause until then"}</button></form></section>`;
}

function pastDigests({ config }: Web, digests: Awaited<ReturnType<typeof listDigests>>): Html {
  if (digests.length === 0) return nothing;
  return html`<section aria-labelledby="past"><h2 id="past">Past digests</h2><ul class="rows">${digests.map(
    (it) =>
      html`<li><a href="/digests/${deriveToken(config.secret, "digest", it.id)}">No. ${it.number}, ${dayInWords(it.date)}</a> <span class="details">${counted(it.papers, "paper")}</span></li>`,
  )}</ul></section>`;
}
