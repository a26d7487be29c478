import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { createApp } from "../../src/web/app.ts";
import { createContext } from "../support/context.ts";
import { addPapers, paper } from "../support/make.ts";

type Schema = {
  /** Of the property whose schema it is: some texts are addresses. */
  name?: string;
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  maxItems?: number;
  items?: Schema;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
};
type Content = Record<string, { schema: Schema }>;
type Operation = {
  operationId: string;
  parameters?: { name: string; in: "query" | "path"; required?: boolean; schema: Schema }[];
  requestBody?: { content: Content };
  responses: Record<string, { content?: Content }>;
};
type Description = {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
};

const context = await createContext({}, "2026-11-20T10:00:00Z");
const app = createApp(context);
await addPapers(context, ...["Speech", "Boats", "Speech & boats"].map((title) => paper({ title })));
const description = (await (await app.request("/api/v1/openapi.json")).json()) as Description;
const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

/** The schema that a value of an answer has to meet, references and all. */
function validator(schema: Schema) {
  const whole = JSON.stringify({ ...schema, $defs: description.components.schemas });
  return z.fromJSONSchema(JSON.parse(whole.replaceAll("#/components/schemas/", "#/$defs/")));
}

function resolve(schema: Schema): Schema {
  const name = schema.$ref?.replace("#/components/schemas/", "");
  return name ? (description.components.schemas[name] as Schema) : schema;
}

const words = fc.constantFrom(
  "speech",
  "boats",
  '"speech & boats"',
  "speech OR boats",
  "cat:cs.CL",
  "2611.90001",
  "-boats speech",
);
const junk = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "",
    " ",
    "\0",
    '"',
    "(((",
    "*",
    "-x",
    "the",
    "💬",
    "שלום",
    "' or 1=1",
    "<b>",
    "../..",
    "NaN",
    "1e9",
    "null",
    "x".repeat(3000),
  ),
);

/** Values that a schema allows. */
function good(schema: Schema): fc.Arbitrary<unknown> {
  const it = resolve(schema);
  if (it.name === "email") return fc.constant("ada@example.org");
  if (it.anyOf) return fc.oneof(...it.anyOf.map(good));
  if (it.enum) return fc.constantFrom(...it.enum);
  if (it.properties) {
    const parts = Object.fromEntries(Object.entries(it.properties).map(([name, part]) => [name, good(part)]));
    return fc.record(parts, { requiredKeys: it.required ?? [] });
  }
  switch ([it.type].flat()[0]) {
    case "array":
      return fc.array(good(it.items ?? {}), { maxLength: Math.min(it.maxItems ?? 4, 4) });
    case "integer":
      return fc.integer({ min: it.minimum ?? 0, max: it.maximum ?? 1000 });
    case "boolean":
      return fc.boolean();
    default:
      if (it.format === "date")
        return fc
          .date({ min: new Date("2026-01-01"), max: new Date("2026-12-31"), noInvalidDate: true })
          .map((date) => date.toISOString().slice(0, 10));
      return it.pattern ? fc.stringMatching(new RegExp(it.pattern)) : words;
  }
}

/** Mostly what is allowed, and now and then what is not, in any place. */
function any(schema: Schema): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 4, arbitrary: good(schema) },
    { weight: 1, arbitrary: junk },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  );
}

async function send(
  path: string,
  method: string,
  values: Record<string, unknown>,
  body: unknown,
  operation: Operation,
): Promise<Response> {
  const place = (where: string) =>
    (operation.parameters ?? []).filter((it) => it.in === where && values[it.name] !== undefined);
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value)).toWellFormed();
  const query = new URLSearchParams(place("query").map(({ name }) => [name, text(values[name])]));
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(text(values[name] ?? "x")) || "x");
  return app.request(`/api/v1${filled}?${query}`, {
    method: method.toUpperCase(),
    ...(operation.requestBody
      ? { body: JSON.stringify(body ?? null), headers: { "content-type": "application/json" } }
      : {}),
  });
}

test.each(operations.map((it) => [it.operation.operationId, it] as const))(
  "%s answers whatever is asked of it as its description says",
  async (_id, { path, method, operation }) => {
    const parameters = fc.record(
      Object.fromEntries((operation.parameters ?? []).map(({ name, schema }) => [name, any(schema)])),
      { requiredKeys: [] },
    );
    const schema = operation.requestBody?.content["application/json"]?.schema;
    const body = schema
      ? fc.oneof({ weight: 3, arbitrary: objectOf(schema) }, { weight: 1, arbitrary: fc.jsonValue() })
      : fc.constant(undefined);
    const seen = new Set<number>();
    await fc.assert(
      fc.asyncProperty(parameters, body, async (values, sent) => {
        const response = await send(path, method, values, sent, operation);
        seen.add(response.status);
        expect(response.status).toBeLessThan(500);
        const described = operation.responses[String(response.status)] ?? operation.responses.default;
        const type = response.headers.get("content-type")?.split(";")[0] ?? "";
        const answer = described?.content?.[type];
        expect(Object.keys(described?.content ?? {}), `${response.status}`).toContain(type);
        const checked = validator(answer?.schema ?? {}).safeParse(await response.json());
        expect(checked.error?.issues ?? []).toEqual([]);
      }),
      {
        numRuns: 30,
        interruptAfterTimeLimit: 40_000,
        examples: [
          [
            { id: "2611.90001", interests: "speech" },
            { email: "ada@example.org", interests: [] },
          ],
        ],
      },
    );
    // Both what is asked rightly and what is not were answered.
    expect([...seen].some((status) => status < 300)).toBe(true);
    expect([...seen].some((status) => status >= 400)).toBe(true);
  },
);

/** An object whose properties are as they should be, or as they come. */
function objectOf(schema: Schema): fc.Arbitrary<unknown> {
  const { properties = {}, required = [] } = resolve(schema);
  const of = (value: (schema: Schema) => fc.Arbitrary<unknown>) => {
    const parts = Object.entries(properties).map(([name, part]) => [name, value({ ...resolve(part), name })]);
    return fc.record<Record<string, unknown>>(Object.fromEntries(parts), { requiredKeys: required });
  };
  return fc.oneof(of(good), of(any));
}

test("what a schema of an answer says is no more and no less than what is answered", async () => {
  const answer = (await (await app.request("/api/v1/papers?q=speech")).json()) as { papers: Record<string, unknown>[] };
  const [first] = answer.papers;
  const paperSchema = description.components.schemas.Paper as Schema;
  expect(Object.keys(first ?? {}).sort()).toEqual(Object.keys(paperSchema.properties ?? {}).sort());
  expect([...(paperSchema.required ?? [])].sort()).toEqual(Object.keys(first ?? {}).sort());
});
