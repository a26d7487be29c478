import { Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { compress } from "hono/compress";
import { html } from "hono/html";
import type { Context } from "../context.ts";
import { describeError, httpStatus, UserError } from "../errors.ts";
import { assets } from "./assets.ts";
import { confirming } from "./confirm.ts";
import { digests } from "./digests.ts";
import { home } from "./home.ts";
import { mailbox } from "./mailbox.ts";
import { readdressing } from "./my_address.ts";
import { holding } from "./my_data.ts";
import { linking } from "./my_link.ts";
import { notice, type Web } from "./page.ts";
import { paper } from "./paper.ts";
import { papers } from "./papers.ts";
import { preferring } from "./preferences.ts";
import { Previewer, previewing } from "./preview.ts";
import { subscribing } from "./subscribe.ts";
import { unsubscribing } from "./unsubscribe.ts";

const policy =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-src 'self'; base-uri 'none'; frame-ancestors 'none'";
const largestForm = 256 * 1024;

/** The site. */
export function createApp(context: Context): Hono {
  const web: Web = { ...context, showsMailbox: context.config.smtpUrl === undefined };
  const previewer = new Previewer(web);
  const app = new Hono();
  app.use(compress());
  app.use(securityHeaders);
  app.use(
    bodyLimit({
      maxSize: largestForm,
      onError: () => {
        throw new UserError("too_large", "That is more than the form takes.");
      },
    }),
  );
  app.use(sameSite(web));
  app.get("/healthz", (c) => c.text("ok"));
  app.get("/readyz", (c) => {
    return web.sql`select 1`.then(
      () => c.text("ready"),
      (error) => c.text(`not ready: ${describeError(error)}`, 503),
    );
  });
  const parts = [
    assets(),
    home(web, previewer),
    subscribing(web, previewer),
    previewing(web, previewer),
    confirming(web),
    linking(web),
    preferring(web, previewer),
    readdressing(web),
    holding(web),
    unsubscribing(web),
    papers(web),
    paper(web),
    digests(web),
  ];
  if (web.showsMailbox) parts.push(mailbox(web));
  for (const part of parts) app.route("/", part);
  app.notFound((c) =>
    notice(c, web, { title: "There is no such page", body: html`<p><a href="/">Today’s papers</a></p>`, status: 404 }),
  );
  app.onError((error, c) => {
    if (error instanceof UserError) {
      const status = httpStatus[error.code] as 404 | 422;
      return notice(c, web, { title: "That did not work", body: html`<p>${error.message}</p>`, status });
    }
    web.log.error({ path: c.req.routePath, error: describeError(error), stack: error.stack }, "a page failed");
    return notice(c, web, {
      title: "Something broke on our side",
      body: html`<p>It is not your fault, and it has been noted. Try again in a moment.</p>`,
      status: 500,
    });
  });
  return app;
}

const securityHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  if (!c.res.headers.has("content-security-policy")) c.header("content-security-policy", policy);
  c.header("x-content-type-options", "nosniff");
  // Tokens stand in addresses: they must not reach another site.
  c.header("referrer-policy", "same-origin");
  c.header("cross-origin-opener-policy", "same-origin");
  if (!c.res.headers.has("cache-control")) c.header("cache-control", "no-store");
};

/**
 * Refuses what another site's page posts: browsers tell where a request comes from. One-click unsubscribing is exempt, it
 * alone, because mail programs post it from anywhere (RFC 8058).
 */
function sameSite({ config }: Web): MiddlewareHandler {
  return async (c, next) => {
    const safe = ["GET", "HEAD", "OPTIONS"].includes(c.req.method);
    if (!safe && !c.req.path.startsWith("/unsubscribe/")) {
      const site = c.req.header("sec-fetch-site");
      const origin = c.req.header("origin");
      const ours = [new URL(config.baseUrl).host, c.req.header("host") ?? ""];
      // `Origin: null` is what a sandboxed or redirected page sends: nobody's.
      const foreignOrigin = origin !== undefined && !ours.includes(URL.parse(origin)?.host ?? "nobody's");
      if (site ? !["same-origin", "none"].includes(site) : foreignOrigin)
        throw new UserError("forbidden", "This form was sent from another site. Open it here and send it again.");
    }
    await next();
  };
}
