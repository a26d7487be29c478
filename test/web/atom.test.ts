import { XMLParser, XMLValidator } from "fast-xml-parser";
import { expect, test } from "vitest";
import { oneLine } from "../../src/sources/source.ts";
import { createApp } from "../../src/web/app.ts";
import { createContext } from "../support/context.ts";
import { addPapers, paper } from "../support/make.ts";

type Node = { name: string; attributes: Record<string, string>; children: Node[]; text: string };

/** A document as a tree, its namespaces left as they are written. */
function read(xml: string): Node {
  expect(XMLValidator.validate(xml)).toBe(true);
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: "",
    parseTagValue: false,
  });
  type Raw = Record<string, unknown> & { ":@"?: Record<string, string> };
  const toNode = (raw: Raw): Node => {
    const [name = ""] = Object.keys(raw).filter((key) => key !== ":@");
    const inside = Array.isArray(raw[name]) ? (raw[name] as Raw[]) : [];
    return {
      name,
      attributes: raw[":@"] ?? {},
      children: inside.filter((it) => !("#text" in it)).map(toNode),
      text: inside
        .map((it) => ("#text" in it ? String(it["#text"]) : ""))
        .join("")
        .trim(),
    };
  };
  const [feed] = (parser.parse(xml) as Raw[]).map(toNode).filter((it) => it.name !== "?xml");
  return feed as Node;
}

const count = (node: Node, name: string) => node.children.filter((it) => it.name === name).length;
const text = (node: Node, name: string) => node.children.find((it) => it.name === name)?.text ?? "";

/** RFC 3339, as RFC 4287 (3.3) wants it: with a capital T, seconds, and a zone. */
const date = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** What RFC 4287 asks for of elements that a feed and an entry have in common (4.1.1, 4.1.2). */
function expectMetadata(node: Node): void {
  for (const name of ["id", "title", "updated"]) expect([name, count(node, name)]).toEqual([name, 1]);
  for (const name of ["published", "summary", "subtitle", "rights", "generator", "icon", "logo", "content"])
    expect(count(node, name), name).toBeLessThanOrEqual(1);
  expect(URL.canParse(text(node, "id"))).toBe(true);
  expect(text(node, "title")).not.toBe("");
  for (const name of ["updated", "published"]) if (count(node, name)) expect(text(node, name)).toMatch(date);
  const alternates = node.children.filter(
    (it) => it.name === "link" && (it.attributes.rel ?? "alternate") === "alternate",
  );
  const kinds = alternates.map((it) => `${it.attributes.type} ${it.attributes.hreflang}`);
  expect(new Set(kinds).size).toBe(kinds.length);
  for (const it of node.children) {
    if (it.name === "link") {
      expect(URL.canParse(it.attributes.href ?? ""), it.attributes.href).toBe(true);
      expect(it.attributes.rel ?? "alternate").toMatch(/^(alternate|related|self|enclosure|via)$/);
      if (it.attributes.type) expect(it.attributes.type).toMatch(/^.+\/.+$/);
      expect(it.children).toEqual([]);
    }
    if (it.name === "category") expect(it.attributes.term).toBeTruthy();
    if (it.name === "author") {
      expect(count(it, "name")).toBe(1);
      expect(text(it, "name")).not.toBe("");
      for (const name of ["uri", "email"]) expect(count(it, name)).toBeLessThanOrEqual(1);
    }
    // No type is text: markup in it would be shown, so there is none but what is escaped.
    if (["title", "summary", "subtitle"].includes(it.name))
      expect([it.attributes.type, it.children]).toEqual([undefined, []]);
  }
}

const known = {
  feed: [
    "id",
    "title",
    "updated",
    "author",
    "link",
    "entry",
    "category",
    "generator",
    "icon",
    "logo",
    "rights",
    "subtitle",
    "contributor",
  ],
  entry: [
    "id",
    "title",
    "updated",
    "published",
    "author",
    "link",
    "category",
    "summary",
    "content",
    "contributor",
    "rights",
    "source",
  ],
};

