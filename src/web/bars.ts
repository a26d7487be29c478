import { html } from "hono/html";
import type { Day } from "../interests/hits_by_day.ts";
import { counted, dayInWords } from "../papers/words.ts";
import { type Html, nothing } from "./page.ts";

const height = 40;
const step = 10;

/** Hits for each day as small bars, with the same in words. */
export function bars(days: Day[]): Html {
  const [first, last] = [days[0], days.at(-1)];
  if (!first || !last) return nothing;
  const most = Math.max(...days.map((day) => day.hits));
  const total = days.reduce((sum, day) => sum + day.hits, 0);
  const words = `${counted(total, "paper")} in ${days.length} days, at most ${most} on one day`;
  return html`<figure class="bars"><svg viewBox="0 0 ${days.length * step} ${height}" preserveAspectRatio="none" role="img" aria-label="${words}">${days.map(
    ({ date, hits }, at) => {
      const tall = hits > 0 ? Math.max(2, Math.round((hits / most) * height)) : 0.5;
      return html`<rect x="${at * step + 1}" y="${height - tall}" width="${step - 2}" height="${tall}"><title>${shortDay(date)}: ${hits}</title></rect>`;
    },
  )}</svg><figcaption><span>${shortDay(first.date)}</span><span>at most ${most} a day</span><span>${shortDay(last.date)}</span></figcaption></figure>`;
}

/** "20 Nov". */
function shortDay(date: Temporal.PlainDate): string {
  return dayInWords(date).replace(/(?<= \p{L}{3})\p{L}* \d+$/u, "");
}
