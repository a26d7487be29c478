import type { Note as NoteView } from "../../emails/digest.ts";
import type { Sql } from "../db.ts";
import type { Contents, Note } from "./contents.ts";
import type { DueReader } from "./due.ts";
import { keyOf, readPaperTexts } from "./paper_texts.ts";

const mostTold = 5;

/** What happened to papers that these readers have had, since their last editions and up to a batch: newest first, at most five. */
export async function readNotes(sql: Sql, readers: DueReader[], batch: number): Promise<Map<number, Note[]>> {
  const asking = readers.filter((reader) => reader.notes && !reader.first);
  if (asking.length === 0) return new Map();
  const rows = await sql<(Note & { reader: number; revision: number })[]>`
    select r.id as reader, n.paper_id as paper, p.revision, n.kind
    from unnest(${asking.map((it) => it.id)}::bigint[], ${asking.map((it) => it.plannedBatchId)}::bigint[]) as r (id, after)
    join paper_news n on n.batch_id > r.after and n.batch_id <= ${batch}
    join digest_papers had on had.subscriber_id = r.id and had.paper_id = n.paper_id
    join papers p on p.id = n.paper_id
    order by n.id desc`;
  const byReader = Map.groupBy(rows, (row) => row.reader);
  return new Map(
    [...byReader].map(([reader, news]) => [reader, news.slice(0, mostTold).map(({ reader: _, ...note }) => note)]),
  );
}

type Told = { id: number; planned_at: Temporal.Instant; contents: Contents };

/** The notes of digests as they are shown, by digest. */
export async function viewNotes(sql: Sql, digests: Told[], baseUrl: string): Promise<Map<number, NoteView[]>> {
  const wanted = digests.flatMap(({ planned_at, contents }) =>
    (contents.notes ?? []).map(({ paper, revision = 1 }) => ({ paper, revision, plannedAt: planned_at })),
  );
  if (wanted.length === 0) return new Map();
  const texts = await readPaperTexts(sql, wanted);
  return new Map(
    digests.map(({ id, contents }) => [
      id,
      (contents.notes ?? []).flatMap(({ paper, revision = 1, kind }) => {
        const text = texts.get(keyOf({ paper, revision }));
        return text ? [{ text: words[kind], title: text.title, url: `${baseUrl}/papers/${text.slug}` }] : [];
      }),
    ]),
  );
}

const words: Record<Note["kind"], string> = {
  version: "A paper you had has a new version:",
  code: "A paper you had has its code released:",
  votes: "A paper you had has passed a hundred votes:",
};
