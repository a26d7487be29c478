import { Hono } from "hono";
import { html, raw } from "hono/html";
import type { Sql } from "../db.ts";
import type { Html, Web } from "./page.ts";
import { paperAddress } from "./paper_card.ts";

/** The most that a sitemap may list (sitemaps.org). */
const mostAddresses = 50_000;
const xml = { "content-type": "application/xml; charset=utf-8", "cache-control": "public, max-age=3600" };

/** `/robots.txt`, and a sitemap for each month that it leads to. What belongs to one reader is not for search engines. */
export function robots(web: Web): Hono {
  const app = new Hono();
  const { baseUrl } = web.config;
  const own = [
    "confirm",
    "preferences/",
    "unsubscribe",
    "resubscribe",
    "fewer",
    "address",
    "digests",
    "mailbox",
    "preview",
  ];
  app.get("/robots.txt", (c) =>
    c.text(`User-agent: *\n${own.map((path) => `Disallow: /${path}\n`).join("")}\nSitemap: ${baseUrl}/sitemap.xml\n`),
  );
  app.get("/sitemap.xml", async (c) => {
    const months = await monthsWithPapers(web.sql);
    const maps = months.map((month) => html`<sitemap><loc>${baseUrl}/sitemap/${month}.xml</loc></sitemap>\n`);
    return c.body(String(await document("sitemapindex", maps)), 200, xml);
  });
  app.get("/sitemap/:file{\\d{4}-(?:0[1-9]|1[0-2])\\.xml}", async (c) => {
    const rows = await papersOfMonth(web.sql, c.req.param("file").slice(0, 7));
    if (rows.length === 0) return c.notFound();
    const addresses = rows.map(
      ({ slug, changed }) =>
        html`<url><loc>${baseUrl}${paperAddress({ slug })}</loc><lastmod>${changed.toString()}</lastmod></url>\n`,
    );
    return c.body(String(await document("urlset", addresses)), 200, xml);
  });
  return app;
}

function document(element: string, content: Html[]): Html {
  return html`${raw('<?xml version="1.0" encoding="UTF-8"?>')}\n<${raw(element)} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n${content}</${raw(element)}>\n`;
}

/** From month to month by the index: papers are many, months few. */
async function monthsWithPapers(sql: Sql): Promise<string[]> {
  const rows = await sql<{ month: string }[]>`
    with recursive months as (
      select date_trunc('month', max(day)::timestamp)::date as month from papers
      union all
      select (select date_trunc('month', max(day)::timestamp)::date from papers where day < months.month) from months where month is not null
    )
    select to_char(month, 'YYYY-MM') as month from months where month is not null limit 5000`;
  return rows.map((row) => row.month);
}

function papersOfMonth(sql: Sql, month: string): Promise<{ slug: string; changed: Temporal.PlainDate }[]> {
  const from = Temporal.PlainYearMonth.from(month).toPlainDate({ day: 1 });
  return sql<{ slug: string; changed: Temporal.PlainDate }[]>`
    select slug, (changed_at at time zone 'UTC')::date as changed from papers
    where day >= ${from} and day < ${from.add({ months: 1 })} order by day desc, id desc limit ${mostAddresses}`;
}
