import { XMLParser, XMLValidator } from "fast-xml-parser";
import { expect, test } from "vitest";
import { createApp } from "../../src/web/app.ts";
import { createContext } from "../support/context.ts";
import { addPapers, paper } from "../support/make.ts";

async function site() {
  const context = await createContext({}, "2026-11-20T10:00:00Z");
  const app = createApp(context);
  return { context, get: async (path: string, headers: Record<string, string> = {}) => app.request(path, { headers }) };
}

function read(text: string) {
  expect(XMLValidator.validate(text)).toBe(true);
  const isArray = (name: string) => ["entry", "link", "author", "category"].includes(name);
  return new XMLParser({ ignoreAttributes: false, isArray, attributeNamePrefix: "" }).parse(text).feed;
}

test("a feed of an interest has what it hits, last in first, with all that Atom asks for", async () => {
  const { context, get } = await site();
  await addPapers(
    context,
    paper({ arxivId: "2611.10001", title: "Speech <b> & $\\alpha$ \u0007", publishedOn: "2026-11-19" }),
  );
  context.setNow("2026-11-20T11:00:00Z");
  await addPapers(
    context,
    paper({ arxivId: "2611.10002", title: "Speech again", publishedOn: "2020-01-01" }),
    paper({ title: "Boats" }),
  );
  const response = await get("/feed.atom?q=speech%20-robots");
  expect(response.headers.get("content-type")).toBe("application/atom+xml; charset=utf-8");
  const feed = read(await response.text());
  expect(feed).toMatchObject({
    xmlns: "http://www.w3.org/2005/Atom",
    id: "https://papers.example.org/feed.atom?q=speech+-robots",
    title: "Paper Round: speech -robots",
    updated: "2026-11-20T11:00:00Z",
  });
  expect(feed.link.map((it: { rel: string; href: string }) => [it.rel, it.href])).toEqual([
    ["self", "https://papers.example.org/feed.atom?q=speech+-robots"],
    ["alternate", "https://papers.example.org/papers?q=speech+-robots"],
  ]);
  expect(feed.entry.map((it: { title: string }) => it.title)).toEqual(["Speech again", "Speech <b> & α"]);
  expect(feed.entry[1]).toMatchObject({
    id: "https://papers.example.org/papers/2611.10001",
    published: "2026-11-20T10:00:00Z",
    updated: "2026-11-20T10:00:00Z",
    author: [{ name: "Ada Okafor" }, { name: "Linh Nguyễn" }],
    category: [{ term: "cs.CL" }],
    summary: "An abstract about nothing much.",
  });
});

test("who has it already is told so, until there is something new", async () => {
  const { context, get } = await site();
  await addPapers(context, paper({ title: "Speech" }));
  const first = await get("/feed.atom");
  const etag = first.headers.get("etag") as string;
  expect(first.headers.get("cache-control")).toBe("public, max-age=300");
  const second = await get("/feed.atom", { "if-none-match": etag });
  expect(second.status).toBe(304);
  expect(await second.text()).toBe("");
  await addPapers(context, paper({ title: "Speech again" }));
  expect((await get("/feed.atom", { "if-none-match": etag })).status).toBe(200);
});

test("an empty feed is one, and a search that can't be read is told", async () => {
  const { get } = await site();
  expect(read(await (await get("/feed.atom?q=nothing")).text()).updated).toBe("1970-01-01T00:00:00Z");
  const bad = await get("/feed.atom?q=say%20%22ah");
  expect(bad.status).toBe(422);
  expect(await bad.text()).toContain("This quotation mark is not closed.");
});

test("pages lead to the feed of what they show", async () => {
  const { context, get } = await site();
  await addPapers(context, paper({ title: "Speech" }));
  const link = async (path: string) =>
    /type="application\/atom\+xml" title="[^"]*" href="([^"]*)"/.exec(await (await get(path)).text())?.[1];
  expect(await link("/")).toBe("/feed.atom");
  expect(await link("/papers?q=speech+%22a+b%22")).toBe("/feed.atom?q=speech+%22a+b%22");
});

test("search engines are led to every paper, and kept from what is one reader's", async () => {
  const { context, get } = await site();
  await addPapers(
    context,
    paper({ arxivId: "2611.10001", publishedOn: "2026-11-02" }),
    paper({ arxivId: "hep-th/9901001", publishedOn: "1999-01-04" }),
  );
  const robots = await (await get("/robots.txt")).text();
  expect(robots).toContain("Disallow: /preferences/\n");
  expect(robots).toContain("Sitemap: https://papers.example.org/sitemap.xml");
  const index = await (await get("/sitemap.xml")).text();
  const maps = [...index.matchAll(/<loc>https:\/\/papers\.example\.org([^<]*)<\/loc>/g)].map(
    (match) => match[1] as string,
  );
  expect(maps).toEqual(["/sitemap/2026-11.xml", "/sitemap/1999-01.xml"]);
  const old = await (await get(maps[1] as string)).text();
  expect(XMLValidator.validate(old)).toBe(true);
  expect(old).toContain("<loc>https://papers.example.org/papers/hep-th/9901001</loc>");
  expect((await get("/sitemap/2025-01.xml")).status).toBe(404);
});
