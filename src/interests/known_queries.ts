import type { Sql } from "../db.ts";
import { compile, type Program } from "./program.ts";

/** Queries compiled once, and kept by a worker from batch to batch. */
export type KnownQueries = {
  /** Queries of batches up to this one are known. Batches commit in their order, so none turns up behind it. */
  throughBatch: number;
  programs: Map<number, Program>;
  /** Queries that are left to `@@`. */
  uncompiled: Set<number>;
};

export function noQueries(): KnownQueries {
  return { throughBatch: 0, programs: new Map(), uncompiled: new Set() };
}

/** The queries that came after those known, compiled. */
export async function readQueriesAfter(sql: Sql, throughBatch: number): Promise<KnownQueries> {
  const read: KnownQueries = { ...noQueries(), throughBatch };
  const pages = sql<{ id: number; text: string; batch_id: number }[]>`
    select id, expression::text as text, batch_id from queries where batch_id > ${throughBatch}`.cursor(20_000);
  for await (const rows of pages) {
    for (const { id, text, batch_id } of rows) {
      const program = compile(text);
      if (program) read.programs.set(id, program);
      else read.uncompiled.add(id);
      read.throughBatch = Math.max(read.throughBatch, batch_id);
    }
  }
  return read;
}

/** Adds what a committed batch has read. */
export function learn(known: KnownQueries, read: KnownQueries): void {
  for (const [id, program] of read.programs) known.programs.set(id, program);
  for (const id of read.uncompiled) known.uncompiled.add(id);
  known.throughBatch = Math.max(known.throughBatch, read.throughBatch);
}
