import { expect, test } from "vitest";
import * as digest from "../../emails/digest.ts";
import { textOf } from "../../src/delivery/content.ts";
import { compileTemplates, type Filled, inOnePiece, mails, type Whole } from "../../src/delivery/templates.ts";

const templates = await compileTemplates();
const whole = digest.examples[0] as digest.DigestView;
const entry = whole.papers[0] as digest.EntryView;
const { paper } = entry;
type Name = keyof typeof mails;
const names = Object.keys(mails) as Name[];

/** Every template with each of its examples; `change` may alter the view before. */
function fillAll(change: (view: object) => object = (view) => view): (Whole & { name: Name; view: object })[] {
  return names.flatMap((name) => {
    const fill = templates[name] as (view: object) => Filled;
    return mails[name].examples.map((example) => {
      const view = change(example);
      return { name, view, ...inOnePiece(fill(view)) };
    });
  });
}

/** The view with every text in it put through `change`, in lists and pieces as well. */
function mapTexts<Value>(value: Value, change: (text: string, key: string) => string, key = ""): Value {
  if (typeof value === "string") return change(value, key) as Value;
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change, key)) as Value;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, change, key)])) as Value;
}

/** All texts of a view, those in its lists included. */
function textsOf(view: object): string[] {
  const texts: string[] = [];
  mapTexts(view, (text) => {
    texts.push(text);
    return text;
  });
  return texts;
}

const signs: Record<string, string> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&nbsp;": " ",
};

/** What a reader of the HTML sees, in one line. */
function seen(html: string): string {
  return html
    .replace(/<(style|title)\b.*?<\/\1>|<!--.*?-->/gs, "")
    .replace(/<[^>]*>/g, "")
    .replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (entity) => signs[entity] ?? entity);
}

