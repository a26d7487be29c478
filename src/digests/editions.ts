import { setImmediate } from "node:timers/promises";
import type { Sql } from "../db.ts";
import type { Contents, Note } from "./contents.ts";
import type { DueReader } from "./due.ts";
import { type Chosen, chooseEntries, trendingLooks } from "./entries.ts";
import { readHad } from "./had.ts";
import { type News, readHits } from "./news.ts";
import { readNotes } from "./notes.ts";
import type { Interest } from "./rank.ts";
import { readTastes } from "./reader_tastes.ts";
import { findMoved, type Moved, tellReasons } from "./taste_reasons.ts";

/** A digest that is to be written. */
export type Edition = { reader: DueReader; contents: Contents; matched: number; afterBatch: number };

/** The editions of the readers who get one: those without anything in them are left out, unless their readers want to know. */
export async function makeEditions(sql: Sql, news: News, due: DueReader[]): Promise<Edition[]> {
  if (due.length === 0) return [];
  const interests = await readInterests(sql, due);
  await readHits(sql, news, earliestWanted(interests));
  const notes = await readNotes(sql, due, news.batch);
  const tastes = await readTastes(sql, news, due, interests);
  const moved: Moved[] = [];
  const editions: Edition[] = [];
  const voters = due.filter((reader) => reader.votes > 0);
  let waiting = due.filter((reader) => reader.votes === 0);
  for (const looked of Object.values(trendingLooks)) {
    if (looked === trendingLooks.all) waiting.push(...voters);
    const had = await readHad(sql, news, waiting, interests, looked);
    const short: DueReader[] = [];
    for (const [at, reader] of waiting.entries()) {
      // It is all arithmetic, learning most, and the worker delivers meanwhile: its sessions with mail servers must not wait.
      if (reader.votes > 0 || at % 500 === 0) await setImmediate();
      const own = { interests: interests.get(reader.id) ?? [], had: had.get(reader.id), looked };
      const taste = tastes.of(reader.id);
      const chosen = chooseEntries(news, reader, own, taste?.factor);
      if (chosen.isShort) {
        short.push(reader);
        continue;
      }
      if (chosen.papers.length === 0 && !reader.allIsWell) continue;
      if (taste)
        moved.push(...findMoved(news.features, taste, chooseEntries(news, reader, own, undefined).papers, chosen));
      const contents = contentsOf(chosen, own.interests, notes.get(reader.id));
      editions.push({ reader, contents, matched: chosen.matched, afterBatch: afterBatch(reader, own.interests) });
    }
    waiting = short;
  }
  const reasons = await tellReasons(sql, news.features, moved);
  for (const [at, { entry }] of moved.entries()) entry.taste = reasons[at];
  return editions;
}

function contentsOf({ papers, interests }: Chosen, all: Interest[], notes: Note[] | undefined): Contents {
  const named = papers.length > 0 ? interests : all.map(({ query, typed }) => ({ query, typed }));
  return { papers, ...(named.length > 0 ? { interests: named } : {}), ...(notes ? { notes } : {}) };
}

function afterBatch(reader: DueReader, interests: Interest[]): number {
  if (!reader.first) return reader.plannedBatchId;
  return interests.length > 0 ? Math.min(...interests.map((it) => it.after)) : 0;
}

/** An interest that is new to the reader looks back a week; the others go on from the last digest. */
async function readInterests(sql: Sql, readers: DueReader[]): Promise<Map<number, Interest[]>> {
  const rows = await sql<(Interest & { reader: number; created: number })[]>`
    select subscriber_id as reader, query_id as query, typed, since_batch_id as after, date_part('epoch', created_at) as created
    from interests where subscriber_id = any(${readers.map((it) => it.id)}::bigint[])
    order by subscriber_id, position`;
  const interests = Map.groupBy(rows, (row) => row.reader);
  for (const { id, planned, plannedBatchId } of readers)
    for (const interest of interests.get(id) ?? []) if (interest.created <= planned) interest.after = plannedBatchId;
  return interests;
}

/** For each query the batch behind which its hits are wanted by any of the readers. */
function earliestWanted(interests: Map<number, Interest[]>): Map<number, number> {
  const wanted = new Map<number, number>();
  for (const list of interests.values())
    for (const { query, after } of list) wanted.set(query, Math.min(after, wanted.get(query) ?? after));
  return wanted;
}
