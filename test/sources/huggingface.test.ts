import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { SourceError } from "../../src/sources/http.ts";
import { dailyPapers, readDailyPapers } from "../../src/sources/huggingface.ts";
import type { Reading } from "../../src/sources/source.ts";
import { testConfig } from "../support/context.ts";
import { startUpstream } from "../support/upstream.ts";

/** An entry in the form of `GET /api/daily_papers`. */
function entry(paper: Record<string, unknown> = {}, outer: Record<string, unknown> = {}) {
  return {
    paper: {
      id: "2611.00101",
      authors: [
        { _id: "69f406b0ab6004e666b00001", name: "Ada Okafor", hidden: false },
        { _id: "69f406b0ab6004e666b00002", name: "Linh Nguyễn" },
      ],
      publishedAt: "2026-11-18T00:00:00.000Z",
      submittedOnDailyAt: "2026-11-20T01:30:02.362Z",
      title: "Harbour Pilots\nLearn",
      summary: "We teach\nharbour pilots.\n\nIt works.",
      upvotes: 12,
      githubRepo: "https://github.com/example/pilots",
      projectPage: "https://pilots.example.org",
      discussionId: "69f406b0ab6004e666b00003",
      ai_keywords: ["pilots"],
      ...paper,
    },
    publishedAt: "2026-11-18T20:00:00.000Z",
    title: "Harbour Pilots\nLearn",
    numComments: 3,
    thumbnail: "https://cdn.example.org/thumbnail.png",
    organization: { _id: "1", name: "kestrel", fullname: "Kestrel Ridge Research" },
    isAuthorParticipating: false,
    ...outer,
  };
}

const readOne = (paper: Record<string, unknown>, outer?: Record<string, unknown>) =>
  readDailyPapers([entry(paper, outer)]).papers[0];

test("an entry is read whole, with line breaks in title and summary folded", () => {
  expect(readDailyPapers([entry()])).toEqual({
    skipped: [],
    papers: [
      {
        arxivId: "2611.00101",
        version: undefined,
        title: "Harbour Pilots Learn",
        abstract: "We teach harbour pilots.\n\nIt works.",
        authors: ["Ada Okafor", "Linh Nguyễn"],
        organization: "Kestrel Ridge Research",
        categories: [],
        publishedOn: "2026-11-18",
        upvotes: 12,
        comments: 3,
        codeUrl: "https://github.com/example/pilots",
        projectUrl: "https://pilots.example.org/",
        authority: 1,
        listings: [{ source: "huggingface", section: "", kind: "daily", date: "2026-11-20" }],
      },
    ],
  });
});

test("a version in the id is folded into the work", () => {
  expect(readOne({ id: "2611.00101v3" })).toMatchObject({ arxivId: "2611.00101", version: 3 });
});

test("hidden authors and those without a name are left out", () => {
  const authors = [{ name: "Seen" }, { name: "Unseen", hidden: true }, { hidden: false }, null, "text", { name: " " }];
  expect(readOne({ authors })?.authors).toEqual(["Seen"]);
});

test("a malformed entry is skipped by name and the rest of the page is kept", () => {
  const { papers, skipped } = readDailyPapers([
    entry(),
    "2611.00102",
    null,
    { title: "No paper in it" },
    entry({ id: "not-an-id" }),
    entry({ title: "", id: "2611.00103" }, { title: undefined }),
    entry({ id: "2611.00104" }),
  ]);
  expect(papers.map((it) => it.arxivId)).toEqual(["2611.00101", "2611.00104"]);
  expect(skipped).toEqual([
    { entry: "entry 2 of 7", reason: "it is a string, not an object" },
    { entry: "entry 3 of 7", reason: "it is null, not an object" },
    { entry: "entry 4 of 7 (No paper in it)", reason: "it has no `paper` with an `id`" },
    { entry: "entry 5 of 7 (not-an-id Harbour Pilots Learn)", reason: 'its id "not-an-id" is no arXiv id' },
    { entry: "entry 6 of 7 (2611.00103)", reason: "it has no title" },
  ]);
});

test.each([
  ["upvotes", "many"],
  ["upvotes", -1],
  ["upvotes", 1e300],
  ["authors", "Ada Okafor"],
  ["summary", null],
  ["publishedAt", "yesterday"],
  ["publishedAt", "0000-01-01T00:00:00.000Z"],
  ["submittedOnDailyAt", 20_261_120],
  ["githubRepo", "javascript:alert(1)"],
  ["organization", 7],
])("a paper whose %s is %j is read without it", (field, value) => {
  const read = readOne({ [field]: value });
  expect(read?.title).toBe("Harbour Pilots Learn");
  if (field === "upvotes") expect(read?.upvotes).toBeUndefined();
  if (field === "authors") expect(read?.authors).toEqual([]);
  if (field === "publishedAt") expect(read?.publishedOn).toBeUndefined();
  if (field === "githubRepo") expect(read?.codeUrl).toBeUndefined();
  if (field === "submittedOnDailyAt") expect(read?.listings).toEqual([]);
});

