import { expect, test } from "vitest";
import { createApp } from "../../src/web/app.ts";
import { createContext } from "../support/context.ts";
import { addPapers, paper } from "../support/make.ts";

const context = await createContext();
const app = createApp(context);
await addPapers(context, paper({ title: "Speech <b>&</b> $\\alpha$-boats", abstract: "It is about speech." }));

const post = (path: string, form: Record<string, string>) =>
  app.request(path, { method: "POST", body: new URLSearchParams(form) });

test.each([
  `?q=${"a".repeat(10_000)}`,
  `?q=${"x OR ".repeat(500)}x`,
  `?q=${"(".repeat(50)}a${")".repeat(50)}`,
  "?q=-x",
  "?q=the",
  "?q=*",
  "?q=%22",
  "?q=%F0%9F%A6%94",
  "?q=%D7%A9%D7%9C%D7%95%D7%9D",
  "?q=';drop table papers--",
  "?q=%00",
  "?date=2026-13-45",
  "?week=2026-W99",
  "?month=x",
  "?date=99999999-01-01",
  "?date=-271821-04-20",
  "?date=0000-01-01",
  "?week=0000-W01",
  "?date=2026-11-20[u-ca=hebrew]",
  "?month=2026-11-20",
])("/papers%s is answered without a failure", async (query) => {
  expect((await app.request(`/papers${query}`)).status).toBe(200);
});

const hostile = [
  "a".repeat(10_000),
  `${"x OR ".repeat(500)}x`,
  `${"(".repeat(50)}a${")".repeat(50)}`,
  `${"a ".repeat(32)}`,
  Array(32).fill('"of the and"').join(" OR "),
  "-x",
  "of the",
  "*",
  '"',
  "a*b*",
  "🦔",
  "שלום עולם",
  "\u202emoc.live",
  "' or 1=1; drop table papers--",
  "<script>alert(1)</script>",
  "\0",
  "\ud800",
  "",
  "%s%n",
  "$\\frac{",
];

test.each(hostile.map((text) => [JSON.stringify(text).slice(0, 40), text]))(
  "%s is answered wherever it is typed, as text and without a failure",
  async (_name, text) => {
    const q = new URLSearchParams({ q: text, interests: text });
    for (const path of [
      `/papers?${q}`,
      `/feed.atom?${q}`,
      `/subscribe?${q}`,
      `/api/v1/papers?${q}`,
      `/api/v1/preview?${q}`,
    ]) {
      const response = await app.request(path);
      expect(response.status, path.slice(0, 60)).toBeLessThan(500);
      if (path.startsWith("/papers") || path.startsWith("/subscribe")) expect(response.status).toBe(200);
      if (response.headers.get("content-type")?.startsWith("text/html"))
        expect(await response.text()).not.toContain("<script>alert");
    }
    expect((await post("/preview", { interests: text, change: text, line: text })).status).toBe(200);
    expect((await post("/subscribe", { email: text, interests: text })).status).toBe(422);
  },
);

test("a form larger than any reader needs is refused", async () => {
  expect((await post("/subscribe", { email: "a@example.org", interests: "x".repeat(300_000) })).status).toBe(413);
});

test.each([
  ["a NUL in a field", { email: "a@example.org", interests: "spe\u0000ech" }, 200],
  ["a lone surrogate", { email: "a@example.org", interests: "speech \ud800" }, 422],
])("%s is no failure of ours", async (_name, form, status) => {
  expect((await post("/subscribe", form)).status).toBe(status);
});

test("a form that can't be read, and numbers that no row has, get an answer of 4xx", async () => {
  const broken = { method: "POST", body: "x", headers: { "content-type": "multipart/form-data" } };
  expect((await app.request("/subscribe", broken)).status).toBe(422);
  for (const path of ["/papers/%00", "/mailbox/99999999999999999999"])
    expect((await app.request(path)).status, path).toBe(404);
});
