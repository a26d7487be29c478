import { Hono } from "hono";
import { html } from "hono/html";
import { Gauge, Registry } from "prom-client";
import type { Context } from "../context.ts";
import { readStatus } from "../status.ts";
import { assets, stylePath } from "../web/assets.ts";

/** The admin listener: how everything is, for a person at `/` and for Prometheus at `/metrics`. */
export function createAdmin(context: Context): Hono {
  const app = new Hono();
  app.route("/", assets());
  app.get("/", async (c) => {
    const status = await readStatus(context);
    const rows = (entries: [string, unknown][]) =>
      html`<table><tbody>${entries.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${String(value ?? "–")}</td></tr>`)}</tbody></table>`;
    return c.html(html`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Paper Round, admin</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="${stylePath}"></head><body><main class="sheet">
<h1 class="title">How Paper Round is</h1><p class="details">${status.now}</p>
<h2>Problems</h2>${status.problems.length > 0 ? html`<ul>${status.problems.map((problem) => html`<li>${problem}</li>`)}</ul>` : html`<p>None.</p>`}
<h2>Sources</h2><table><thead><tr><th>Name</th><th>Last read</th><th>Next</th><th>Read</th><th>Skipped</th><th>Error</th></tr></thead><tbody>${status.sources.map(
      (it) =>
        html`<tr><td>${it.name}</td><td>${it.lastSuccess ?? "never"}</td><td>${it.nextPoll}</td><td>${it.seen ?? 0} of ${it.expected ?? 0}</td><td>${it.skipped ?? 0}</td><td>${it.error ?? ""}</td></tr>`,
    )}</tbody></table>
<h2>Papers</h2>${rows(Object.entries(status.papers))}
<h2>Readers</h2>${rows([...Object.entries(status.readers), ["due now", status.due]])}
<h2>Mails</h2>${rows(Object.entries(status.outbox))}
<h2>Returned in the last week</h2>${rows(Object.entries(status.returned))}
</main></body></html>`);
  });
  app.get("/metrics", async (c) => {
    const registry = await measure(context);
    return c.text(await registry.metrics(), 200, { "content-type": registry.contentType });
  });
  app.get("/healthz", (c) => c.text("ok"));
  return app;
}

async function measure(context: Context): Promise<Registry> {
  const status = await readStatus(context);
  const registry = new Registry();
  const gauge = (name: string, help: string, values: Record<string, number>, label?: string) => {
    const it = new Gauge({
      name: `paper_round_${name}`,
      help,
      labelNames: label ? [label] : [],
      registers: [registry],
    });
    for (const [key, value] of Object.entries(values)) label ? it.set({ [label]: key }, value) : it.set(value);
  };
  gauge("papers", "Papers kept", { all: status.papers.total });
  gauge("papers_unmatched", "Papers not yet matched to the interests", { all: status.papers.unmatched });
  gauge("readers", "Readers by status", status.readers, "status");
  gauge("readers_due", "Readers whose digest is due", { all: status.due });
  gauge("mails", "Mails by state", status.outbox, "state");
  gauge("returned_mails", "Mails that came back in the last week, by what they said", status.returned, "kind");
  gauge("problems", "Things that need a person", { all: status.problems.length });
  gauge(
    "source_failing",
    "Whether a source could not be read at the last poll",
    Object.fromEntries(status.sources.map((it) => [it.name, it.error ? 1 : 0])),
    "source",
  );
  return registry;
}
