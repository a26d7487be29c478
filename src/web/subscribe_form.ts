import { html } from "hono/html";
import { weekdays } from "../subscribers/words.ts";
import { type Html, nothing } from "./page.ts";

export type FormValues = {
  email?: string;
  interests?: string;
  cadence?: string;
  weekday?: string | number;
  hour?: string | number;
  timezone?: string;
  trending?: boolean;
  limit?: string | number;
};

/** The fields that subscribing and changing preferences share, with what was typed and what is wrong with it. */
export function preferenceFields(values: FormValues, errors: Record<string, string>, guessZone: boolean): Html {
  const described = (name: string, hint?: string) => {
    const ids = [errors[name] ? `${name}-error` : "", hint ?? ""].filter(Boolean).join(" ");
    return html`${errors[name] ? html` aria-invalid="true"` : nothing}${ids ? html` aria-describedby="${ids}"` : nothing}`;
  };
  const error = (name: string) =>
    errors[name] ? html`<p class="error" id="${name}-error">${errors[name]}</p>` : nothing;
  const option = (value: string | number, words: string, chosen: unknown) =>
    html`<option value="${value}"${String(value) === String(chosen) ? html` selected` : nothing}>${words}</option>`;
  return html`
<label for="interests">Interests, one a line</label>
<textarea id="interests" name="interests" rows="5" spellcheck="false"${described("interests", "interests-hint")}>${values.interests ?? ""}</textarea>
${error("interests")}
<p class="hint" id="interests-hint">Such as <code>diffusion models</code>, <code>"chain of thought" -survey</code>, <code>rlhf OR "preference optimization"</code>, <code>author:"Yann LeCun"</code>, <code>cat:cs.CL quantiz*</code>. None: what others read.</p>
<fieldset><legend>When</legend>
<div class="pair">
<div><label for="cadence">How often</label><select id="cadence" name="cadence"${described("cadence")}>${option("daily", "Every day", values.cadence)}${option("weekdays", "Monday to Friday", values.cadence)}${option("weekly", "Once a week", values.cadence)}</select>${error("cadence")}</div>
<div><label for="weekday">Day, if weekly</label><select id="weekday" name="weekday"${described("weekday")}>${weekdays.map((name, index) => option(index + 1, name, values.weekday ?? 1))}</select>${error("weekday")}</div>
<div><label for="hour">Hour</label><select id="hour" name="hour"${described("hour")}>${Array.from({ length: 24 }, (_, hour) => option(hour, `${hour}:00`, values.hour ?? 8))}</select>${error("hour")}</div>
<div><label for="timezone">Time zone</label><input id="timezone" name="timezone" autocomplete="off" list="timezones" value="${values.timezone ?? "UTC"}"${guessZone ? html` data-guess` : nothing}${described("timezone")}>${error("timezone")}</div>
</div>
</fieldset>
<datalist id="timezones">${Intl.supportedValuesOf("timeZone").map((zone) => html`<option value="${zone}">`)}</datalist>
<label for="limit">Matching papers in a mail, at most</label>
<input id="limit" name="limit" type="number" min="1" max="50" value="${values.limit ?? 10}"${described("limit")}>${error("limit")}
<label class="check"><input type="checkbox" name="trending" value="on"${(values.trending ?? true) ? html` checked` : nothing}> Add a few papers that others read</label>`;
}

/** The subscribe form. It works without JavaScript. */
export function subscribeForm(values: FormValues = {}, errors: Record<string, string> = {}): Html {
  const failed = Object.keys(errors).length > 0;
  return html`<form method="post" action="/subscribe" novalidate>
${failed ? html`<p class="error" role="alert">Nothing was sent yet: please look at what is marked.</p>` : nothing}
<label for="email">Your address</label>
<input id="email" name="email" type="email" autocomplete="email" required value="${values.email ?? ""}"${errors.email ? html` aria-invalid="true" aria-describedby="email-error"` : nothing}>
${errors.email ? html`<p class="error" id="email-error">${errors.email}</p>` : nothing}
${preferenceFields(values, errors, !failed)}
<button type="submit">Send me papers</button>
<p class="hint">You get a mail with a link first. Every mail has one that ends them.</p>
</form>`;
}
