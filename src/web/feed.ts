import { Hono } from "hono";
import { cors } from "hono/cors";
import { etag } from "hono/etag";
import { html, raw } from "hono/html";
import { UserError } from "../errors.ts";
import { type PaperRow, searchPapers } from "../papers/search.ts";
import { texToUnicode } from "../papers/tex.ts";
import { paperLinks } from "../papers/words.ts";
import type { Html, Web } from "./page.ts";
import { paperAddress } from "./paper_card.ts";
import { readSearchText } from "./search_box.ts";

const entries = 50;
const authorsNamed = 50;

/** `/feed.atom`: the papers that came in last, or those that an interest hits, as Atom (RFC 4287). */
export function feed(web: Web): Hono {
  const app = new Hono();
  app.get("/feed.atom", cors(), etag({ weak: true }), async (c) => {
    const { typed, tsquery, problem } = await readSearchText(web.sql, c.req.query("q") ?? "");
    if (problem) throw new UserError("invalid", `“${typed.slice(0, 200).toWellFormed()}”: ${problem}`, "q");
    const { papers } = await searchPapers(web.sql, { tsquery, sort: "seen", limit: entries });
    c.header("content-type", "application/atom+xml; charset=utf-8");
    c.header("cache-control", "public, max-age=300");
    return c.body(legal(String(await atom(web.config.baseUrl, typed, papers))));
  });
  return app;
}

function atom(baseUrl: string, typed: string, papers: PaperRow[]): Html {
  const query = typed ? `?${new URLSearchParams({ q: typed })}` : "";
  const newest = papers[0]?.first_seen_at ?? Temporal.Instant.fromEpochMilliseconds(0);
  return html`${raw('<?xml version="1.0" encoding="utf-8"?>')}
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
<id>${baseUrl}/feed.atom${query}</id>
<title>${typed ? `Paper Round: ${typed}` : "Paper Round: new papers"}</title>
<updated>${newest.toString()}</updated>
<author><name>Paper Round</name><uri>${baseUrl}/</uri></author>
<link rel="self" type="application/atom+xml" href="${baseUrl}/feed.atom${query}"/>
<link rel="alternate" type="text/html" href="${baseUrl}/papers${query}"/>
${papers.map((paper) => entry(baseUrl, paper))}</feed>
`;
}

function entry(baseUrl: string, paper: PaperRow): Html {
  const url = baseUrl + paperAddress(paper);
  const at = paper.first_seen_at.toString();
  return html`<entry>
<id>${url}</id>
<title>${texToUnicode(paper.title)}</title>
<published>${at}</published>
<updated>${at}</updated>
${paper.authors
  .filter((name) => name.trim())
  .slice(0, authorsNamed)
  .map((name) => html`<author><name>${name}</name></author>\n`)}<link rel="alternate" type="text/html" href="${url}"/>
${paperLinks(paper).map(({ label, url }) => html`<link rel="related" title="${label}" href="${url}"/>\n`)}${paper.categories.map((name) => html`<category term="${name}"/>\n`)}<summary>${texToUnicode(paper.abstract)}</summary>
</entry>
`;
}

/** Without the signs that XML 1.0 has no way to write. */
function legal(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  return text.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "");
}
