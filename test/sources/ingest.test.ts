import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Context } from "../../src/context.ts";
import { UserError } from "../../src/errors.ts";
import { SourceError } from "../../src/sources/http.ts";
import { ingest, ingestFile, ingestLatest, ingestRange } from "../../src/sources/ingest.ts";
import { createContext } from "../support/context.ts";
import { temporaryFolder } from "../support/folder.ts";
import { startUpstream, type Upstream } from "../support/upstream.ts";

const entry = (id: string, fields: Record<string, unknown> = {}, comments = 1) => ({
  paper: {
    id,
    title: `Title of ${id}`,
    summary: "About it.",
    upvotes: 5,
    submittedOnDailyAt: "2026-11-19T01:00:00Z",
    ...fields,
  },
  numComments: comments,
});

const dateOf = (path: string) => /date=(\d{4}-\d\d-\d\d)/.exec(path)?.[1] ?? "";

/** Hugging Face, answering with the entries of each date (none: an empty page). */
async function start(answer: Upstream["answer"], environment: Record<string, string> = {}) {
  const upstream = await startUpstream(answer);
  const context = await createContext({
    SOURCES: "huggingface",
    HF_URL: upstream.url,
    ARXIV_RSS_URL: upstream.url,
    ARXIV_API_URL: upstream.url,
    ARXIV_CATEGORIES: "cs.CL",
    ...environment,
  });
  return { upstream, context };
}

async function sourceRow({ sql }: Context) {
  const [row] =
    await sql`select *, next_poll_at::text, polled_at::text, succeeded_at::text from sources order by name desc`;
  return row as Record<string, unknown>;
}

const ids = async ({ sql }: Context) => (await sql`select arxiv_id from papers order by 1`).map((it) => it.arxiv_id);

/** Every row as text, with the transaction that wrote it: equal only when nothing was written in between. */
async function everything({ sql }: Context): Promise<string[]> {
  const rows = await sql`
    select p.xmin::text || p::text as row from papers p union all select l.xmin::text || l::text from listings l
    union all select r.xmin::text || r::text from paper_revisions r order by 1`;
  return rows.map((it) => it.row);
}

const today = "2026-11-20";
const range = (from = today, to = from) => ({ from: Temporal.PlainDate.from(from), to: Temporal.PlainDate.from(to) });

test("a source that is due is polled for the last week, and again half an hour later", async () => {
  const { context, upstream } = await start((path) =>
    dateOf(path) === "2026-11-19" ? JSON.stringify([entry("2611.00601"), "no entry"]) : "[]",
  );
  expect(await ingest(context)).toEqual({ done: 1, left: 0 });
  expect(upstream.requests.map((it) => dateOf(it.path))).toEqual(
    [14, 15, 16, 17, 18, 19, 20].map((day) => `2026-11-${day}`),
  );
  expect(await sourceRow(context)).toMatchObject({
    name: "huggingface",
    lease_expires_at: null,
    polled_at: "2026-11-20 06:00:00+00",
    succeeded_at: "2026-11-20 06:00:00+00",
    next_poll_at: "2026-11-20 06:30:00+00",
    failures: 0,
    last_error: null,
    expected: 2,
    seen: 1,
    skipped: 1,
  });
  expect(await ingest(context)).toEqual({ done: 0, left: 0 });
  context.setNow("2026-11-20T06:30:00Z");
  expect(await ingest(context)).toEqual({ done: 1, left: 0 });
});

test("reading the same pages again writes nothing", async () => {
  const { context } = await start((path) =>
    dateOf(path) === "2026-11-19" ? JSON.stringify([entry("2611.00601"), entry("2611.00602")]) : "[]",
  );
  await ingestLatest(context);
  const before = await everything(context);
  context.setNow("2026-11-20T09:00:00Z");
  const outcome = (await ingestLatest(context)).get("huggingface");
  expect(outcome).toEqual({ added: 0, updated: 0, unchanged: 2, skipped: [] });
  expect(await everything(context)).toEqual(before);
});

test("upvotes and comments are updated on a later look, and an earlier page read again changes nothing", async () => {
  const early = JSON.stringify([entry("2611.00601", { upvotes: 5 }, 1)]);
  const late = JSON.stringify([entry("2611.00601", { upvotes: 50 }, 9)]);
  const served = { body: early };
  const { context } = await start((path) => (dateOf(path) === "2026-11-19" ? served.body : "[]"));
  await ingestLatest(context);
  served.body = late;
  await ingestLatest(context);
  expect(await context.sql`select upvotes, comments, revision from papers`).toEqual([
    { upvotes: 50, comments: 9, revision: 1 },
  ]);
  const before = await everything(context);
  served.body = early;
  await ingestLatest(context);
  expect(await everything(context)).toEqual(before);
});

