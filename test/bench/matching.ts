import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/clock.ts";
import { connect, type Database } from "../../src/db.ts";
import { startPostgres } from "../../src/embedded/postgres.ts";
import { Batch } from "../../src/interests/batch.ts";
import { readQueriesAfter } from "../../src/interests/known_queries.ts";
import { parseInterest } from "../../src/interests/language.ts";
import { migrate } from "../../src/migrate.ts";
import { savePapers } from "../../src/papers/save.ts";
import { readFile } from "../../src/sources/file.ts";
import type { PaperRecord } from "../../src/sources/source.ts";

const sizes = {
  small: [
    [10_000, 400],
    [10_000, 2000],
    [100_000, 400],
  ],
  full: [
    [10_000, 400],
    [10_000, 2000],
    [100_000, 400],
    [100_000, 2000],
    [1_000_000, 400],
    [1_000_000, 2000],
  ],
};
/** Shares of the interests: what readers type, words chosen by Zipf's law from the papers. */
const mix = "40% single words, 25% pairs, 15% phrases, 8% OR, 6% exclusions, 4% fields, 2% prefixes";

/**
 * New papers against all queries: the index of the batch with compiled queries, beside the plain join on `@@`, over the same
 * rows in one run. Count and checksum of the pairs must be the same. The plain join is left out above 200 million pairs.
 */
export async function benchMatching({ corpus, full }: { corpus: string | undefined; full: boolean }): Promise<void> {
  const server = await startPostgres(await mkdtemp(join(tmpdir(), "paper-round-bench-")), true);
  const sql = connect(server.url);
  try {
    await migrate(sql);
    await savePapers(sql, systemClock, corpus ? await readCorpus(corpus, 2000) : generateCorpus(2000));
    console.log(`matching: papers from ${corpus ?? "a generated corpus"}; interests: ${mix}\n`);
    console.log(
      "| queries | papers | plain @@ ms | batch ms | ratio | pairs | million tests a second | load and compile ms | left to @@ |",
    );
    console.log("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for (const [queries, papers] of (full ? sizes.full : sizes.small) as [number, number][])
      await measure(sql, queries, papers);
  } finally {
    await sql.end();
    await server.release();
  }
}

async function measure(sql: Database, queryCount: number, paperCount: number): Promise<void> {
  await addQueries(sql, queryCount);
  const papers = await sql<{ id: number; vector: string }[]>`
    select id, vector::text as vector from papers order by id limit ${paperCount}`;
  const load = await timed(() => readQueriesAfter(sql, 0));
  const ours = await timed(async () => {
    const batch = new Batch(papers.map((paper) => paper.vector));
    let pairs = 0;
    let checksum = 0;
    for (const [query, program] of load.result.programs) {
      for (const place of batch.run(program)) {
        pairs++;
        checksum = (checksum + ((query * 31 + (papers[place] as { id: number }).id) % 1_000_003)) % 1_000_000_007;
      }
    }
    return { pairs, checksum };
  });
  const plain =
    queryCount * paperCount <= 200_000_000
      ? await timed(() =>
          joinPlainly(
            sql,
            papers.map((it) => it.id),
            [...load.result.uncompiled],
          ),
        )
      : undefined;
  if (plain && (plain.result.pairs !== ours.result.pairs || plain.result.checksum !== ours.result.checksum))
    throw new Error(`the ways differ: ${JSON.stringify([plain.result, ours.result])}`);
  const cells = [
    queryCount,
    paperCount,
    plain ? Math.round(plain.milliseconds) : "not run",
    Math.round(ours.milliseconds),
    plain ? `${(plain.milliseconds / ours.milliseconds).toFixed(1)}x` : "",
    ours.result.pairs,
    ((queryCount * paperCount) / ours.milliseconds / 1000).toFixed(0),
    Math.round(load.milliseconds),
    load.result.uncompiled.size,
  ];
  console.log(`| ${cells.join(" | ")} |`);
}

async function joinPlainly(sql: Database, papers: number[], without: number[]) {
  const [row] = await sql<{ pairs: number; checksum: number }[]>`
    select count(*)::int as pairs, coalesce(sum((q.id * 31 + p.id) % 1000003) % 1000000007, 0)::int as checksum
    from papers p join queries q on p.vector @@ q.expression
    where p.id = any(${papers}::bigint[]) and q.batch_id is not null and q.id <> all (${without}::bigint[])`;
  return row as { pairs: number; checksum: number };
}

async function addQueries(sql: Database, count: number): Promise<void> {
  await sql`truncate queries cascade`;
  const words = (
    await sql<{ word: string }[]>`
    select word from ts_stat('select vector from papers') where word ~ '^[a-z]{3,}$' order by nentry desc, word limit 30000`
  ).map((row) => row.word);
  const titles = await sql<{ title: string }[]>`select title from papers order by id`;
  const random = generator(7);
  const word = () => words[Math.floor(words.length ** random()) - 1] ?? "model";
  const phrase = () => {
    const parts = (titles[Math.floor(random() * titles.length)]?.title ?? "").match(/[A-Za-z]{3,}/g) ?? [
      "deep",
      "learning",
    ];
    const at = Math.floor(random() * Math.max(1, parts.length - 1));
    return `"${parts.slice(at, at + 2).join(" ")}"`;
  };
  const [batch] = await sql<{ id: number }[]>`
    insert into batches (matched_at, papers, queries, matches) values (now(), 0, 0, 0) returning id`;
  for (let done = 0; done < count; done += 20_000) {
    const interests = Array.from({ length: Math.min(20_000, count - done) }, () =>
      parseInterest(interest(random(), word, phrase)),
    );
    await sql`
      insert into queries (canonical, expression, created_at, batch_id)
      select canonical || ' #' || (${done} + place), to_tsquery('paper_words', fold_text(source)), now(), ${batch?.id as number}
      from unnest(${interests.map((it) => it.canonical)}::text[], ${interests.map((it) => it.source)}::text[]) with ordinality as q (canonical, source, place)`;
  }
  await sql`analyze queries`;
}

function interest(share: number, word: () => string, phrase: () => string): string {
  if (share < 0.4) return word();
  if (share < 0.65) return `${word()} ${word()}`;
  if (share < 0.8) return phrase();
  if (share < 0.88) return `${word()} OR ${phrase()}`;
  if (share < 0.94) return `${word()} -${word()}`;
  if (share < 0.98) return `title:${word()}`;
  return `${word().slice(0, 4).padEnd(3, "a")}*`;
}

async function readCorpus(path: string, most: number): Promise<PaperRecord[]> {
  const papers: PaperRecord[] = [];
  for await (const reading of readFile(path)) {
    papers.push(...reading.papers);
    if (papers.length >= most) break;
  }
  return papers.slice(0, most);
}

function generateCorpus(count: number): PaperRecord[] {
  const random = generator(3);
  const vocabulary = Array.from(
    { length: 20_000 },
    (_, index) =>
      `w${[...index.toString(26)].map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 26))).join("")}`,
  );
  const text = (length: number) =>
    Array.from({ length }, () => vocabulary[Math.floor(vocabulary.length ** random()) - 1]).join(" ");
  return Array.from({ length: count }, () => ({
    title: text(9),
    abstract: text(170),
    authors: [],
    categories: ["cs.CL"],
    authority: 0,
    listings: [],
  }));
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; milliseconds: number }> {
  const start = performance.now();
  return { result: await work(), milliseconds: performance.now() - start };
}

/** The same numbers from 0 to 1 in every run (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
