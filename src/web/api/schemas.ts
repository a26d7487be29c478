import { z } from "@hono/zod-openapi";
import { limits } from "../../interests/language.ts";
import { sorts } from "../../papers/search.ts";
import { preferencesSchema } from "../../subscribers/preferences.ts";

const date = z.iso.date();
const pieces = z
  .array(z.object({ text: z.string(), hit: z.boolean() }))
  .openapi({ description: "A text in pieces; those that hit are marked." });
const day = z.object({ date, hits: z.int() });

export const paperSchema = z
  .object({
    id: z.string().openapi({ example: "2611.01234", description: "The arXiv id, or our number." }),
    url: z.url(),
    title: z.string(),
    abstract: z.string(),
    authors: z.array(z.string()),
    organization: z.string().nullable(),
    categories: z.array(z.string()),
    date: date.openapi({ description: "When it was published, or first seen where nobody tells." }),
    firstSeenAt: z.iso.datetime(),
    upvotes: z.int().nullable(),
    comments: z.int().nullable(),
    arxivId: z.string().nullable(),
    doi: z.string().nullable(),
    links: z.array(z.object({ label: z.string(), url: z.string() })),
  })
  .openapi("Paper");

export const papersSchema = z
  .object({
    papers: z.array(paperSchema),
    total: z
      .int()
      .nullable()
      .openapi({ description: "Counted up to 10,000, or 500 by relevance; null where nothing narrows them." }),
    also: z.array(z.string()).openapi({ description: "Other names that were looked for, too." }),
    nearest: z.array(paperSchema).openapi({
      description:
        "Where a search by relevance finds less than a page: papers that it does not hit but comes near, best first, up to the limit.",
    }),
    next: z.string().nullable().openapi({ description: "The cursor of the next page; null: this is the last." }),
  })
  .openapi("Papers");

export const searchSchema = z.object({
  q: z
    .string()
    .max(limits.characters)
    .optional()
    .openapi({ description: "A search, in the language of interests.", example: '"chain of thought" -survey' }),
  category: z
    .string()
    .regex(/^[A-Za-z][A-Za-z-]{0,19}(\.[A-Za-z][A-Za-z-]{0,19})?$/)
    .optional()
    .openapi({ description: "An arXiv category, or an archive with all of its own.", example: "cs.CL" }),
  date: date.optional().openapi({ description: "Listed on this day." }),
  week: z
    .string()
    .regex(/^\d{4}-W\d\d$/)
    .optional()
    .openapi({ description: "Listed in this ISO week.", example: "2026-W47" }),
  month: z
    .string()
    .regex(/^\d{4}-\d\d$/)
    .optional()
    .openapi({ description: "Listed in this month.", example: "2026-11" }),
  sort: z
    .enum(sorts)
    .optional()
    .openapi({ description: "Without it: by relevance where there is a search, else trending." }),
  limit: z.coerce.number<string>().int().min(1).max(100).default(25),
  cursor: z
    .string()
    .max(300)
    .optional()
    .openapi({ description: "The `next` of the page before. The other parameters stay as they were." }),
});

const interests = z
  .union([z.string().max(60_000), z.array(z.string().max(limits.characters)).max(limits.interests)])
  .openapi({
    description: "Interests, as lines or as a list.",
    example: ["diffusion models", '"chain of thought" -survey'],
  });

export const previewRequestSchema = z.object({ interests }).openapi("PreviewRequest");

const interestPreview = z.object({
  typed: z.string(),
  also: z.array(z.string()),
  lastWeek: z.int(),
  lastMonth: z.int(),
  days: z.array(day),
  best: z.array(z.object({ id: z.string(), title: pieces, excerpt: pieces })),
  trouble: z.enum(["broad", "nothing"]).nullable(),
  mends: z.array(z.object({ typed: z.string(), why: z.string(), lastMonth: z.int() })),
  cutShort: z
    .boolean()
    .openapi({ description: "It took too long: papers or mends may be missing; the counts are whole." }),
});

export const previewSchema = z
  .object({
    lastWeek: z.int().openapi({ description: "Papers of the last 7 days that any of the interests hits, each once." }),
    lastMonth: z.int().openapi({ description: "The same for 30 days." }),
    papers: z.int().openapi({ description: "All papers of the last 30 days." }),
    days: z.array(day),
    interests: z.array(interestPreview),
    errors: z.array(
      z.object({
        line: z.int().openapi({ description: "From 0." }),
        typed: z.string(),
        message: z.string(),
        position: z.int().openapi({ description: "Where in the line, in UTF-16 units from 0." }),
        length: z.int(),
        mend: z.string().nullable().openapi({ description: "What would do instead." }),
      }),
    ),
  })
  .openapi("Preview");

export const subscriptionSchema = z
  .object({
    email: z.string().max(320).openapi({ example: "ada@example.org" }),
    ...preferencesSchema.shape,
    interests: interests.default([]),
  })
  .openapi("Subscription");

export const acceptedSchema = z
  .object({ email: z.string(), message: z.string() })
  .openapi("Accepted", { description: "The same whatever is known of the address." });

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    errors: z.array(z.object({ field: z.string(), detail: z.string() })).optional(),
  })
  .openapi("Problem", { description: "What went wrong (RFC 9457)." });