test("a page that fails half-way keeps what came before, and records the error and the next poll", async () => {
  const served = { status: 500 };
  const { context } = await start((path) => (response) => {
    if (dateOf(path) === "2026-11-17") response.writeHead(served.status).end(served.status === 500 ? "oops" : "[]");
    else response.end(dateOf(path) === "2026-11-15" ? JSON.stringify([entry("2611.00603")]) : "[]");
  });
  expect((await ingestLatest(context)).get("huggingface")).toBeInstanceOf(SourceError);
  expect(await ids(context)).toEqual(["2611.00603"]);
  expect(await sourceRow(context)).toMatchObject({
    failures: 1,
    last_error: expect.stringMatching(/answered 500: oops$/),
    polled_at: "2026-11-20 06:00:00+00",
    succeeded_at: null,
    next_poll_at: "2026-11-20 06:05:00+00",
    lease_expires_at: null,
  });

  await ingestLatest(context);
  expect(await sourceRow(context)).toMatchObject({ failures: 2, next_poll_at: "2026-11-20 06:10:00+00" });
  await context.sql`update sources set failures = 1000`;
  await ingestLatest(context);
  expect(await sourceRow(context)).toMatchObject({ failures: 1001, next_poll_at: "2026-11-20 12:00:00+00" });

  served.status = 200;
  await ingestLatest(context);
  expect(await sourceRow(context)).toMatchObject({
    failures: 0,
    last_error: null,
    next_poll_at: "2026-11-20 06:30:00+00",
  });
});

test.each([
  ["RateLimit", '"api";r=0;t=1800', "2026-11-20 06:30:00+00"],
  ["RateLimit", '"api";r=0;t=3', "2026-11-20 06:05:00+00"],
  ["Retry-After", "7200", "2026-11-20 08:00:00+00"],
  ["Retry-After", "99999999", "2026-11-21 06:00:00+00"],
])("429 with %s: %s waits until %s", async (header, value, nextPollAt) => {
  const { context } = await start(() => (response) => response.writeHead(429, { [header]: value }).end("slow down"));
  await ingestLatest(context);
  expect(await sourceRow(context)).toMatchObject({
    next_poll_at: nextPollAt,
    last_error: expect.stringMatching(/answered 429: slow down/),
  });
});

test("a source that one worker polls is not polled by another", async () => {
  const asked = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const { context, upstream } = await start(() => async (response) => {
    asked.resolve();
    await release.promise;
    response.end("[]");
  });
  const first = ingest(context);
  await asked.promise;
  expect(await ingest(context)).toEqual({ done: 0, left: 0 });
  expect((await ingestLatest(context)).get("huggingface")).toBeInstanceOf(UserError);
  release.resolve();
  expect(await first).toEqual({ done: 1, left: 0 });
  expect(upstream.requests).toHaveLength(7);
});

test("two workers that start at once poll a source once", async () => {
  const { context, upstream } = await start(() => "[]");
  const done = await Promise.all([ingest(context), ingest(context), ingest(context)]);
  expect(done.reduce((sum, it) => sum + it.done, 0)).toBe(1);
  expect(upstream.requests).toHaveLength(7);
});

test("the lease of a worker that died is taken over when it has run out", async () => {
  const { context } = await start(() => "[]");
  await ingest(context);
  await context.sql`update sources set next_poll_at = ${context.clock()}, lease_expires_at = ${context.clock().add({ minutes: 10 })}`;
  context.setNow("2026-11-20T06:09:59Z");
  expect(await ingest(context)).toEqual({ done: 0, left: 0 });
  context.setNow("2026-11-20T06:10:00Z");
  expect(await ingest(context)).toEqual({ done: 1, left: 0 });
});

test("one source that fails does not keep another from being read", async () => {
  const { context } = await start(
    (path) =>
      path.startsWith("/rss") ? "no feed" : dateOf(path) === today ? JSON.stringify([entry("2611.00604")]) : "[]",
    { SOURCES: "huggingface,arxiv" },
  );
  const outcomes = await ingestLatest(context);
  expect([...outcomes.keys()].toSorted()).toEqual(["arxiv cs.CL", "huggingface"]);
  expect(outcomes.get("arxiv cs.CL")).toBeInstanceOf(SourceError);
  expect(outcomes.get("huggingface")).toMatchObject({ added: 1 });
});

