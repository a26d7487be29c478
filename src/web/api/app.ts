import { OpenAPIHono } from "@hono/zod-openapi";
import { cors } from "hono/cors";
import type { Web } from "../page.ts";
import type { Previewer } from "../preview.ts";
import { papersApi } from "./papers.ts";
import { previewApi } from "./preview.ts";
import { schemaProblem } from "./problem.ts";
import { subscriptionsApi } from "./subscriptions.ts";

export type ApiDescription = ReturnType<OpenAPIHono["getOpenAPI31Document"]>;

/** `/api/v1`, and its description in OpenAPI 3.1, made of the schemas that check the requests. */
export function api(web: Web, previewer: Previewer): { app: OpenAPIHono; description: ApiDescription } {
  const app = new OpenAPIHono({
    defaultHook: (result, c) => (result.success ? undefined : schemaProblem(c, result.error)),
  });
  // Any site may read. What changes something is guarded as the forms are.
  const reading = cors({ origin: "*", allowMethods: ["GET", "HEAD"], exposeHeaders: ["link"] });
  app.use(async (c, next) => (["GET", "HEAD", "OPTIONS"].includes(c.req.method) ? reading(c, next) : next()));
  papersApi(app, web);
  previewApi(app, previewer);
  subscriptionsApi(app, web);
  const description = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Paper Round",
      version: "1",
      description: "Research papers by trend, date and search, what interests would bring, and subscriptions to them.",
    },
    servers: [{ url: `${web.config.baseUrl}/api/v1` }],
  });
  app.get("/openapi.json", (c) => c.json(description));
  return { app, description };
}
