import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { UserError } from "../../errors.ts";
import type { Preview } from "../../interests/preview.ts";
import { linesOf, mostLines, type Previewer } from "../preview.ts";
import { problems } from "./problem.ts";
import { previewRequestSchema, previewSchema } from "./schemas.ts";

const answers = {
  200: { description: "What they would have brought", content: { "application/json": { schema: previewSchema } } },
  ...problems,
};

const byAddress = createRoute({
  method: "get",
  path: "/preview",
  operationId: "previewByAddress",
  summary: "What interests, one a line, would have brought in the last 30 days",
  request: { query: z.object({ interests: z.string().max(15_000).openapi({ example: "diffusion models" }) }) },
  responses: answers,
});

const byBody = createRoute({
  method: "post",
  path: "/preview",
  operationId: "preview",
  summary: "The same, for interests that are too long for an address",
  request: { body: { required: true, content: { "application/json": { schema: previewRequestSchema } } } },
  responses: answers,
});

/** `/api/v1/preview` */
export function previewApi(app: OpenAPIHono, previewer: Previewer): void {
  const preview = async (interests: string | string[]) => {
    const lines = linesOf(clean(interests));
    if (lines.length > mostLines)
      throw new UserError("invalid", `At most ${mostLines} interests are tried at once.`, "interests");
    return toJson(await previewer.preview(lines.join("\n")));
  };
  app.openapi(byAddress, async (c) => c.json(await preview(c.req.valid("query").interests), 200));
  app.openapi(byBody, async (c) => c.json(await preview(c.req.valid("json").interests), 200));
}

/** Lines as one text, without what no database can hold. */
export function clean(interests: string | string[]): string {
  const text =
    typeof interests === "string" ? interests : interests.map((line) => line.replace(/[\r\n]+/g, " ")).join("\n");
  return text.replaceAll("\0", "").toWellFormed();
}

function toJson(preview: Preview): z.infer<typeof previewSchema> {
  const days = (some: Preview["days"]) => some.map(({ date, hits }) => ({ date: date.toString(), hits }));
  return {
    lastWeek: preview.lastWeek,
    lastMonth: preview.lastMonth,
    papers: preview.papers,
    days: days(preview.days),
    interests: preview.interests.map((it) => ({
      ...it,
      days: days(it.days),
      best: it.best.map(({ slug, title, excerpt }) => ({ id: slug, title, excerpt })),
      trouble: it.trouble ?? null,
    })),
    errors: preview.errors.map((error) => ({ ...error, mend: error.mend ?? null })),
  };
}
