import { html } from "hono/html";
import { newestListingDate } from "../papers/search.ts";
import { type Asked, addressOf } from "./asked.ts";
import { type Html, nothing, type Web } from "./page.ts";
import { type NamedPeriod, periodOf, periodsAround, units } from "./periods.ts";

const unitWords = { date: "Day", week: "Week", month: "Month" } as const;

/** All dates, or the day, the week or the month that is looked at, or else the newest. */
export async function periodChoices(web: Web, asked: Asked): Promise<Html> {
  const today = todayOf(web);
  const { period } = asked;
  const isOver = period && Temporal.PlainDate.compare(period.to, today) < 0;
  const date = isOver ? period.to : ((await newestListingDate(web.sql, today)) ?? today);
  const link = (to: NamedPeriod | undefined, words: string) =>
    html`<a href="${addressOf(asked, { period: to })}"${to?.unit === period?.unit ? html` aria-current="true"` : nothing}>${words}</a>`;
  return html`<nav class="choices" aria-label="Time">${link(undefined, "All")}${units.map((unit) => link(periodOf(unit, date), unitWords[unit]))}</nav>`;
}

/** The ones before and after. */
export async function periodsBeside(web: Web, asked: Asked, period: NamedPeriod): Promise<Html> {
  const { before, after } = await periodsAround(web.sql, period, todayOf(web));
  return html`<nav class="choices beside-period" aria-label="Other dates">
${before ? html`<a rel="prev" href="${addressOf(asked, { period: before })}">← ${before.words}</a>` : html`<span></span>`}
${after ? html`<a rel="next" href="${addressOf(asked, { period: after })}">${after.words} →</a>` : html`<span></span>`}</nav>`;
}

function todayOf({ clock }: Web): Temporal.PlainDate {
  return clock().toZonedDateTimeISO("UTC").toPlainDate();
}
