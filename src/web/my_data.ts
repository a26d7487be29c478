import { Hono } from "hono";
import { html } from "hono/html";
import { eraseSubscriber, exportSubscriber } from "../subscribers/privacy.ts";
import { findReader } from "../subscribers/unsubscribe.ts";
import { deadLink, notice, type Web } from "./page.ts";

/** What is held about a reader, to keep or to have forgotten. */
export function holding(web: Web): Hono {
  const app = new Hono();
  app.get("/preferences/:token/data.json", async (c) => {
    const reader = await findReader(web, "preferences", c.req.param("token"));
    if (!reader) return deadLink(c, web);
    const held = { exportedAt: web.clock().toString(), ...(await exportSubscriber(web.sql, reader.id)) };
    c.header("content-disposition", 'attachment; filename="paper-round.json"');
    return c.body(JSON.stringify(held, null, 2), 200, { "content-type": "application/json; charset=utf-8" });
  });
  app.get("/preferences/:token/erase", async (c) => {
    const token = c.req.param("token");
    const reader = await findReader(web, "preferences", token);
    if (!reader) return deadLink(c, web);
    return notice(c, web, {
      title: "Forget everything about you?",
      body: html`<p>The address <b>${reader.email}</b>, its interests, its digests and whatever else is held about it go, at once and for good. No mail comes any more.</p>
<p>You may want to <a href="/preferences/${token}/data.json">download it</a> first.</p>
<form method="post"><button type="submit">Erase everything about me</button></form>
<p><a href="/preferences/${token}">No, keep it</a></p>`,
    });
  });
  app.post("/preferences/:token/erase", async (c) => {
    const reader = await findReader(web, "preferences", c.req.param("token"));
    if (!reader) return deadLink(c, web);
    await web.sql.begin((transaction) => eraseSubscriber(transaction, reader.id));
    return notice(c, web, {
      title: "Everything is erased",
      body: html`<p>Nothing is held about you any more, and the links in your mails do not work any more. Thank you for reading.</p>`,
    });
  });
  return app;
}
