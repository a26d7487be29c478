import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { UserError } from "../../src/errors.ts";
import { readFile } from "../../src/sources/file.ts";
import type { Reading } from "../../src/sources/source.ts";
import { temporaryFolder } from "../support/folder.ts";

const folder = temporaryFolder();

let made = 0;
async function fileOf(content: string | Buffer, name = `file${++made}`): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function read(path: string): Promise<Reading & { pages: number }> {
  const all: Reading & { pages: number } = { papers: [], skipped: [], pages: 0 };
  for await (const { papers, skipped } of readFile(path)) {
    all.papers.push(...papers);
    all.skipped.push(...skipped);
    all.pages++;
  }
  return all;
}

async function mistake(path: string): Promise<UserError> {
  const error = await read(path).catch((it) => it);
  expect(error).toBeInstanceOf(UserError);
  expect(error.message).not.toContain("\n");
  return error;
}

const daily = JSON.stringify([
  { paper: { id: "2611.00501", title: "Tides", submittedOnDailyAt: "2026-11-20T01:00:00Z" }, numComments: 1 },
]);
const lines = `{"id":"2611.00501v2","day":"2026-11-20","title":"Tides","authors":["Ada Okafor"],"categories":["cs.CL"],"summary":"On tides."}\n`;
const rss = `<rss version="2.0"><channel><title>cs.CL updates on arXiv.org</title><item><title>Tides</title>
  <guid>oai:arXiv.org:2611.00501v1</guid><description>arXiv:2611.00501v1 Announce Type: new \nAbstract: On tides.</description>
  </item></channel></rss>`;
const atom = `<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>arXiv Query</title><entry>
  <id>http://arxiv.org/abs/2611.00501v1</id><title>Tides</title><summary>On tides.</summary></entry></feed>`;
const oai = `<OAI-PMH><ListRecords><record><header/><metadata><arXivRaw><id>2611.00501</id><title>Tides</title>
  <abstract>On tides.</abstract></arXivRaw></metadata></record></ListRecords></OAI-PMH>`;
const recording = JSON.stringify({ url: "https://export.arxiv.org/api/query", status_code: 200, body: atom }, null, 2);

test.each([
  ["a daily-papers array", daily],
  ["JSON Lines", lines],
  ["JSON Lines without a last line break", lines.trimEnd()],
  ["RSS", rss],
  ["Atom", atom],
  ["OAI-PMH", oai],
  ["a recorded answer", recording],
])("%s is told by its content: plain, gzipped, and after a byte order mark", async (_name, content) => {
  const forms = [
    await fileOf(content),
    await fileOf(gzipSync(content), `file${++made}.txt`),
    await fileOf(`\ufeff${content}`),
    await fileOf(gzipSync(`\n  ${content}`)),
    await fileOf(content, `file${++made}.gz`),
  ];
  for (const path of forms) {
    const { papers, skipped } = await read(path);
    expect(skipped).toEqual([]);
    expect(papers).toMatchObject([{ arxivId: "2611.00501", title: "Tides" }]);
  }
});

test("a line is read whole", async () => {
  const line = {
    id: "arXiv:2611.00502v3",
    title: "Tides\n of meaning",
    abstract: "One.\n\nTwo.",
    authors: "Ada Okafor, Linh Nguyễn and J. Lima",
    categories: "cs.CL cs.LG",
    organization: "Kestrel Ridge",
    comment: "12 pages",
    published: "2026-11-18T10:00:00Z",
    day: "2026-11-20",
    doi: "https://doi.org/10.1000/TIDES",
    upvotes: 4,
    comments: 2,
    code_url: "https://code.example.org/tides",
    project_url: "javascript:alert(1)",
  };
  const { papers } = await read(await fileOf(JSON.stringify(line)));
  expect(papers).toEqual([
    {
      arxivId: "2611.00502",
      version: 3,
      doi: "10.1000/tides",
      title: "Tides of meaning",
      abstract: "One.\n\nTwo.",
      authors: ["Ada Okafor", "Linh Nguyễn", "J. Lima"],
      organization: "Kestrel Ridge",
      categories: ["cs.CL", "cs.LG"],
      comment: "12 pages",
      publishedOn: "2026-11-18",
      upvotes: 4,
      comments: 2,
      codeUrl: "https://code.example.org/tides",
      projectUrl: undefined,
      authority: 2,
      listings: [{ source: "arxiv", section: "cs.CL", kind: "new", date: "2026-11-20" }],
    },
  ]);
});

test("a line with a title alone is a paper of the least authority, with no listing", async () => {
  const { papers } = await read(await fileOf('{"page":3,"title":"Tides","date":"Jul 26, 2023","day":"2026-11-20"}'));
  expect(papers).toMatchObject([{ arxivId: undefined, publishedOn: "2023-07-26", authority: 0, listings: [] }]);
});

