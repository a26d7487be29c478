import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Context } from "../../src/context.ts";
import { connect } from "../../src/db.ts";
import { arxivSubmitted } from "../../src/sources/arxiv.ts";
import { SourceError } from "../../src/sources/http.ts";
import { ingest, ingestLatest } from "../../src/sources/ingest.ts";
import { createContext } from "../support/context.ts";
import { startUpstream } from "../support/upstream.ts";

type Announcement = { id: string; type?: string; title?: string };

function feed(day: string, announcements: Announcement[], section = "cs.CL"): string {
  const items = announcements.map(
    ({ id, type = "new", title = `Title of ${id}` }) => `<item><title>${title}</title>
      <description>arXiv:${id} Announce Type: ${type} \nAbstract: About it.</description>
      <guid isPermaLink="false">oai:arXiv.org:${id}</guid><category>${section}</category>
      <arxiv:announce_type>${type}</arxiv:announce_type><dc:creator>Ada Okafor</dc:creator></item>`,
  );
  return `<?xml version='1.0' encoding='UTF-8'?>
    <rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0"><channel>
    <title>${section} updates on arXiv.org</title><pubDate>${day} 00:00:00 -0500</pubDate>${items.join("")}</channel></rss>`;
}

const thursday = [
  { id: "2611.00401v1" },
  { id: "2611.00402v1", type: "cross" },
  { id: "2609.00001v3", type: "replace" },
];
const friday = [{ id: "2611.00403v1" }];

/** One category, on the morning of Friday, 20 November, in New York (01:00 there). */
async function start(answer: Parameters<typeof startUpstream>[0], environment: Record<string, string> = {}) {
  const upstream = await startUpstream(answer);
  const context = await createContext({
    SOURCES: "arxiv",
    ARXIV_CATEGORIES: "cs.CL",
    ARXIV_RSS_URL: upstream.url,
    ARXIV_API_URL: upstream.url,
    ...environment,
  });
  return { upstream, context };
}

async function sourceRow({ sql }: Context) {
  const [row] = await sql`select *, batch_date::text as batch_day, next_poll_at::text from sources`;
  return row as Record<string, unknown>;
}

async function listingsOf({ sql }: Context) {
  const rows = await sql`
    select p.arxiv_id, l.section, l.kind, l.listed_on::text as day from listings l join papers p on p.id = l.paper_id order by 1, 2`;
  return rows.map((it) => [it.arxiv_id, it.section, it.kind, it.day]);
}

test("a category's announcements are saved with their types, and polled again after the next midnight in New York", async () => {
  const { context, upstream } = await start(() => feed("Fri, 20 Nov 2026", thursday));
  expect(await ingest(context)).toEqual({ done: 1, left: 0 });
  expect(upstream.requests[0]?.path).toBe("/rss/cs.CL");
  expect(await listingsOf(context)).toEqual([
    ["2609.00001", "cs.CL", "replace", "2026-11-20"],
    ["2611.00401", "cs.CL", "new", "2026-11-20"],
    ["2611.00402", "cs.CL", "cross", "2026-11-20"],
  ]);
  expect(await sourceRow(context)).toMatchObject({
    name: "arxiv cs.CL",
    batch_day: "2026-11-20",
    next_poll_at: "2026-11-21 05:10:00+00",
    expected: 3,
    seen: 3,
    skipped: 0,
    last_error: null,
  });
});

test("the ETag of the last answer is sent, and 304 changes no paper", async () => {
  const { context, upstream } = await start((_path, request) => (response) => {
    if (request.headers["if-none-match"] === '"thursday"') response.writeHead(304).end();
    else response.writeHead(200, { etag: '"thursday"' }).end(feed("Thu, 19 Nov 2026", thursday));
  });
  await ingestLatest(context);
  const before = await listingsOf(context);
  const [outcome] = (await ingestLatest(context)).values();
  expect(upstream.requests.map((it) => it.headers["if-none-match"])).toEqual([undefined, '"thursday"']);
  expect(outcome).toEqual({ added: 0, updated: 0, unchanged: 0, skipped: [] });
  expect(await listingsOf(context)).toEqual(before);
  // It is Friday, and the batch is Thursday's: Friday's may come any time.
  expect(await sourceRow(context)).toMatchObject({
    next_poll_at: "2026-11-20 06:30:00+00",
    seen: 3,
    etag: '"thursday"',
  });
});

