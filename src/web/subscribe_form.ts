import { html, raw } from "hono/html";
import { scheduleInWords, weekdays } from "../subscribers/words.ts";
import { type Html, nothing } from "./page.ts";
import type { FormParts } from "./preview.ts";

export type FormValues = {
  email?: string;
  interests?: string;
  cadence?: string;
  weekday?: string | number;
  hour?: string | number;
  timezone?: string;
  trending?: boolean;
  limit?: string | number;
  allIsWell?: boolean | undefined;
  notes?: boolean | undefined;
};

type Errors = Record<string, string>;

/** What a form was sent with, to be shown again. A box that is not ticked is not sent. */
export function formValues(form: Record<string, string>): FormValues {
  const isTicked = (name: string) => form[name] !== undefined;
  return {
    ...form,
    trending: isTicked("trending"),
    allIsWell: isTicked("allIsWell"),
    notes: isTicked("notes"),
  } as FormValues;
}

function described(name: string, errors: Errors, ...hints: string[]): Html {
  const ids = [errors[name] ? `${name}-error` : "", ...hints].filter(Boolean).join(" ");
  return html`${errors[name] ? html` aria-invalid="true"` : nothing}${ids ? html` aria-describedby="${ids}"` : nothing}`;
}

function errorOf(name: string, errors: Errors): Html {
  return errors[name] ? html`<p class="error" id="${name}-error">${errors[name]}</p>` : nothing;
}

/** The lines of interests, with what could be added. */
export function interestsField(values: FormValues, errors: Errors, suggested: Html): Html {
  return html`<label for="interests">Interests, one a line</label>
<textarea id="interests" name="interests" rows="5" spellcheck="false" autocapitalize="off"${described("interests", errors, "interests-hint")}>
${values.interests ?? ""}</textarea>
${errorOf("interests", errors)}
<p class="hint" id="interests-hint">Such as <code>diffusion models</code>, <code>"chain of thought" -survey</code>, <code>rlhf OR dpo</code>, <code>author:"Yann LeCun"</code>, <code>cat:cs.CL quantiz*</code>.</p>
<div id="suggested" class="chips" role="group" aria-label="Suggestions">${suggested}</div>`;
}

const zones = raw(
  Intl.supportedValuesOf("timeZone")
    .map((zone) => `<option value="${zone}">`)
    .join(""),
);

/** When the mails come. */
export function scheduleFields(values: FormValues, errors: Errors, next: string): Html {
  const option = (value: string | number, words: string, chosen: unknown) =>
    html`<option value="${value}"${String(value) === String(chosen) ? html` selected` : nothing}>${words}</option>`;
  return html`<div class="pair">
<div><label for="cadence">How often</label><select id="cadence" name="cadence"${described("cadence", errors)}>${option("daily", "Every day", values.cadence)}${option("weekdays", "Monday to Friday", values.cadence)}${option("weekly", "Once a week", values.cadence)}</select>${errorOf("cadence", errors)}</div>
<div><label for="weekday">Day, if weekly</label><select id="weekday" name="weekday"${described("weekday", errors)}>${weekdays.map((name, index) => option(index + 1, name, values.weekday ?? 1))}</select>${errorOf("weekday", errors)}</div>
<div><label for="hour">Hour</label><select id="hour" name="hour"${described("hour", errors)}>${Array.from({ length: 24 }, (_, hour) => option(hour, `${hour}:00`, values.hour ?? 8))}</select>${errorOf("hour", errors)}</div>
<div><label for="timezone">Time zone</label><input id="timezone" name="timezone" autocomplete="off" list="timezones" value="${values.timezone ?? "UTC"}"${values.timezone === undefined ? html` data-guess` : nothing}${described("timezone", errors)}>${errorOf("timezone", errors)}</div>
</div>
<datalist id="timezones">${zones}</datalist>
<p class="hint" id="next-mails">${next}</p>`;
}

/** How much is in a mail. */
export function amountFields(values: FormValues, errors: Errors): Html {
  return html`<label for="limit">Matching papers in a mail, at most</label>
<input id="limit" name="limit" type="number" min="1" max="50" value="${values.limit ?? 10}"${described("limit", errors)}>${errorOf("limit", errors)}
<label class="check"><input type="checkbox" name="trending" value="on"${(values.trending ?? true) ? html` checked` : nothing}> Add a few papers that others read</label>`;
}

/** The subscribe form. It works without script; with it, what is typed is tried at once. */
export function subscribeForm(parts: FormParts, values: FormValues = {}, errors: Errors = {}): Html {
  const failed = Object.keys(errors).length > 0;
  const { email, interests, ...further } = errors;
  return html`<form method="post" action="/subscribe" id="subscribing" data-live novalidate>
${enterButton("Send me papers")}
${failed ? html`<p class="error" role="alert" data-failed>Nothing was sent yet: please look at what is marked.</p>` : nothing}
<label for="email">Your address</label>
<input id="email" name="email" type="email" autocomplete="email" required value="${values.email ?? ""}"${described("email", errors)}>
${errorOf("email", errors)}
${interestsField(values, errors, parts.suggestions)}
<details class="more"${Object.keys(further).length > 0 ? html` open` : nothing}><summary><span class="is-closed" data-schedule>${inShort(values)}</span><span class="is-open">When, and how much</span></summary>
${scheduleFields(values, errors, parts.next)}
${amountFields(values, errors)}</details>
<button type="submit">Send me papers</button><button class="plain" type="submit" formaction="/preview" name="preview" value="1">Preview</button>
<p class="hint">You get a mail with a link first. Every mail has one that ends them.</p>
</form>`;
}

/** What the Enter key presses: without it, that would be the first suggestion. */
export function enterButton(words: string): Html {
  return html`<button class="skip" type="submit" tabindex="-1" aria-hidden="true">${words}</button>`;
}

function inShort({ cadence = "daily", weekday = 1, hour = 8, timezone = "UTC" }: FormValues): string {
  const isKnown = cadence === "daily" || cadence === "weekdays" || cadence === "weekly";
  if (!isKnown) return "When, and how much";
  return scheduleInWords({ cadence, weekday: Number(weekday), hour: Number(hour), timezone }).replace(/\.$/, "");
}

/** What the form would bring, beside or under it. */
export function previewSection({ count, panel }: FormParts): Html {
  return html`<section class="preview" aria-label="What this would bring"><p id="preview-count" role="status">${count}</p><div id="preview-panel">${panel}</div></section>`;
}
