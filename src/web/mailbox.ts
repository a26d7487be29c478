import { Hono } from "hono";
import { html } from "hono/html";
import PostalMime from "postal-mime";
import { listMailbox, readMailbox } from "../delivery/mailbox.ts";
import { dayInWords } from "../papers/words.ts";
import { nothing, notice, page, type Web } from "./page.ts";

/** What a mail's own page may do: show its own styles. Its links open in the whole window, on a click. */
const mailPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox allow-top-navigation-by-user-activation allow-popups";

/** `/mailbox`: the mails that the local mailbox received, as HTML, text and source. */
export function mailbox(web: Web): Hono {
  const app = new Hono();
  app.get("/mailbox", async (c) => {
    const mails = await Promise.all(
      (await listMailbox(web.sql)).map(async (mail) => ({ ...mail, ...(await PostalMime.parse(mail.source)) })),
    );
    return page(c, web, {
      title: "Mailbox",
      body: html`<div class="column"><h1 class="title">Mailbox</h1>
<p>No mail leaves this machine: it is kept here, because no SMTP server is set.</p>
${
  mails.length === 0
    ? html`<p>Nothing yet.</p>`
    : html`<ul class="mails">${mails.map(
        (mail) =>
          html`<li><a href="/mailbox/${mail.id}">${mail.subject ?? "(no subject)"}</a><p class="details">To ${mail.recipients.join(", ")}, ${momentInWords(mail.received_at)}</p></li>`,
      )}</ul>`
}</div>`,
    });
  });
  app.get("/mailbox/:id{[0-9]{1,15}}", async (c) => {
    const mail = await readMailbox(web.sql, Number(c.req.param("id")));
    if (!mail)
      return notice(c, web, {
        title: "There is no such mail",
        body: html`<p><a href="/mailbox">The mailbox</a></p>`,
        status: 404,
      });
    const { subject, html: markup, text } = await PostalMime.parse(mail.source);
    return page(c, web, {
      title: subject ?? "Mail",
      body: html`<h1 class="title">${subject ?? "(no subject)"}</h1>
<p class="details">To ${mail.recipients.join(", ")} · <a href="/mailbox/${mail.id}/source">Source</a></p>
${markup ? html`<h2>HTML</h2><iframe title="The mail as HTML" src="/mailbox/${mail.id}/html"></iframe>` : nothing}
<h2>Text</h2><pre tabindex="0">${text ?? ""}</pre>`,
    });
  });
  app.get("/mailbox/:id{[0-9]{1,15}}/html", async (c) => {
    const mail = await readMailbox(web.sql, Number(c.req.param("id")));
    if (!mail) return c.notFound();
    const { html: markup = "" } = await PostalMime.parse(mail.source);
    c.header("content-security-policy", mailPolicy);
    return c.html(markup.replace(/<head>/i, '<head><base target="_top">'));
  });
  app.get("/mailbox/:id{[0-9]{1,15}}/source", async (c) => {
    const mail = await readMailbox(web.sql, Number(c.req.param("id")));
    return mail ? c.text(mail.source.toString("utf8")) : c.notFound();
  });
  return app;
}

function momentInWords(at: Temporal.Instant): string {
  const moment = at.toZonedDateTimeISO("UTC");
  return `${dayInWords(moment.toPlainDate())} at ${moment.toPlainTime().toString({ smallestUnit: "second" })} UTC`;
}
