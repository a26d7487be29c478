import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../../src/clock.ts";
import { connect } from "../../src/db.ts";
import { Batch } from "../../src/interests/batch.ts";
import { noQueries, readQueries } from "../../src/interests/known_queries.ts";
import { readRarity } from "../../src/interests/rarity.ts";
import { rankAll } from "./matching.ts";

/** One of several workers that share the queries: loads them, then tells how long its share took. */
const { url, paperCount, from, to } = workerData as { url: string; paperCount: number; from: number; to: number };
const sql = connect(url);
const papers = await sql<{ vector: string }[]>`
  select vector::text as vector from plain_papers order by id limit ${paperCount}`;
const known = noQueries();
await readQueries(sql, known, 1, systemClock());
const rarity = await readRarity(sql);
const start = performance.now();
rankAll(
  new Batch(
    papers.map((it) => it.vector),
    known.set,
    rarity,
  ),
  known,
  from,
  to,
);
parentPort?.postMessage(performance.now() - start);
await sql.end();