test("malformed lines are skipped by number and the rest is kept", async () => {
  const content = [
    '{"title":"One"}',
    "",
    '{"title":"Tw',
    '["Three"]',
    "null",
    '{"title":""}',
    '{"id":"no such thing","title":"Six"}',
    '{"title":"Seven","upvotes":"many","authors":7,"day":"someday","published":"0000-01-01"}',
  ].join("\r\n");
  const { papers, skipped } = await read(await fileOf(content));
  expect(papers.map((it) => it.title)).toEqual(["One", "Seven"]);
  expect(papers[1]).toMatchObject({ upvotes: undefined, authors: [], publishedOn: undefined });
  expect(skipped.map((it) => it.entry)).toEqual(["line 3", "line 4", "line 5", "line 6", "line 7"]);
  expect(skipped.map((it) => it.reason)).toEqual([
    expect.stringMatching(/^it is not JSON: /),
    "it is not a JSON object",
    "it is not a JSON object",
    "it has no title",
    'its id "no such thing" is neither an arXiv id nor a DOI',
  ]);
});

test("a long file comes in pages, with every line in one of them", async () => {
  const content = Array.from({ length: 1201 }, (_, index) => `{"title":"Paper ${index}"}`).join("\n");
  const { papers, pages } = await read(await fileOf(gzipSync(content)));
  expect(pages).toBe(3);
  expect(papers.map((it) => it.title)).toEqual(Array.from({ length: 1201 }, (_, index) => `Paper ${index}`));
});

test("signs that JSON may hold as they are end no line", async () => {
  const titles = ["one\u2028two", "one\u2029two"];
  const { papers, skipped } = await read(
    await fileOf(titles.map((title) => `${JSON.stringify({ title })}\r\n`).join("")),
  );
  expect(skipped).toEqual([]);
  expect(papers.map((it) => it.title)).toEqual(titles.map(() => "one two"));
});

test("one line of many megabytes is one line", async () => {
  const { papers } = await read(await fileOf(JSON.stringify({ title: "Long", abstract: "a ".repeat(2_000_000) })));
  expect(papers[0]?.abstract.length).toBe(3_999_999);
});

test("what no database can hold is taken out of every field", async () => {
  const line = { title: "A\0 title\ud800", abstract: "\0", authors: ["A\0"], doi: "10.1000/\0x", comment: "\u0007" };
  const { papers } = await read(await fileOf(JSON.stringify(line)));
  expect(JSON.stringify(papers)).not.toMatch(/\\u0000|\\u0007|\\ud800/);
});

test("a missing file and a folder are mistakes that name the path", async () => {
  const missing = join(folder, "missing.json");
  expect(await mistake(missing)).toMatchObject({ code: "not_found" });
  expect((await mistake(missing)).message).toContain(`${missing} is not there`);
  expect((await mistake(folder)).message).toContain(`${folder} is a folder`);
});

test.each([
  ["of no bytes", ""],
  ["of spaces", " \n\n"],
  ["of no bytes, gzipped", gzipSync("")],
])("an empty file is a mistake that says so: %s", async (_name, content) => {
  expect((await mistake(await fileOf(content))).message).toMatch(/is empty/);
});

test.each([
  ["plain text", "Tides, by Ada Okafor", /none of the forms/],
  ["CSV", "id,title\n2611.00501,Tides\n", /none of the forms/],
  ["PDF", Buffer.from("%PDF-1.7\n\xff\xfe", "latin1"), /none of the forms/],
  ["HTML", "<!DOCTYPE html><html><body>", /a web page, not a feed/],
  ["another XML", "<opml/>", /no feed of arXiv/],
  ["half an array", '[{"paper":', /JSON/],
  ["half a recording", '{"url": "https://export.arxiv.org/", "bod', /JSON/],
  ["a recording of no text", '{"url": "https://export.arxiv.org/", "body": 7}', /none of the forms/],
  ["one byte", "x", /none of the forms/],
])("an unknown form is a mistake that names the file: %s", async (_name, content, message) => {
  const path = await fileOf(content);
  const error = await mistake(path);
  expect(error.message).toContain(path);
  expect(error.message).toMatch(message);
});

test.each([
  ["JSON Lines", lines.repeat(2000)],
  ["an array", `[${Array(2000).fill(daily.slice(1, -1)).join(",")}]`],
])("a gzipped file of %s that is cut short is a mistake that names the file", async (_name, content) => {
  const whole = gzipSync(content);
  const path = await fileOf(whole.subarray(0, whole.length - 20));
  expect((await mistake(path)).message).toContain(path);
});

test("a file with the sign of gzip and nothing more is a mistake", async () => {
  const path = await fileOf(Buffer.from([0x1f, 0x8b]));
  expect((await mistake(path)).message).toContain(path);
});