test("yesterday's batch served under today's date is not saved again, and is polled again soon", async () => {
  const served = { text: feed("Thu, 19 Nov 2026", thursday) };
  const { context } = await start(() => served.text);
  await ingestLatest(context);
  const before = await listingsOf(context);

  served.text = feed("Fri, 20 Nov 2026", thursday.toReversed());
  const [stale] = (await ingestLatest(context)).values();
  expect(stale).toEqual({ added: 0, updated: 0, unchanged: 0, skipped: [] });
  expect(await listingsOf(context)).toEqual(before);
  expect(await sourceRow(context)).toMatchObject({ batch_day: "2026-11-19", next_poll_at: "2026-11-20 06:30:00+00" });

  served.text = feed("Fri, 20 Nov 2026", friday);
  const [news] = (await ingestLatest(context)).values();
  expect(news).toMatchObject({ added: 1 });
  expect(await listingsOf(context)).toContainEqual(["2611.00403", "cs.CL", "new", "2026-11-20"]);
  expect(await sourceRow(context)).toMatchObject({ batch_day: "2026-11-20", next_poll_at: "2026-11-21 05:10:00+00" });
});

test("the same batch read again on its own day writes nothing", async () => {
  const { context } = await start(() => feed("Fri, 20 Nov 2026", thursday));
  const rows = () =>
    context.sql`select xmin::text || p::text as row from papers p union all select xmin::text || l::text from listings l order by 1`;
  await ingestLatest(context);
  const before = await rows();
  const [again] = (await ingestLatest(context)).values();
  expect(again).toMatchObject({ added: 0, updated: 0, unchanged: 3 });
  expect(await rows()).toEqual(before);
});

test("an empty feed on a weekend is no error, and waits for the next day", async () => {
  const { context } = await start(() => feed("Sat, 21 Nov 2026", []));
  context.setNow("2026-11-21T12:00:00Z");
  await ingestLatest(context);
  expect(await sourceRow(context)).toMatchObject({ last_error: null, next_poll_at: "2026-11-22 05:10:00+00" });
});

test("an empty feed on a working day may be a holiday or a late one: it is polled again soon", async () => {
  const { context } = await start(() => feed("Thu, 19 Nov 2026", []));
  await ingestLatest(context);
  expect(await sourceRow(context)).toMatchObject({ last_error: null, next_poll_at: "2026-11-20 06:30:00+00" });
});

test("the night on which the clocks go back is waited out by New York's own midnight", async () => {
  const { context } = await start(() => feed("Fri, 30 Oct 2026", friday));
  context.setNow("2026-10-30T06:00:00Z");
  await ingestLatest(context);
  expect(await sourceRow(context)).toMatchObject({ next_poll_at: "2026-10-31 04:10:00+00" });
  context.setNow("2026-11-01T12:00:00Z");
  await ingestLatest(context);
  expect(await sourceRow(context)).toMatchObject({ next_poll_at: "2026-11-02 05:10:00+00" });
});

test("categories are polled apart, each with its own row, and a paper in both is one with a listing in each", async () => {
  const { context, upstream } = await start(
    (path) =>
      path.endsWith("cs.LG")
        ? feed("Fri, 20 Nov 2026", [{ id: "2611.00401v1", type: "cross" }], "cs.LG")
        : feed("Fri, 20 Nov 2026", [{ id: "2611.00401v1" }]),
    { ARXIV_CATEGORIES: "cs.CL,cs.LG" },
  );
  expect(await ingest(context)).toEqual({ done: 1, left: 1 });
  expect(await ingest(context)).toEqual({ done: 1, left: 0 });
  expect(await ingest(context)).toEqual({ done: 0, left: 0 });
  expect(upstream.requests.map((it) => it.path)).toEqual(["/rss/cs.CL", "/rss/cs.LG"]);
  expect(await listingsOf(context)).toEqual([
    ["2611.00401", "cs.CL", "new", "2026-11-20"],
    ["2611.00401", "cs.LG", "cross", "2026-11-20"],
  ]);
});

