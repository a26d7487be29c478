import { Agent, get } from "node:http";
import { Hono } from "hono";
import { loadConfig } from "../../src/config.ts";
import { connect, type Database } from "../../src/db.ts";
import { createLog } from "../../src/log.ts";
import { savePapers } from "../../src/papers/save.ts";
import { listen } from "../../src/serve.ts";
import type { PaperRecord } from "../../src/sources/source.ts";
import { createApp } from "../../src/web/app.ts";
import { multiplyPapers } from "./corpus.ts";
import { printTable, readCorpus, withDatabase } from "./setup.ts";

const seconds = 3;
const visitors = 4;
const sizes = { made: 2000, small: 20_000, large: 200_000 };
/** Of an abstract so much, or the index of the many would take longer to make than all else. */
const letters = 500;
/** In so many papers, however many others there are: what a search for it costs must not grow with them. */
const needle = { word: "needleword", lexeme: "needleword", papers: 100 };
const now = Temporal.Instant.from("2026-11-20T10:00:00Z");

/** Requests a second of the site's pages beside a route that does nothing, and among ten times as many papers. */
export async function benchWeb({ corpus }: { corpus: string | undefined }): Promise<void> {
  await withDatabase(async (_, url) => {
    // Each on a connection of its own, as copies of the papers change what statements were planned for.
    const sql = connect(url, { keep: true });
    const papers = await readCorpus(corpus, sizes.made);
    await savePapers(sql, () => now, papers.slice(0, sizes.made).map(dated));
    const common = commonWord(papers);
    const pages = {
      "front page": "/",
      "papers, trending": "/papers",
      "papers of a week": "/papers?week=2026-W46",
      "search, 100 hits": `/papers?q=${needle.word}`,
      "search, a common word": `/papers?q=${common}`,
      "preview, 100 hits": `/api/v1/preview?interests=${needle.word}`,
      "a paper": "/papers/2611.00003",
      feed: "/feed.atom",
    };
    const bare = await measure(
      new Hono().get("/", (c) => c.text("ok")),
      "/",
    );
    const small = await measureAll(sql, pages, 1, sizes.small / sizes.made - 1);
    const large = await measureAll(sql, pages, sizes.small / sizes.made, sizes.large / sizes.made - 1);
    const rows = Object.keys(pages).map((name) => [
      name,
      Math.round(small[name] as number),
      `1/${Math.round(bare / (small[name] as number))}`,
      Math.round(large[name] as number),
      ((small[name] as number) / (large[name] as number)).toFixed(2),
    ]);
    printTable([
      [
        "page",
        "requests a second, 20k papers",
        `of a bare route (${Math.round(bare)})`,
        "200k papers",
        "time, 200k : 20k",
      ],
      ...rows,
    ]);
    await sql.end();
  });
}

async function measureAll(sql: Database, pages: Record<string, string>, from: number, to: number) {
  await multiplyPapers(sql, { from, to }, needle.lexeme);
  const config = loadConfig({
    SECRET: "a secret of more than thirty-two characters",
    DATABASE_URL: "postgres://unused",
    SOURCES: "",
  });
  const app = createApp({ sql, config, clock: () => now, log: createLog("silent") });
  const rates: Record<string, number> = {};
  for (const [name, path] of Object.entries(pages)) rates[name] = await measure(app, path);
  return rates;
}

/** Requests a second over HTTP, from a few visitors at once. */
async function measure(app: Hono, path: string): Promise<number> {
  const site = await listen(app, "127.0.0.1", 0, "PORT");
  const agent = new Agent({ keepAlive: true, maxSockets: visitors });
  const visit = () =>
    new Promise<void>((resolve, reject) => {
      get({ host: "127.0.0.1", port: site.port, path, agent }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`${path} answered ${response.statusCode}`));
        response.resume().once("end", resolve);
      }).once("error", reject);
    });
  for (let warm = 0; warm < 5; warm++) await visit();
  const end = performance.now() + seconds * 1000;
  let count = 0;
  await Promise.all(
    Array.from({ length: visitors }, async () => {
      for (; performance.now() < end; count++) await visit();
    }),
  );
  agent.destroy();
  await site.close();
  return count / seconds;
}

/** The papers of a month, a few of them with the needle. */
function dated(paper: PaperRecord, at: number): PaperRecord {
  const day = now
    .toZonedDateTimeISO("UTC")
    .toPlainDate()
    .subtract({ days: at % 30 })
    .toString();
  return {
    ...paper,
    abstract: paper.abstract.slice(0, letters),
    arxivId: `2611.${String(at).padStart(5, "0")}`,
    title: at % (sizes.made / needle.papers) === 0 ? `${paper.title} ${needle.word}` : paper.title,
    publishedOn: day,
    upvotes: at % 40,
    listings: [{ source: "arxiv", section: "cs.CL", kind: "new", date: day }],
  };
}

/** A word in about a tenth of the abstracts. */
function commonWord(papers: PaperRecord[]): string {
  const counts = new Map<string, number>();
  for (const { abstract } of papers)
    for (const word of new Set(abstract.toLowerCase().match(/[a-z]{5,}/g)))
      counts.set(word, (counts.get(word) ?? 0) + 1);
  const wanted = papers.length / 10;
  return [...counts].sort(([, one], [, other]) => Math.abs(one - wanted) - Math.abs(other - wanted))[0]?.[0] ?? "word";
}