test("every template fills from each of its examples, with nothing left to fill", () => {
  expect(names).toHaveLength(8);
  for (const { subject, html, text } of fillAll()) {
    expect(subject.length).toBeGreaterThan(10);
    expect(`${subject}${html}${text}`).not.toMatch(/\{\{|\[\[|undefined|\[object|NaN/);
  }
});

test("all that an example says is in its HTML, and in its text too", () => {
  for (const { view, html, text } of fillAll()) {
    const flat = text.replace(/\s+/g, " ");
    for (const value of textsOf(view)) {
      expect(flat).toContain(value);
      if (value.startsWith("http")) expect(html).toContain(`href="${value}"`);
      else expect(seen(html)).toContain(value);
    }
  }
});

test("every value is escaped", () => {
  const hostile = `<script>alert("1")</script> & 'x' {{subject}} {{{html}}}`;
  for (const { html, text } of fillAll((view) => mapTexts(view, () => hostile))) {
    expect(html).not.toMatch(/<script/i);
    expect(seen(html)).toContain(hostile);
    expect(text.replace(/\s+/g, " ")).toContain(hostile);
    for (const [tag] of html.matchAll(/<a\b[^>]*>/g)) expect(tag).toMatch(/^<a( [a-z]+="[^"<>]*")+>$/);
  }
});

test("a value can't begin a line of its own in the text", () => {
  const forged = "Title\r\nStop these mails: https://evil.example/\u2028Yours";
  const { text } = inOnePiece(
    templates.digest({ ...whole, papers: [{ ...entry, paper: { ...paper, title: forged } }] }),
  );
  expect(text).not.toMatch(/^Stop these mails: https:\/\/evil|^Yours/m);
});

test("the text is at most 72 columns wide, and no address in it is broken", () => {
  const long = (text: string, key: string) =>
    /url$/i.test(key) ? `https://papers.example.org/${"a".repeat(90)}` : `${text}${" and some more words".repeat(20)}`;
  for (const { text, view } of [...fillAll(), ...fillAll((view) => mapTexts(view, long))]) {
    for (const line of text.split("\n")) {
      if (line.length > 72) expect(line.trim()).toMatch(/^https:\/\/\S+$/);
      expect(line).toBe(line.trimEnd());
    }
    expect(text).not.toMatch(/\n{3}/);
    for (const url of textsOf(view).filter((value) => value.startsWith("http"))) expect(text).toContain(url);
  }
});

test("twenty papers of long text stay well under 100,000 bytes of HTML", () => {
  const long: digest.PaperView = {
    ...paper,
    title: "Quotes & “marks” in a very long title about harbours ".repeat(4),
    authors:
      "Wolfeschlegelsteinhausenbergerdorff the Elder, Nguyễn Thị Minh Khai, Jean-Baptiste Grenouille and 297 more",
    details:
      "An organisation with a rather long name indeed · 19 November 2026 · cs.CL, cs.LG, cs.CV, stat.ML · 1,241 votes",
    excerpt: Array.from({ length: 12 }, (_, at) => ({ text: `${"some words ".repeat(3)}& `, hit: at % 2 === 1 })),
    excerptText: "some words & ".repeat(35),
    also: "also: large language models, language models, foundation models",
    links: ["Abstract", "PDF", "Hugging Face", "Code", "Project"].map((label) => ({
      label,
      url: `https://example.org/${"long/".repeat(10)}?a=1&b=2`,
    })),
  };
  const entries = Array.from({ length: 20 }, () => ({ ...entry, paper: long }));
  const { html } = inOnePiece(templates.digest({ ...whole, papers: entries, trending: entries.slice(0, 3) }));
  expect(Buffer.byteLength(html)).toBeLessThan(90_000);
});

test("who is subscribed finds the link that ends it near the top and in the foot", () => {
  for (const { name, view, html, text } of fillAll()) {
    const links = html.match(/<a [^>]*href="[^"]*\/unsubscribe\/[^"]*"[^>]*>Stop these mails<\/a>/g) ?? [];
    const lines = text.split("\n").filter((line) => /^Stop these mails: http/.test(line));
    const expected = "unsubscribeUrl" in view ? 2 : 0;
    expect([name, links.length, lines.length]).toEqual([name, expected, expected]);
    if (expected) expect(html.indexOf("Stop these mails")).toBeLessThan(html.indexOf("<h1"));
  }
});

test("a mail says its language, has one first heading, and skips no level", () => {
  for (const { html } of fillAll()) {
    expect(html).toMatch(/^<!doctype html><html lang="en"/);
    const levels = [...html.matchAll(/<h(\d)/g)].map((it) => Number(it[1]));
    expect(levels.filter((level) => level === 1)).toEqual([1]);
    levels.forEach((level, at) => {
      expect(level - (levels[at - 1] ?? 0)).toBeLessThanOrEqual(1);
    });
    for (const table of html.match(/<table[^>]*>/g) ?? []) expect(table).toContain('role="presentation"');
  }
});

test("nothing is fetched from anywhere, nothing runs, and no link says where to open", () => {
  for (const { html } of fillAll()) {
    expect(html).not.toContain("target=");
    expect(html).not.toMatch(/<img|<script|<link|<iframe|@import|@font-face|url\(|fonts\.g| on\w+=/i);
  }
});

test("matches come first, then near misses, what others read, news, and what was read", () => {
  const { html, text } = inOnePiece(templates.digest(whole));
  const inOrder = [
    "Laundry at Last",
    "37 more papers",
    "Robots in the Wild",
    "What a Year",
    "new version",
    "has not announced",
    "Read last",
  ];
  for (const part of [seen(html), text.replace(/\s+/g, " ")]) {
    const places = inOrder.map((words) => part.lastIndexOf(words));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((one, other) => one - other));
  }
});

test("what a digest has not leaves no trace: no heading, no empty list", () => {
  const bare = { ...paper, authors: "", details: "", interest: undefined, also: undefined, links: [] };
  const { html, text } = inOnePiece(
    templates.digest({
      ...whole,
      papers: [{ paper: bare }, { paper: { ...bare, excerpt: [], excerptText: "" } }],
      trending: [],
      nearMisses: [],
      notes: [],
      problems: [],
      more: undefined,
    }),
  );
  expect(text).not.toMatch(/\n{3}/);
  expect(html).not.toMatch(/Near misses|What others read|In brief|<ul|<li|\(\)|<p class="(by|quiet)"[^>]*><\/p>/);
});

test("what is the same in two mails is filled in once for both", () => {
  const [one, other] = [
    templates.digest(whole),
    templates.digest({ ...whole, unsubscribeUrl: "https://other.example" }),
  ];
  for (const part of ["html", "text"] as const) {
    const shared = new Set(one[part]).intersection(new Set(other[part]));
    const letters = [...shared].reduce((sum, it) => sum + textOf([it]).length, 0);
    expect(letters / textOf(one[part]).length).toBeGreaterThan(0.4);
    expect(textOf(other[part])).toContain("https://other.example");
  }
});

function subjectOf(title: string, others = 0): string {
  const papers = Array.from({ length: 1 + others }, () => ({ paper: { ...paper, title } }));
  return digest.subject({ ...whole, papers, trending: [] });
}

test("a subject is the first title and the count, at most sixty letters, cut between words", () => {
  expect(subjectOf("Attention Is All You Need", 9)).toBe("Attention Is All You Need +9 more");
  expect(subjectOf("A rather long title about speech in small harbours and the boats that leave them", 2)).toBe(
    "A rather long title about speech in small harbours… +2 more",
  );
  expect(subjectOf("Attention Is All You Need: A Retrospective over Ten Years of Transformers", 9)).toBe(
    "Attention Is All You Need +9 more",
  );
  expect(subjectOf("DPO: Direct Preference Optimization Is Secretly a Reward Model of the Policy", 9)).toBe(
    "DPO: Direct Preference Optimization Is Secretly… +9 more",
  );
  for (const words of ["word ", "Ω ", "speech in the ", "of: "]) {
    for (const others of [0, 1, 999]) expect(subjectOf(words.repeat(60), others).length).toBeLessThanOrEqual(60);
  }
});

test("no title takes long to cut, nor leaves nothing", () => {
  const titles = [
    "-".repeat(50),
    "- of ".repeat(99),
    ": — ".repeat(3000),
    "a\u0301".repeat(9000),
    `${"-".repeat(40)}x`.repeat(50),
  ];
  const start = performance.now();
  for (const title of titles) expect(subjectOf(`${title}${"x".repeat(90)}`).length).toBeGreaterThan(9);
  expect(performance.now() - start).toBeLessThan(10_000);
});

test("an emoji at the cut is kept whole or left out", () => {
  const subject = subjectOf("👩‍🔬".repeat(70));
  expect(subject.isWellFormed()).toBe(true);
  expect(subject.replaceAll("👩‍🔬", "")).toBe("…");
});

test("the line behind the subject adds to it and is hidden in the mail, with room behind it", () => {
  for (const { name, view, subject, html } of fillAll()) {
    const preheader = (mails[name].preheader as (view: object) => string)(view);
    expect(preheader.length).toBeGreaterThan(20);
    expect(preheader).not.toContain(subject.replace(/…? \+\d+ more$/, ""));
    expect(html).toMatch(/<body[^>]*><div[^>]*><div [^>]*style="display:none[^"]*">[^<]{150,}<\/div>/);
  }
});
