import type { Sql } from "../db.ts";
import { Batch } from "./batch.ts";
import { compile } from "./program.ts";
import { QuerySet } from "./query_set.ts";
import { readRarity } from "./rarity.ts";

/** Queries compiled once, and kept by a worker from batch to batch, with the batch it is at. */
export type KnownQueries = {
  set: QuerySet;
  /** Queries that are left to `@@`. */
  uncompiled: Set<number>;
  /** What changed in batches up to this one is known. */
  throughBatch: number;
  /** When it was read from the beginning; queries that went since are known still. */
  since: Temporal.Instant | undefined;
  batch: { id: number; index: Batch; papers: number[]; matchedBefore: Set<number> } | undefined;
};

/** How long queries that have gone may stay in memory. */
const longestKept = { hours: 24 };

export function noQueries(): KnownQueries {
  return { set: new QuerySet(), uncompiled: new Set(), throughBatch: 0, since: undefined, batch: undefined };
}

/** Reads the queries that came or changed since the batch that is known, up to that of a batch which is committed. */
export async function readQueries(sql: Sql, known: KnownQueries, batch: number, now: Temporal.Instant): Promise<void> {
  if (!known.since || Temporal.Instant.compare(known.since.add(longestKept), now) < 0)
    Object.assign(known, noQueries(), { since: now });
  const pages = sql<{ id: number; text: string }[]>`
    select id, expression as text from queries
    where batch_id > ${known.throughBatch} and batch_id <= ${batch} order by id`.cursor(20_000);
  for await (const rows of pages) for (const { id, text } of rows) learn(known, id, text);
  known.throughBatch = batch;
}

function learn({ set, uncompiled }: KnownQueries, id: number, tsquery: string): void {
  const program = compile(tsquery);
  if (!program) uncompiled.add(id);
  else {
    uncompiled.delete(id);
    set.add(id, program);
  }
}

/** The index of a batch's papers for the queries known, made once for all ranges of the batch. */
export async function indexBatch(
  sql: Sql,
  known: KnownQueries,
  id: number,
): Promise<NonNullable<KnownQueries["batch"]>> {
  if (known.batch?.id !== id) {
    const rows = await sql<{ id: number; vector: string; length: number; before: boolean }[]>`
      select id, vector::text as vector, length(title) + length(abstract) as length, was_matched as before from papers
      where batch_id = ${id} order by id`;
    const index = new Batch(
      rows.map((row) => row.vector),
      known.set,
      await readRarity(sql),
      rows.map((row) => row.length),
    );
    const matchedBefore = new Set(rows.filter((row) => row.before).map((row) => row.id));
    known.batch = { id, index, papers: rows.map((row) => row.id), matchedBefore };
  }
  return known.batch;
}
