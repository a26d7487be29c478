import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { Agent, get } from "node:http";
import { connect, type Database } from "../../src/db.ts";
import { savePapers } from "../../src/papers/save.ts";
import type { PaperRecord } from "../../src/sources/source.ts";
import { multiplyPapers } from "./corpus.ts";
import { databaseCpu } from "./cpu.ts";
import { printTable, readCorpus, withDatabase } from "./setup.ts";

const seconds = 3;
const visitors = 4;
/** Requests before those that are measured: the first ones compile. */
const warming = 50;
const sizes = { made: 2000, small: 20_000, large: 200_000 };
/** Of an abstract so much, or the index of the many would take longer to make than all else. */
const letters = 500;
/** In so many papers, however many others there are: what a search for it costs must not grow with them. */
const needle = { word: "needleword", lexeme: "needleword", papers: 100 };
const now = Temporal.Instant.from("2026-11-20T10:00:00Z");

/**
 * What the site's pages cost: CPU time of the server's process for a request, beside that of a route that does nothing, and of
 * PostgreSQL; and both among ten times as many papers. Unlike requests a second, it is the same on a busy machine.
 */
export async function benchWeb({ corpus }: { corpus: string | undefined }): Promise<void> {
  await withDatabase(async (_, url) => {
    // Each on a connection of its own, as copies of the papers change what statements were planned for.
    const sql = connect(url, { keep: true });
    // It would work at what was copied while others measure.
    await sql`alter system set autovacuum = off`;
    await sql`select pg_reload_conf()`;
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
    const small = await measureAll(sql, url, pages, 1, sizes.small / sizes.made - 1);
    const large = await measureAll(sql, url, pages, sizes.small / sizes.made, sizes.large / sizes.made - 1);
    const rows = Object.keys(pages).map((name) => {
      const [few, many] = [small.costs[name] as Cost, large.costs[name] as Cost];
      return [
        name,
        few.site.toFixed(2),
        Math.round(few.site / small.bare.site),
        few.database?.toFixed(2) ?? "not known",
        (many.site / few.site).toFixed(2),
        few.database && many.database ? (many.database / few.database).toFixed(2) : "not known",
      ];
    });
    printTable([
      [
        "page",
        "CPU of the site, ms a request, 20k papers",
        `: a bare route (${small.bare.site.toFixed(3)})`,
        "CPU of PostgreSQL, ms",
        "site, 200k : 20k papers",
        "PostgreSQL, 200k : 20k",
      ],
      ...rows,
    ]);
    await sql.end();
  });
}

/** CPU time for a request, in milliseconds. */
type Cost = { site: number; database: number | undefined };

async function measureAll(sql: Database, url: string, pages: Record<string, string>, from: number, to: number) {
  await multiplyPapers(sql, { from, to }, needle.lexeme);
  const server = fork(new URL("web_server.ts", import.meta.url), [url, now.toString()]);
  const [[barePort, port]] = (await once(server, "message")) as [[number, number]];
  const bare = await measure(sql, server, barePort, "/");
  const costs: Record<string, Cost> = {};
  for (const [name, path] of Object.entries(pages)) costs[name] = await measure(sql, server, port, path);
  server.kill();
  return { bare, costs };
}

/** What a request over HTTP costs, from a few visitors at once. */
async function measure(sql: Database, server: ChildProcess, port: number, path: string): Promise<Cost> {
  const agent = new Agent({ keepAlive: true, maxSockets: visitors });
  const visit = () =>
    new Promise<void>((resolve, reject) => {
      get({ host: "127.0.0.1", port, path, agent }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`${path} answered ${response.statusCode}`));
        response.resume().once("end", resolve);
      }).once("error", reject);
    });
  for (let warm = 0; warm < warming; warm++) await visit();
  const before = { site: await siteCpu(server), database: await databaseCpu(sql) };
  const end = performance.now() + seconds * 1000;
  let count = 0;
  await Promise.all(
    Array.from({ length: visitors }, async () => {
      for (; performance.now() < end; count++) await visit();
    }),
  );
  agent.destroy();
  const after = { site: await siteCpu(server), database: await databaseCpu(sql) };
  return {
    site: (after.site - before.site) / count,
    database:
      before.database === undefined || after.database === undefined
        ? undefined
        : (after.database - before.database) / count,
  };
}

async function siteCpu(server: ChildProcess): Promise<number> {
  server.send("cpu");
  const [milliseconds] = (await once(server, "message")) as [number];
  return milliseconds;
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