test.each([
  ["truncated XML", feed("Fri, 20 Nov 2026", thursday).slice(0, -60), /not well-formed XML/],
  ["garbage HTML", "<!DOCTYPE html><html><body>Bad gateway", /This is a web page, not a feed/],
  ["an empty body", "", /well-formed XML|no feed/],
])("%s is recorded as the source's error, with a next poll", async (_name, body, message) => {
  const { context } = await start(() => body);
  const [outcome] = (await ingestLatest(context)).values();
  expect(outcome).toBeInstanceOf(SourceError);
  const row = await sourceRow(context);
  expect(row.last_error).toMatch(message);
  expect(row).toMatchObject({ failures: 1, lease_expires_at: null, next_poll_at: "2026-11-20 06:05:00+00" });
});

test("between two requests the interval is kept, across contexts on one database", async () => {
  const times: number[] = [];
  const { context } = await start(
    () => {
      times.push(performance.now());
      return feed("Fri, 20 Nov 2026", friday);
    },
    { ARXIV_INTERVAL: "0.2" },
  );
  const sql = connect(context.url);
  const other = { ...context, sql };
  try {
    for (const one of [context, other, context]) await ingestLatest(one);
  } finally {
    await sql.end();
  }
  const gaps = times.slice(1).map((time, index) => time - (times[index] as number));
  expect(gaps).toHaveLength(2);
  for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(195);
});

test("arXiv is never asked two things at once, by whichever context", async () => {
  let open = 0;
  let most = 0;
  const { context } = await start(
    (path) => async (response) => {
      most = Math.max(most, ++open);
      await delay(30); // a slow answer
      open--;
      response.end(feed("Fri, 20 Nov 2026", friday, path.slice("/rss/".length)));
    },
    { ARXIV_CATEGORIES: "cs.CL,cs.LG,cs.CV" },
  );
  const sql = connect(context.url);
  try {
    const done = await Promise.all([ingest(context), ingest({ ...context, sql }), ingest(context)]);
    expect(done.map((it) => it.done)).toEqual([1, 1, 1]);
  } finally {
    await sql.end();
  }
  expect(most).toBe(1);
});

test("a failed request frees the slot for the next", async () => {
  const answers = [503, 200];
  const { context, upstream } = await start(
    () => (response) => response.writeHead(answers.shift() ?? 200).end(feed("Fri, 20 Nov 2026", friday)),
    { ARXIV_INTERVAL: "0.1" },
  );
  const before = performance.now();
  await ingestLatest(context);
  const [outcome] = (await ingestLatest(context)).values();
  expect(outcome).toMatchObject({ added: 1 });
  expect(upstream.requests).toHaveLength(2);
  expect(performance.now() - before).toBeLessThan(20_000);
});

test("a range is asked of the API in slices, for all categories, until all are read", async () => {
  const entries = (from: number, count: number) =>
    Array.from(
      { length: count },
      (_, index) => `<entry><id>http://arxiv.org/abs/2611.${String(10_000 + from + index)}v1</id><title>Entry</title>
        <summary>About.</summary><published>2026-11-19T10:00:00Z</published><category term="cs.CL"/></entry>`,
    ).join("");
  const { context, upstream } = await start(
    (path) => {
      const from = Number(new URL(path, "http://x").searchParams.get("start"));
      return `<feed xmlns="http://www.w3.org/2005/Atom"><title>arXiv Query</title><totalResults>1002</totalResults>
        ${entries(from, Math.min(1000, 1002 - from))}</feed>`;
    },
    { ARXIV_CATEGORIES: "cs.CL,cs.LG" },
  );
  const sizes: number[] = [];
  const [from, to] = [Temporal.PlainDate.from("2026-11-18"), Temporal.PlainDate.from("2026-11-20")];
  for await (const reading of arxivSubmitted(context, from, to)) sizes.push(reading.papers.length);
  expect(sizes).toEqual([1000, 2]);
  const asked = upstream.requests.map((it) => new URL(it.path, "http://x").searchParams);
  expect(asked.map((it) => it.get("start"))).toEqual(["0", "1000"]);
  expect(asked[0]?.get("search_query")).toBe(
    "(cat:cs.CL OR cat:cs.LG) AND submittedDate:[202611180000 TO 202611202359]",
  );
});
