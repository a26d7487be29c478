import { Hono } from "hono";
import { html } from "hono/html";
import type { Context } from "../context.ts";
import { newestListingDate, searchPapers } from "../papers/search.ts";
import { counted, dateInWords } from "../papers/words.ts";
import { page, type Web } from "./page.ts";
import { paperCards } from "./paper_card.ts";
import type { Previewer } from "./preview.ts";
import { previewSection, subscribeForm } from "./subscribe_form.ts";

const papersShown = 25;

/** `/`: today's papers, and the form beside them. */
export function home(web: Web, previewer: Previewer): Hono {
  const app = new Hono();
  app.get("/", async (c) => {
    const { papers, strap, date } = await todaysPapers(web);
    const parts = await previewer.parts({});
    return page(c, web, {
      title: "Paper Round",
      strap,
      address: "/",
      body: html`<div class="beside">
<section class="papers" aria-labelledby="today"><h1 class="title" id="today">Today’s papers</h1>
<p class="lead">New research papers, and a mail with those that match what you care about. <a href="#subscribe">Subscribe</a></p>
${papers.length > 0 ? await paperCards(web.sql, papers) : html`<p>No papers yet. They are read from Hugging Face and arXiv and appear here by themselves.</p>`}
<p class="pages"><a href="${date ? `/papers?date=${date}` : "/papers"}">All of today’s papers</a><a href="/papers">Trending papers</a></p>
</section>
<aside aria-labelledby="subscribe"><h2 id="subscribe">Papers you care about, by mail</h2>${subscribeForm(parts)}${previewSection(parts)}</aside></div>`,
    });
  });
  return app;
}

async function todaysPapers({ sql, clock }: Context) {
  const today = clock().toZonedDateTimeISO("UTC").toPlainDate();
  const date = await newestListingDate(sql, today);
  const period = date && { from: date, to: date };
  const { papers, total } = await searchPapers(sql, { period, sort: "trending", limit: papersShown });
  const number = await editionNumber({ sql }, today);
  return {
    papers,
    date,
    strap: `${dateInWords(date ?? today)}, No. ${number}, ${counted(total ?? papers.length, "paper")}`,
  };
}

/** Days since the first paper was read. */
async function editionNumber({ sql }: Pick<Context, "sql">, today: Temporal.PlainDate): Promise<number> {
  const [row] = await sql<{ first: Temporal.Instant | null }[]>`select min(first_seen_at) as first from papers`;
  const first = row?.first?.toZonedDateTimeISO("UTC").toPlainDate();
  return first ? Math.max(1, first.until(today, { largestUnit: "days" }).days + 1) : 1;
}