test("a source is read by its name alone, arXiv's categories together or apart", async () => {
  const { context, upstream } = await start(
    (path) =>
      path.startsWith("/rss") ? "<rss><channel><title>cs.CL updates on arXiv.org</title></channel></rss>" : "[]",
    { SOURCES: "huggingface,arxiv", ARXIV_CATEGORIES: "cs.CL,cs.LG" },
  );
  expect([...(await ingestLatest(context, "arxiv")).keys()]).toEqual(["arxiv cs.CL", "arxiv cs.LG"]);
  expect([...(await ingestLatest(context, "arxiv cs.LG")).keys()]).toEqual(["arxiv cs.LG"]);
  expect(upstream.requests.every((it) => it.path.startsWith("/rss/"))).toBe(true);
});

test.each(["nature", "constructor", "arx"])(
  "an unknown source %s is a mistake that names those there are",
  async (name) => {
    const { context, upstream } = await start(() => "[]", { SOURCES: "huggingface,arxiv" });
    const mistake = (known: string) =>
      new UserError("invalid", `There is no source "${name}" here. There are: ${known}.`);
    await expect(ingestLatest(context, name)).rejects.toThrow(mistake("huggingface, arxiv, arxiv cs.CL"));
    await expect(ingestRange(context, { name, ...range() })).rejects.toThrow(mistake("huggingface, arxiv"));
    expect(upstream.requests).toEqual([]);
  },
);

test("a range is read from each source, whether due or not, and its totals grow page by page", async () => {
  const { context, upstream } = await start((path) => JSON.stringify([entry(`2611.006${dateOf(path).slice(-2)}`)]));
  const added: number[] = [];
  const outcomes = await ingestRange(context, {
    ...range("2026-11-16", "2026-11-18"),
    onProgress: (it) => added.push(it.added),
  });
  expect(added).toEqual([1, 2, 3]);
  expect(outcomes.get("huggingface")).toMatchObject({ added: 3 });
  expect(await ids(context)).toEqual(["2611.00616", "2611.00617", "2611.00618"]);
  expect(upstream.requests).toHaveLength(3);
});

test("a range that fails half-way keeps what came before and answers the error", async () => {
  const { context } = await start((path) =>
    dateOf(path) === "2026-11-17" ? "<html>" : JSON.stringify([entry(`2611.006${dateOf(path).slice(-2)}`)]),
  );
  const outcomes = await ingestRange(context, range("2026-11-16", "2026-11-18"));
  expect(outcomes.get("huggingface")).toBeInstanceOf(SourceError);
  expect(await ids(context)).toEqual(["2611.00616"]);
});

test("a paper that Hugging Face and an arXiv file both tell of is one paper with two listings", async () => {
  const { context } = await start((path) =>
    dateOf(path) === "2026-11-19" ? JSON.stringify([entry("2611.00605")]) : "[]",
  );
  const path = join(temporaryFolder(), "papers.jsonl");
  const line = {
    id: "2611.00605v1",
    title: "The title on arXiv",
    summary: "All of it.",
    categories: ["cs.CL"],
    day: "2026-11-18",
  };
  await writeFile(path, `${JSON.stringify(line)}\n{}\n`);
  await ingestLatest(context);
  expect(await ingestFile(context, path)).toEqual({
    added: 0,
    updated: 1,
    unchanged: 0,
    skipped: [{ entry: "line 2", reason: "it has no title" }],
  });
  await ingestLatest(context);
  expect(await context.sql`select title, upvotes from papers`).toEqual([{ title: "The title on arXiv", upvotes: 5 }]);
  expect(await context.sql`select source, listed_on::text as day from listings order by 1`).toEqual([
    { source: "arxiv", day: "2026-11-18" },
    { source: "huggingface", day: "2026-11-19" },
  ]);
  const before = await everything(context);
  await ingestFile(context, path);
  await ingestLatest(context);
  expect(await everything(context)).toEqual(before);
});

test("one entry that no database could hold as it came does not cost the rest of its page", async () => {
  const strange = entry("2611.00607", {
    title: "Nul\0l \ud800",
    summary: "\0",
    publishedAt: "0000-01-01",
    upvotes: 1e15,
    authors: [{ name: "A\0" }],
  });
  const { context } = await start((path) =>
    dateOf(path) === today ? JSON.stringify([entry("2611.00606"), strange]) : "[]",
  );
  expect((await ingestLatest(context)).get("huggingface")).toMatchObject({ added: 2, skipped: [] });
});
