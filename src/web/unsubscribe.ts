import { Hono, type Context as HonoContext } from "hono";
import { html } from "hono/html";
import { findReader, receiveFewer, resubscribe, unsubscribe } from "../subscribers/unsubscribe.ts";
import { deriveToken } from "../token.ts";
import { deadLink, nothing, notice, type Web } from "./page.ts";

/** `/unsubscribe/:token` (page, button, and one-click by RFC 8058), the undo behind it, and fewer mails instead of none. */
export function unsubscribing(web: Web): Hono {
  const app = new Hono();
  app.get("/unsubscribe/:token", async (c) => {
    const reader = await findReader(web, "unsubscribe", c.req.param("token"));
    if (!reader) return deadLink(c, web);
    if (reader.status !== "active") return farewell(c, web, c.req.param("token"));
    const fewer = `/fewer/${deriveToken(web.config.secret, "fewer", reader.id)}`;
    return notice(c, web, {
      title: "Stop these mails?",
      body: html`<p>Paper Round mails <b>${reader.email}</b>.</p>
<form method="post"><button type="submit">Stop these mails</button></form>
${reader.cadence === "weekly" ? nothing : html`<form method="post" action="${fewer}"><button class="plain" type="submit">Send one mail a week instead</button></form>`}`,
    });
  });
  // A mail program posts here by itself (RFC 8058): it needs a plain 200 and sends no cookie and no Origin.
  app.post("/unsubscribe/:token", async (c) => {
    if (!(await unsubscribe(web, c.req.param("token")))) return deadLink(c, web);
    return farewell(c, web, c.req.param("token"));
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

async function farewell(c: HonoContext, web: Web, token: string) {
  const reader = await findReader(web, "unsubscribe", token);
  const undo = reader && `/resubscribe/${deriveToken(web.config.secret, "resubscribe", reader.id)}`;
  return notice(c, web, {
    title: "You get no more mails",
    body: html`<p>Paper Round does not mail ${reader ? html`<b>${reader.email}</b>` : "you"} any more. What was waiting to be sent is cancelled.</p>
${undo ? html`<form method="post" action="${undo}"><button class="plain" type="submit">I did not mean that: take it back</button></form>` : nothing}`,
  });
}
