import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Hono } from "hono";

type Asset = { body: string; type: string; path: string };

const style = load("style.css", "text/css; charset=utf-8");
const script = load("form.js", "text/javascript; charset=utf-8");
const icon = load("icon.svg", "image/svg+xml");

/** Addresses with the hash of the content in them: they can be cached for ever. */
export const stylePath = style.path;
export const scriptPath = script.path;
export const iconPath = icon.path;

export function assets(): Hono {
  const app = new Hono();
  for (const asset of [style, script, icon])
    app.get(asset.path, (c) =>
      c.body(asset.body, 200, { "content-type": asset.type, "cache-control": "public, max-age=31536000, immutable" }),
    );
  return app;
}

function load(name: string, type: string): Asset {
  const body = readFileSync(new URL(name, import.meta.url), "utf8");
  const hash = createHash("sha256").update(body).digest("base64url").slice(0, 12);
  const [stem, extension] = name.split(".");
  return { body, type, path: `/assets/${stem}.${hash}.${extension}` };
}
