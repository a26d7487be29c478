import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { subscribe } from "../../subscribers/subscribe.ts";
import type { Web } from "../page.ts";
import { clean } from "./preview.ts";
import { problems } from "./problem.ts";
import { acceptedSchema, subscriptionSchema } from "./schemas.ts";

const subscribing = createRoute({
  method: "post",
  path: "/subscriptions",
  operationId: "subscribe",
  summary: "Ask the owner of an address whether they want papers. Nothing comes before they confirm by mail",
  request: { body: { required: true, content: { "application/json": { schema: subscriptionSchema } } } },
  responses: {
    202: { description: "A mail is on its way", content: { "application/json": { schema: acceptedSchema } } },
    ...problems,
  },
});

/** `/api/v1/subscriptions`: what the form does, with its guard. */
export function subscriptionsApi(app: OpenAPIHono, web: Web): void {
  app.openapi(subscribing, async (c) => {
    const { interests, email: typed, ...choices } = c.req.valid("json");
    const { email } = await subscribe(web, { ...choices, email: typed.toWellFormed(), interests: clean(interests) });
    return c.json({ email, message: "A mail is on its way. Open the link in it and press the button." }, 202);
  });
}