test("an entry with an id and a title alone is a paper, wherever the title stands", () => {
  const { papers, skipped } = readDailyPapers([
    { paper: { id: "2611.00105", title: "Inside" } },
    { title: "Outside", paper: { id: "2611.00106" } },
  ]);
  expect(skipped).toEqual([]);
  expect(papers.map((it) => it.title)).toEqual(["Inside", "Outside"]);
});

test("NUL, lone surrogates and control characters are taken out", () => {
  const read = readOne({ title: "A\u0000 title\ud800 \u0007here", summary: "A\u0000\n\nB\udfff" });
  expect(read?.title).toBe("A title\ufffd here");
  expect(read?.abstract).toBe("A\n\nB\ufffd");
});

async function readRange(
  answer: (path: string) => string | ((response: ServerResponse) => void),
  from: string,
  to = from,
) {
  const upstream = await startUpstream(answer);
  const config = testConfig({ DATABASE_URL: "postgres://nowhere/", HF_URL: upstream.url });
  const readings: Reading[] = [];
  const context = { config } as Parameters<typeof dailyPapers>[0];
  let error: unknown;
  try {
    for await (const reading of dailyPapers(context, Temporal.PlainDate.from(from), Temporal.PlainDate.from(to)))
      readings.push(reading);
  } catch (caught) {
    error = caught;
  }
  return { readings, error, paths: upstream.requests.map((it) => it.path), url: upstream.url };
}

const page = (...entries: unknown[]) => JSON.stringify(entries);

test("each date of a range is asked for, and a weekend is an empty page", async () => {
  const { readings, paths } = await readRange(
    (path) => (path.includes("2026-11-20") ? page(entry()) : "[]"),
    "2026-11-20",
    "2026-11-22",
  );
  expect(paths).toEqual(
    ["2026-11-20", "2026-11-21", "2026-11-22"].map((date) => `/api/daily_papers?date=${date}&limit=100`),
  );
  expect(readings.map((it) => it.papers.length)).toEqual([1, 0, 0]);
});

const withLink = (body: string, link: string) => (response: ServerResponse) => {
  response.writeHead(200, { link }).end(body);
};

test("the next page is followed as long as there is one", async () => {
  const { readings, paths } = await readRange((path) => {
    const number = Number(/p=(\d)/.exec(path)?.[1] ?? 0);
    const body = page(entry({ id: `2611.0020${number}` }));
    if (number === 2) return body;
    return withLink(body, `</api/daily_papers?date=2026-11-20&p=${number + 1}>; rel="next"`);
  }, "2026-11-20");
  expect(readings.map((it) => it.papers[0]?.arxivId)).toEqual(["2611.00200", "2611.00201", "2611.00202"]);
  expect(paths).toHaveLength(3);
});

test("a next page on another host is not followed", async () => {
  const other = await startUpstream(() => "[]");
  const { readings, error } = await readRange(
    () => withLink(page(entry()), `<${other.url}/api/daily_papers?p=1>; rel="next"`),
    "2026-11-20",
  );
  expect(error).toBeUndefined();
  expect(readings).toHaveLength(1);
  expect(other.requests).toEqual([]);
});

test("a next page that is no address, or was read already, ends the pages", async () => {
  const wrong = await readRange(() => withLink(page(entry()), '<http://[>; rel="next"'), "2026-11-20");
  expect(wrong.error).toBeUndefined();
  expect(wrong.readings).toHaveLength(1);
  let left = 5;
  const circle = await readRange(
    (path) => (left-- > 0 ? withLink(page(entry()), `<${path}>; rel="next"`) : page(entry())),
    "2026-11-20",
  );
  expect(circle.paths).toHaveLength(1);
});

test.each([
  ["garbage HTML", "<!DOCTYPE html><html><body>Bad gateway"],
  ["an empty body", ""],
  ["an object", '{"error":"Invalid date"}'],
  ["half an array", '[{"paper":{"id":"2611.0'],
])("%s is a clear SourceError", async (_name, body) => {
  const { error, readings } = await readRange(() => body, "2026-11-20");
  expect(error).toBeInstanceOf(SourceError);
  expect((error as Error).message).toMatch(/^Hugging Face sent no JSON array but "/);
  expect(readings).toEqual([]);
});

test("a page that fails comes after the pages before it", async () => {
  const { error, readings } = await readRange(
    (path) => (path.includes("11-19") ? page(entry()) : (response) => response.writeHead(500).end("oops")),
    "2026-11-19",
    "2026-11-20",
  );
  expect(readings).toHaveLength(1);
  expect((error as Error).message).toMatch(/answered 500: oops/);
});
