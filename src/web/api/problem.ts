import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { z } from "zod";
import { httpStatus, UserError } from "../../errors.ts";
import { FormError } from "../../subscribers/preferences.ts";
import { problemSchema } from "./schemas.ts";

const titles: Record<number, string> = {
  400: "The request can’t be read",
  403: "This is not allowed from there",
  404: "There is no such thing here",
  405: "This method does not fit",
  409: "This does not go together",
  413: "That is too much",
  415: "This kind of content is not taken",
  422: "Something in the request is wrong",
  500: "Something broke on our side",
  503: "Not just now",
};

type FieldError = { field: string; detail: string };

/** An answer that says what went wrong, for programs and people (RFC 9457). */
export function problem(c: Context, status: number, detail: string, errors?: FieldError[]): Response {
  const title = titles[status] ?? "That did not work";
  const body = problemSchema.parse({ type: "about:blank", title, status, detail, ...(errors ? { errors } : {}) });
  return c.body(JSON.stringify(body), status as 400, { "content-type": "application/problem+json" });
}

/** The problem that an error is; undefined: it is a fault of ours. */
export function problemOf(c: Context, error: unknown): Response | undefined {
  if (error instanceof FormError)
    return problem(
      c,
      422,
      error.message,
      Object.entries(error.fields).map(([field, detail]) => ({ field, detail })),
    );
  if (error instanceof UserError)
    return problem(
      c,
      httpStatus[error.code],
      error.message,
      error.field ? [{ field: error.field, detail: error.message }] : undefined,
    );
  if (error instanceof HTTPException) return problem(c, error.status, error.message || "The request can’t be read.");
  return undefined;
}

/** What a schema found wrong. */
export function schemaProblem(c: Context, error: z.core.$ZodError): Response {
  const errors = error.issues.map((issue) => ({ field: issue.path.join("."), detail: issue.message }));
  const detail = errors.map((it) => (it.field ? `${it.field}: ${it.detail}` : it.detail)).join(" ");
  return problem(c, 422, detail, errors);
}

/** What every operation may answer besides. */
export const problems = {
  default: {
    description:
      "What went wrong: 404 not found, 415 no JSON, 422 a wrong value, 503 it would take too long, and so on.",
    content: { "application/problem+json": { schema: problemSchema } },
  },
};
