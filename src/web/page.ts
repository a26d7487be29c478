import type { Context as HonoContext } from "hono";
import { html, raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import type { Context } from "../context.ts";
import { scriptPath, stylePath } from "./assets.ts";

/** Markup whose values are escaped. Only `hono/html` makes it. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

export type Web = Context & { showsMailbox: boolean };

export const nothing = raw("");

/** Answers a whole page in the site's own look. `strap` is the line under the name. */
export function page(
  c: HonoContext,
  web: Web,
  it: {
    title: string;
    body: Html;
    strap?: string;
    description?: string;
    status?: 200 | 400 | 403 | 404 | 405 | 409 | 413 | 422 | 500 | 503;
  },
): Promise<Response> | Response {
  const title = it.title === "Paper Round" ? it.title : `${it.title} · Paper Round`;
  const here = c.req.path;
  const link = (path: string, words: string) =>
    html`<a href="${path}"${here === path ? html` aria-current="page"` : nothing}>${words}</a>`;
  return c.html(
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<meta name="description" content="${it.description ?? "New research papers that match what you care about, by mail and on the web."}">
<link rel="stylesheet" href="${stylePath}">
<link rel="icon" href="data:,">
<script src="${scriptPath}" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<div class="sheet">
<header class="masthead">
<p class="name"><a href="/">Paper Round</a></p>
${it.strap ? html`<p>${it.strap}</p>` : nothing}
<nav aria-label="Site">${link("/", "Today")}${link("/papers", "Papers")}<a href="/#subscribe">Subscribe</a>${web.showsMailbox ? link("/mailbox", "Mailbox") : nothing}</nav>
</header>
<main id="content">${it.body}</main>
<footer>Thank you to arXiv for use of its open access interoperability. Paper Round is free software.</footer>
</div>
</body>
</html>`,
    it.status ?? 200,
  );
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
    ...(it.status ? { status: it.status } : {}),
  });
}

/** The page for a link that is not, or no longer, good. */
export function deadLink(c: HonoContext, web: Web) {
  return notice(c, web, {
    title: "This link does not work",
    body: html`<p>It may be cut short, or older than it may be. Open it from the mail again, or <a href="/">ask for a new one</a>.</p>`,
    status: 404,
  });
}
