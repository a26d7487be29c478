import type { Context as HonoContext } from "hono";
import { html, raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import type { Context } from "../context.ts";
import { iconPath, scriptPath, stylePath } from "./assets.ts";

/** Markup whose values are escaped. Only `hono/html` makes it. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

export type Web = Context & { showsMailbox: boolean };

export const nothing = raw("");

type Page = {
  title: string;
  body: Html;
  /** The line under the name. */
  strap?: string | undefined;
  description?: string | undefined;
  status?: 200 | 400 | 403 | 404 | 405 | 409 | 413 | 422 | 500 | 503 | undefined;
  /** The page's one address, from the root, for search engines and shares. A page without is nobody's but its reader's. */
  address?: string | undefined;
  feed?: { address: string; title: string } | undefined;
  /** What else stands in the head. */
  head?: Html | undefined;
};

const siteName = "Paper Round";
const siteDescription = "New research papers that match what you care about, by mail and on the web.";

/** Answers a whole page in the site's own look. */
export function page(c: HonoContext, web: Web, it: Page): Promise<Response> | Response {
  return c.html(
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${it.title === siteName ? it.title : `${it.title} · ${siteName}`}</title>
<meta name="description" content="${it.description ?? siteDescription}">
<meta name="color-scheme" content="light dark">
${it.address ? shared(web, it, it.address) : html`<meta name="robots" content="noindex">`}
<link rel="alternate" type="application/atom+xml" title="${it.feed?.title ?? "New papers"}" href="${it.feed?.address ?? "/feed.atom"}">
<link rel="stylesheet" href="${stylePath}">
<link rel="icon" href="${iconPath}" type="image/svg+xml">
<script src="${scriptPath}" defer></script>
${it.head ?? nothing}</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<div class="sheet">
${masthead(web, c.req.path, it.strap)}
<main id="content">${it.body}</main>
${foot()}
</div>
</body>
</html>`,
    it.status ?? 200,
  );
}

function shared({ config }: Web, { title, description }: Page, address: string): Html {
  const url = `${config.baseUrl}${address}`;
  return html`<link rel="canonical" href="${url}">
<meta property="og:site_name" content="${siteName}">
<meta property="og:type" content="website">
<meta property="og:title" content="${title}">
<meta property="og:description" content="${description ?? siteDescription}">
<meta property="og:url" content="${url}">
<meta name="twitter:card" content="summary">`;
}

function masthead(web: Web, here: string, strap: string | undefined): Html {
  const link = (path: string, words: string) =>
    html`<a href="${path}"${here === path ? html` aria-current="page"` : nothing}>${words}</a>`;
  return html`<header class="masthead">
<p class="name"><a href="/">Paper Round</a></p>
${strap ? html`<p class="strap">${strap}</p>` : nothing}
<nav aria-label="Site">${link("/", "Today")}${link("/papers", "Papers")}${link("/subscribe", "Subscribe")}${web.showsMailbox ? link("/mailbox", "Mailbox") : nothing}</nav>
</header>`;
}

function foot(): Html {
  return html`<footer><nav aria-label="More">
<a href="/preferences">Change what I get</a><a href="/feed.atom">Feed</a><a href="/docs">API</a></nav>
<p>Thank you to arXiv for use of its open access interoperability. Paper Round is free software.</p></footer>`;
}

/** A page of a few words in the one column: what was done, or why not. */
export function notice(
  c: HonoContext,
  web: Web,
  it: { title: string; body: Html; status?: 200 | 404 | 405 | 409 | 422 | 500 | 503 },
) {
  return page(c, web, {
    title: it.title,
    body: html`<div class="column"><h1 class="title">${it.title}</h1>${it.body}</div>`,
    status: it.status,
  });
}

/** The page for a link that is not, or no longer, good. */
export function deadLink(c: HonoContext, web: Web) {
  return notice(c, web, {
    title: "This link does not work",
    body: html`<p>It may be cut short, or older than it may be. Open it from the mail again, or <a href="/preferences">ask for your link</a>.</p>`,
    status: 404,
  });
}
