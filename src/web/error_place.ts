import { html } from "hono/html";
import type { Html } from "./page.ts";

const before = 60;
const longest = 80;

/** What was typed, or the part around the fault of a long line, with the fault marked. */
export function errorPlace(typed: string, { position, length }: { position: number; length: number }): Html {
  const from = Math.max(0, position - before);
  const end = Math.min(position + Math.max(length, 1), position + longest);
  const to = Math.min(typed.length, end + before);
  const cut = (start: number, stop: number) => typed.slice(start, stop).toWellFormed();
  return html`<p class="place"><code>${from > 0 ? "…" : ""}${cut(from, position)}<mark>${cut(position, end) || "␣"}</mark>${cut(end, to)}${to < typed.length ? "…" : ""}</code></p>`;
}