function expectAtom(xml: string, address: string): Node {
  expect(xml).toMatch(/^<\?xml version="1\.0" encoding="utf-8"\?>\n<feed /);
  const feed = read(xml);
  expect([feed.name, feed.attributes.xmlns]).toEqual(["feed", "http://www.w3.org/2005/Atom"]);
  expectMetadata(feed);
  for (const it of feed.children) expect(known.feed).toContain(it.name);
  const self = feed.children.filter((it) => it.name === "link" && it.attributes.rel === "self");
  expect(self.map((it) => it.attributes.href)).toEqual([address]);
  expect(count(feed, "author")).toBeGreaterThan(0);
  const entries = feed.children.filter((it) => it.name === "entry");
  for (const entry of entries) {
    expectMetadata(entry);
    for (const it of entry.children) expect(known.entry).toContain(it.name);
    // Without content there must be an alternate link (4.1.2).
    expect(entry.children.some((it) => it.name === "link" && it.attributes.rel === "alternate")).toBe(true);
  }
  const ids = entries.map((it) => text(it, "id"));
  expect(new Set(ids).size).toBe(ids.length);
  const updated = entries.map((it) => Date.parse(text(it, "updated")));
  expect(updated).toEqual(updated.toSorted((one, other) => other - one));
  if (updated.length > 0) expect(Date.parse(text(feed, "updated"))).toBe(updated[0]);
  return feed;
}

const nasty = [
  "Speech <b>bold</b> & <script>alert(1)</script> ]]> &amp; &#0; &nbsp;",
  'Speech in "quotes" \u0000\u0007\u000b\ufffe and 🦔',
  "Speech \ud800 half a pair, שלום \u202Etxt.exe\u202C",
  "Speech $\\alpha < \\beta$ --> <!-- <?php ?>",
  `Speech ${"x".repeat(5000)}`,
];

test("feeds are Atom as RFC 4287 has it, whatever stands in papers and searches", async () => {
  const context = await createContext({}, "2026-11-20T10:00:00Z");
  const app = createApp(context);
  for (const [at, title] of nasty.map(oneLine).entries()) {
    context.setNow(`2026-11-20T1${at}:00:00.123456Z`);
    const abstract = `${title} is said.`;
    const categories = ["cs.CL", "a<b", "x&y"];
    const links = { codeUrl: "https://code.example.org/?a=1&b=2", projectUrl: "https://example.org/<x>" };
    await addPapers(
      context,
      paper({ title, abstract, categories, authors: [title, "", " ", "J. Weiß & Co"], ...links }),
    );
  }
  await addPapers(context, paper({ title: "Speech of nobody", abstract: "", authors: [], categories: [] }));
  for (const query of [
    "",
    "?q=speech",
    "?q=nothing",
    `?${new URLSearchParams({ q: 'speech OR "boats & <i>quays" -x' })}`,
    "?q=%20",
  ]) {
    const response = await app.request(`/feed.atom${query}`);
    expect(response.status, query).toBe(200);
    const typed = new URLSearchParams(query).get("q")?.trim();
    const address = `https://papers.example.org/feed.atom${typed ? `?${new URLSearchParams({ q: typed })}` : ""}`;
    const feed = expectAtom(await response.text(), address);
    expect(text(feed, "id")).toBe(address);
  }
  const all = read(await (await app.request("/feed.atom")).text());
  expect(count(all, "entry")).toBe(nasty.length + 1);
});

test("an entry keeps its id while votes, comments and texts of its paper change", async () => {
  const context = await createContext({}, "2026-11-20T10:00:00Z");
  const app = createApp(context);
  const first = paper({ title: "Speech" });
  const idOf = async () => {
    const feed = expectAtom(await (await app.request("/feed.atom")).text(), "https://papers.example.org/feed.atom");
    return feed.children.filter((it) => it.name === "entry").map((it) => text(it, "id"));
  };
  await addPapers(context, first);
  const before = await idOf();
  context.setNow("2026-11-21T10:00:00Z");
  await addPapers(context, { ...first, title: "Speech, revised", version: 2, upvotes: 9 });
  expect(await idOf()).toEqual(before);
});
