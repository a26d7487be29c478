import { Hono, type Context as HonoContext } from "hono";
import { html } from "hono/html";
import { findReader, type Reader, receiveFewer, resubscribe, unsubscribe } from "../subscribers/unsubscribe.ts";
import { deriveToken } from "../token.ts";
import { deadLink, nothing, notice, type Web } from "./page.ts";
import { readForm } from "./read_form.ts";

/** `/unsubscribe/:token` (page, button, and one-click by RFC 8058), the undo behind it, and fewer mails instead of none. */
export function unsubscribing(web: Web): Hono {
  const app = new Hono();
  app.get("/unsubscribe/:token", async (c) => {
    const reader = await findReader(web, "unsubscribe", c.req.param("token"));
    if (!reader) return deadLink(c, web);
    if (reader.moved) return moved(c, web);
    if (reader.status !== "active") return farewell(c, web, reader);
    const fewer = `/fewer/${deriveToken(web.config.secret, "fewer", reader.id, reader.moves)}`;
    return notice(c, web, {
      title: "Stop these mails?",
      body: html`<p>Paper Round mails <b>${reader.email}</b>.</p>
<form method="post"><input type="hidden" name="by" value="page"><button type="submit">Stop these mails</button></form>
${reader.cadence === "weekly" ? nothing : html`<form method="post" action="${fewer}"><button class="plain" type="submit">Send one mail a week instead</button></form>`}`,
    });
  });
  // A mail program posts here by itself (RFC 8058): it needs a plain 200 and sends no cookie and no Origin.
  app.post("/unsubscribe/:token", async (c) => {
    const token = c.req.param("token");
    const by = (await isByPage(c)) ? "page" : "program";
    const reader = (await unsubscribe(web, token, by)) ? await findReader(web, "unsubscribe", token) : undefined;
    if (!reader) return deadLink(c, web);
    return reader.moved ? moved(c, web) : farewell(c, web, reader);
  });
  app.get("/fewer/:token", async (c) => {
    const reader = await findReader(web, "fewer", c.req.param("token"));
    if (!reader) return deadLink(c, web);
    return notice(c, web, {
      title: "One mail a week?",
      body: html`<form method="post"><button type="submit">Send one mail a week</button></form>`,
    });
  });
  app.post("/fewer/:token", async (c) => {
    if (!(await receiveFewer(web, c.req.param("token")))) return deadLink(c, web);
    return notice(c, web, {
      title: "One mail a week",
      body: html`<p>From now on you get one mail a week, with the best of it.</p>`,
    });
  });
  app.get("/resubscribe/:token", async (c) => {
    const reader = await findReader(web, "resubscribe", c.req.param("token"));
    if (!reader) return deadLink(c, web);
    return notice(c, web, {
      title: "Take it back?",
      body: html`<form method="post"><button type="submit">Send me papers again</button></form>`,
    });
  });
  app.post("/resubscribe/:token", async (c) => {
    const outcome = await resubscribe(web, c.req.param("token"));
    if (!outcome) return deadLink(c, web);
    if (outcome === "done")
      return notice(c, web, { title: "Welcome back", body: html`<p>Everything is as it was.</p>` });
    return notice(c, web, {
      title: "That was a while ago",
      body: html`<p>It can be taken back within an hour. <a href="/">Subscribe anew</a>: it takes a minute.</p>`,
      status: 409,
    });
  });
  return app;
}

/** Our page says so in its form. Whatever else is posted comes from a mail program, which may write its body as it likes. */
async function isByPage(c: HonoContext): Promise<boolean> {
  const form = await readForm(c).catch(() => ({}) as Record<string, string>);
  return form.by === "page" && form["List-Unsubscribe"] === undefined;
}

function farewell(c: HonoContext, web: Web, reader: Reader) {
  const undo = `/resubscribe/${deriveToken(web.config.secret, "resubscribe", reader.id, reader.moves)}`;
  return notice(c, web, {
    title: "You get no more mails",
    body: html`<p>Paper Round does not mail <b>${reader.email}</b> any more. What was waiting to be sent is cancelled.</p>
<form method="post" action="${undo}"><button class="plain" type="submit">I did not mean that: take it back</button></form>`,
  });
}

/** For a link that was mailed to an address of before. Where the papers go now is nothing for whoever reads there. */
function moved(c: HonoContext, web: Web) {
  return notice(c, web, {
    title: "Nothing comes to this address any more",
    body: html`<p>The papers that this mail brought go to another address now. Every mail that comes there has a link that ends them; or <a href="/preferences">ask for a link</a> with that address.</p>`,
  });
}
