import { Hono } from "hono";
import { html } from "hono/html";
import { type AddressChange, actOnAddressChange, findAddressChange } from "../subscribers/change_address.ts";
import { deadLink, type Html, nothing, notice, type Web } from "./page.ts";

/** `/address/:token`: the owner of a new address says yes, or the old one takes it back. GET shows the button, POST acts. */
export function readdressing(web: Web): Hono {
  const app = new Hono();
  app.get("/address/:token", async (c) => {
    const change = await findAddressChange(web, c.req.param("token"));
    if (!change) return deadLink(c, web);
    if (isDone(change)) return notice(c, web, { title: "This is done already", body: whatHolds(change) });
    return notice(c, web, {
      title: change.undoes ? "Take it back?" : "Shall your papers come here?",
      body: html`<p>${change.undoes ? html`The mails go to <b>${change.newEmail}</b> now. They would go to <b>${change.oldEmail}</b> again.` : html`They would go to <b>${change.newEmail}</b> from now on.`}</p>
<form method="post"><button type="submit">${change.undoes ? "Send my papers to the old address" : "Send my papers here"}</button></form>`,
    });
  });
  app.post("/address/:token", async (c) => {
    const change = await actOnAddressChange(web, c.req.param("token"));
    if (!change) return deadLink(c, web);
    return notice(c, web, {
      title: change.undoes ? "It is as it was" : "Your papers come here now",
      body: whatHolds(change),
    });
  });
  return app;
}

function isDone({ undoes, undone, confirmed }: AddressChange): boolean {
  return undoes ? undone : confirmed;
}

function whatHolds({ undone, newEmail, oldEmail, undoes }: AddressChange): Html {
  return html`<p>They go to <b>${undone ? oldEmail : newEmail}</b>.</p>${undoes || undone ? nothing : html`<p>The old address was told, with a link that takes it back for a week.</p>`}`;
}
