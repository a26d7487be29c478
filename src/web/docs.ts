import { Hono } from "hono";
import { html } from "hono/html";
import type { ApiDescription } from "./api/app.ts";
import { type Html, nothing, page, type Web } from "./page.ts";

type Operation = {
  summary?: string;
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: Schema }[];
  requestBody?: { content?: Record<string, { schema?: Schema }> };
  responses?: Record<string, { description?: string; content?: Record<string, { schema?: Schema }> }>;
};
type Schema = {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  enum?: unknown[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  items?: Schema;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
};

/** `/docs`: the API in words, from its own description. */
export function docs(web: Web, description: ApiDescription): Hono {
  const app = new Hono();
  const root = `${web.config.baseUrl}/api/v1`;
  const operations = Object.entries(description.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>).map(([method, operation]) => ({ path, method, operation })),
  );
  const schemas = Object.entries((description.components?.schemas ?? {}) as Record<string, Schema>);
  app.get("/docs", (c) =>
    page(c, web, {
      title: "API",
      address: "/docs",
      description: "How programs read papers, try interests and subscribe.",
      body: html`<div class="column docs"><h1 class="title">API</h1>
<p>Everything is JSON below <code>${root}</code>; it needs no key, and any site may read it. What went wrong is told as
<a href="https://www.rfc-editor.org/rfc/rfc9457">problem details</a>. The same in
<a href="/api/v1/openapi.json">OpenAPI 3.1</a>, for tools. Papers come as <a href="/feed.atom">Atom</a>, too: <code>/feed.atom?q=</code> takes any interest.</p>
<pre tabindex="0"><code>curl '${root}/papers?q=diffusion+models&amp;sort=new'
curl '${root}/preview?interests=diffusion+models'</code></pre>
${operations.map(describeOperation)}
<h2 id="schemas">What comes and goes</h2>
${schemas.map(([name, schema]) => html`<h3 id="${name}">${name}</h3>${schema.description ? html`<p>${schema.description}</p>` : nothing}${fields(schema)}`)}</div>`,
    }),
  );
  return app;
}

function describeOperation({ path, method, operation }: { path: string; method: string; operation: Operation }): Html {
  const body = Object.values(operation.requestBody?.content ?? {})[0]?.schema;
  return html`<section><h2><code>${method.toUpperCase()} ${path}</code></h2><p>${operation.summary}.</p>
${operation.parameters ? table(operation.parameters.map(({ name, required, schema, description }) => ({ name, required: required ?? false, schema: schema ?? {}, description }))) : nothing}
${body ? html`<p>Takes ${typeOf(body)}.</p>` : nothing}
<ul>${Object.entries(operation.responses ?? {}).map(([status, answer]) => html`<li><code>${status}</code> ${answer.description}${Object.values(answer.content ?? {}).map((content) => html`: ${typeOf(content.schema ?? {})}`)}</li>`)}</ul></section>`;
}

function fields({ properties = {}, required = [] }: Schema): Html {
  return table(
    Object.entries(properties).map(([name, schema]) => ({
      name,
      required: required.includes(name),
      schema,
      description: schema.description,
    })),
  );
}

function table(rows: { name: string; required: boolean; schema: Schema; description: string | undefined }[]): Html {
  return html`<table><thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead><tbody>${rows.map(
    ({ name, required, schema, description }) =>
      html`<tr><th scope="row"><code>${name}</code>${required ? "" : html` <span class="details">optional</span>`}</th><td>${typeOf(schema)}</td><td>${description ?? schema.description ?? ""}${schema.default === undefined ? nothing : html` Default: <code>${JSON.stringify(schema.default)}</code>.`}</td></tr>`,
  )}</tbody></table>`;
}

function typeOf(schema: Schema): Html {
  const name = schema.$ref?.split("/").at(-1);
  if (name) return html`<a href="#${name}">${name}</a>`;
  if (schema.enum)
    return html`${schema.enum.map((value, at) => html`${at > 0 ? ", " : ""}<code>${String(value)}</code>`)}`;
  if (schema.anyOf) return html`${schema.anyOf.map((one, at) => html`${at > 0 ? " or " : ""}${typeOf(one)}`)}`;
  const types = [schema.type ?? "anything"].flat();
  if (types.includes("array")) return html`list of ${schema.items ? typeOf(schema.items) : "anything"}`;
  if (schema.properties)
    return html`{ ${Object.entries(schema.properties).map(([key, one], at) => html`${at > 0 ? ", " : ""}${key}: ${typeOf(one)}`)} }`;
  const range =
    schema.minimum !== undefined && schema.maximum !== undefined ? `, ${schema.minimum} to ${schema.maximum}` : "";
  return html`${types.join(" or ")}${schema.format ? ` (${schema.format})` : ""}${range}`;
}
