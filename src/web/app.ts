import { Hono, type Context as HonoContext } from "hono";
import { bodyLimit } from "hono/body-limit";
import { compress } from "hono/compress";
import { html } from "hono/html";
import { methodNotAllowed } from "hono/method-not-allowed";
import type { Context } from "../context.ts";
import { describeError, httpStatus, UserError } from "../errors.ts";
import { api } from "./api/app.ts";
import { problem, problemOf } from "./api/problem.ts";
import { assets } from "./assets.ts";
import { confirming } from "./confirm.ts";
import { digests } from "./digests.ts";
import { docs } from "./docs.ts";
import { feed } from "./feed.ts";
import { sameSite, securityHeaders } from "./guards.ts";
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
import { robots } from "./robots.ts";
import { subscribing } from "./subscribe.ts";
import { unsubscribing } from "./unsubscribe.ts";
import { voting } from "./vote.ts";

const largestForm = 256 * 1024;

/** The site. */
export function createApp(context: Context): Hono {
  const web: Web = { ...context, showsMailbox: context.config.smtpUrl === undefined };
  const previewer = new Previewer(web);
  const app = new Hono();
  app.use(compress());
  app.use(securityHeaders);
  app.use(methodNotAllowed({ app, onMethodNotAllowed: (c, methods) => wrongMethod(c, web, methods) }));
  app.use(bodyLimit({ maxSize: largestForm, onError: tooLarge }));
  app.use(sameSite(web));
  app.get("/healthz", (c) => c.text("ok"));
  app.get("/readyz", (c) => {
    return web.sql`select 1`.then(
      () => c.text("ready"),
      (error) => c.text(`not ready: ${describeError(error)}`, 503),
    );
  });
  const { app: apiApp, description } = api(web, previewer);
  app.route("/api/v1", apiApp);
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
    feed(web),
    docs(web, description),
    robots(web),
    digests(web),
    voting(web),
  ];
  if (web.showsMailbox) parts.push(mailbox(web));
  for (const part of parts) app.route("/", part);
  app.notFound((c) => noSuchPage(c, web));
  app.onError((error, c) => failed(c, web, error));
  return app;
}

function isApi(c: HonoContext): boolean {
  return c.req.path.startsWith("/api/");
}

function tooLarge(): never {
  throw new UserError("too_large", "That is more than the form takes.");
}

function noSuchPage(c: HonoContext, web: Web) {
  if (isApi(c)) return problem(c, 404, `There is nothing at ${c.req.path}. What there is stands at /docs.`);
  const body = html`<p><a href="/">Today’s papers</a>, <a href="/papers">all papers</a>, or <a href="/subscribe">papers by mail</a>.</p>`;
  return notice(c, web, { title: "There is no such page", body, status: 404 });
}

async function wrongMethod(c: HonoContext, web: Web, methods: string[]): Promise<Response> {
  const answer = isApi(c)
    ? problem(c, 405, `${c.req.path} takes ${methods.join(", ")}.`)
    : await notice(c, web, {
        title: "That can’t be done here",
        body: html`<p>This page takes ${methods.join(", ")}. <a href="/">Today’s papers</a></p>`,
        status: 405,
      });
  answer.headers.set("allow", methods.join(", "));
  return answer;
}

function failed(c: HonoContext, web: Web, error: Error) {
  const known = isApi(c) ? problemOf(c, error) : undefined;
  if (known) return known;
  if (error instanceof UserError) {
    const status = httpStatus[error.code] as 404 | 422;
    return notice(c, web, { title: "That did not work", body: html`<p>${error.message}</p>`, status });
  }
  web.log.error({ path: c.req.routePath, error: describeError(error), stack: error.stack }, "a page failed");
  const words = "It is not your fault, and it has been noted. Try again in a moment.";
  if (isApi(c)) return problem(c, 500, words);
  return notice(c, web, { title: "Something broke on our side", body: html`<p>${words}</p>`, status: 500 });
}
