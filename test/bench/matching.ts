import { Worker } from "node:worker_threads";
import { systemClock } from "../../src/clock.ts";
import type { Database } from "../../src/db.ts";
import { Batch } from "../../src/interests/batch.ts";
import { toExpressions } from "../../src/interests/expression.ts";
import { type KnownQueries, noQueries, readQueries } from "../../src/interests/known_queries.ts";
import { parseInterest } from "../../src/interests/language.ts";
import { bestKept } from "../../src/interests/match.ts";
import { readRarity } from "../../src/interests/rarity.ts";
import { savePapers } from "../../src/papers/save.ts";
import { generateInterests, mix } from "./interests.ts";
import { printTable, readCorpus, timed, withDatabase } from "./setup.ts";

const sizes: [number, number][] = [
  [10_000, 400],
  [10_000, 2000],
  [100_000, 400],
];
const fullSizes: [number, number][] = [...sizes, [100_000, 2000], [1_000_000, 400], [1_000_000, 2000]];
/** One in six is too long to be stored plain. */
const papersSaved = 2600;

/**
 * New papers against all queries: the index of the batch with compiled queries, beside the plain join on `@@` over the same rows
 * with the vectors stored plain (not out of line), in one run. Count and checksum of the pairs must be the same.
 */
export async function benchMatching({ corpus, full }: { corpus: string | undefined; full: boolean }): Promise<void> {
  await withDatabase(async (sql, url) => {
    const papers = await readCorpus(corpus, papersSaved);
    await savePapers(sql, systemClock, papers.slice(0, papersSaved));
    await sql`create table plain_papers as select id, vector from papers limit 0`;
    await sql`alter table plain_papers alter column vector set storage plain`;
    // A page holds 8 KB: longer rows can't be stored plain.
    await sql`insert into plain_papers select id, vector from papers where pg_column_size(vector || '') < 8000 order by id limit 2000`;
    await sql`analyze papers`;
    console.log(`matching: papers from ${corpus ?? "a generated corpus"}; interests: ${mix}\n`);
    const rows: (string | number)[][] = [];
    const interests = generateInterests(papers, Number.MAX_SAFE_INTEGER);
    await sql`insert into batches (matched_at, papers, queries, matches) values (now(), 0, 0, 0)`;
    let added = 0;
    for (const [queryCount, paperCount] of full ? fullSizes : sizes) {
      if (added < queryCount) await addQueries(sql, interests, queryCount - added);
      added = queryCount;
      rows.push([queryCount, paperCount, ...(await measure(sql, url, paperCount))]);
    }
    printTable([
      [
        "queries",
        "papers",
        "plain @@ ms",
        "match ms",
        "ratio",
        "pairs",
        "rank and best 50 ms",
        "the same on 2 threads ms",
        "load and compile ms",
        "rows kept",
        "candidates a match",
        "memory MB",
      ],
      ...rows,
    ]);
  });
}

async function measure(sql: Database, url: string, paperCount: number): Promise<(string | number)[]> {
  const papers = await sql<{ id: number; vector: string }[]>`
    select id, vector::text as vector from plain_papers order by id limit ${paperCount}`;
  if (papers.length < paperCount)
    throw new Error(`of the corpus ${papers.length} papers can be stored plain, not ${paperCount}`);
  const known = noQueries();
  const load = await timed(() => readQueries(sql, known, 1, systemClock()));
  const rarity = await readRarity(sql);
  const found = await timed(() => {
    const batch = new Batch(
      papers.map((it) => it.vector),
      known.set,
      rarity,
    );
    return sumHits(
      batch,
      known,
      papers.map((it) => it.id),
    );
  });
  const ranked = await timed(() =>
    rankAll(
      new Batch(
        papers.map((it) => it.vector),
        known.set,
        rarity,
      ),
      known,
    ),
  );
  const memory = Math.round(process.memoryUsage().rss / 1e6);
  const threads = await timed(() => onThreads(url, paperCount, known.set.size));
  const plain = await timed(() => joinPlainly(sql, papers.at(-1)?.id ?? 0));
  if (plain.result.pairs !== found.result.pairs || plain.result.checksum !== found.result.checksum)
    throw new Error(`the ways differ: ${JSON.stringify([plain.result, found.result])}`);
  return [
    Math.round(plain.milliseconds),
    Math.round(found.milliseconds),
    `${(plain.milliseconds / found.milliseconds).toFixed(1)}x`,
    found.result.pairs,
    Math.round(ranked.milliseconds),
    Math.round(threads.result),
    Math.round(load.milliseconds),
    ranked.result.kept,
    known.uncompiled.size === 0 ? "1, exact" : `${known.uncompiled.size} queries left to @@`,
    memory,
  ];
}

function sumHits(batch: Batch, { set }: KnownQueries, papers: number[]): { pairs: number; checksum: number } {
  let pairs = 0;
  let checksum = 0;
  for (let slot = 0; slot < set.size; slot++) {
    const bits = batch.find(slot);
    if (!bits) continue;
    const query = set.ids[slot] as number;
    for (let word = 0; word < bits.length; word++)
      for (let rest = bits[word] as number; rest !== 0; rest &= rest - 1) {
        pairs++;
        checksum += query * 31 + (papers[word * 32 + 31 - Math.clz32(rest & -rest)] as number);
      }
  }
  return { pairs, checksum };
}

/** Every query of the set run, ranked and its best kept, as the match stage does. */
export function rankAll(batch: Batch, { set }: KnownQueries, from = 0, to = set.size): { hits: number; kept: number } {
  const sum = { hits: 0, kept: 0 };
  for (let slot = from; slot < to; slot++) {
    const hits = batch.run(slot, bestKept);
    sum.hits += hits?.count ?? 0;
    sum.kept += hits?.papers.length ?? 0;
  }
  return sum;
}

/** The milliseconds that the slower of two threads took, each with half of the queries. */
async function onThreads(url: string, paperCount: number, queryCount: number): Promise<number> {
  const halves = [0, 1].map(
    (half) =>
      new Promise<number>((resolve, reject) => {
        const worker = new Worker(new URL("./matching_thread.ts", import.meta.url), {
          workerData: {
            url,
            paperCount,
            from: Math.floor((half * queryCount) / 2),
            to: Math.floor(((half + 1) * queryCount) / 2),
          },
        });
        worker.once("message", resolve).once("error", reject);
      }),
  );
  return Math.max(...(await Promise.all(halves)));
}

async function joinPlainly(sql: Database, lastPaper: number) {
  const [row] = await sql<{ pairs: number; checksum: number }[]>`
    with queries as materialized (select id, expression::tsquery from queries)
    select count(*)::int as pairs, coalesce(sum(q.id * 31 + p.id), 0)::float8 as checksum
    from plain_papers p join queries q on p.vector @@ q.expression where p.id <= ${lastPaper}`;
  return row as { pairs: number; checksum: number };
}

/** Adds so many queries, which count as matched in the first batch. */
export async function addQueries(sql: Database, interests: Generator<string>, count: number): Promise<void> {
  for (let done = 0; done < count; ) {
    const lines: string[] = [];
    while (lines.length < 20_000 && done + lines.length < count) lines.push(interests.next().value as string);
    done += lines.length;
    const expressions = await toExpressions(sql, lines.map(parseInterest));
    const rows = lines.map((line, at) => ({ line, tsquery: expressions[at]?.tsquery }));
    await sql`
      insert into queries (canonical, expression, created_at, batch_id)
      select line, tsquery::tsquery::text, now(), 1 from jsonb_to_recordset(${sql.json(rows)}) as r (line text, tsquery text)`;
  }
  await sql`analyze queries`;
}
