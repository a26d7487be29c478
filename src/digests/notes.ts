import type { Note as NoteView } from "../../emails/digest.ts";
import type { Sql } from "../db.ts";
import type { Contents, Note } from "./contents.ts";
import type { DueReader } from "./due.ts";
import { keyOf, readPaperTexts } from "./paper_texts.ts";

const mostTold = 5;

/**
 * What happened to papers that these readers have had, since their last editions and up to a batch: newest first, at most five.
 * A date without an edition takes nothing away: what happened then waits for the next one.
 */
export async function readNotes(sql: Sql, readers: DueReader[], batch: number): Promise<Map<number, Note[]>> {
  const asking = readers.filter((reader) => reader.notes && !reader.first).map((reader) => reader.id);
  if (asking.length === 0) return new Map();
  const told = await toldThrough(sql, asking);
  const news = await readHappened(sql, Math.min(...told.values()), batch);
  const had = await readPapersHad(sql, asking, [...new Set(news.map((it) => it.paper))]);
  return new Map(
    asking.flatMap((reader): [number, Note[]][] => {
      const own = news.filter((it) => had.get(reader)?.has(it.paper) && it.batch > (told.get(reader) as number));
      const once = new Map(own.map(({ paper, revision, kind }) => [`${kind} ${paper}`, { paper, revision, kind }]));
      return once.size > 0 ? [[reader, [...once.values()].slice(-mostTold).reverse()]] : [];
    }),
  );
}

/** The batch that each reader's last edition went through. */
async function toldThrough(sql: Sql, readers: number[]): Promise<Map<number, number>> {
  const rows = await sql<{ reader: number; batch: number }[]>`
    select r.id as reader, coalesce(last.batch_id, s.planned_batch_id) as batch
    from unnest(${readers}::bigint[]) as r (id) join subscribers s on s.id = r.id
    left join lateral (
      select d.batch_id from digests d where d.subscriber_id = r.id order by d.local_date desc limit 1
    ) as last on true`;
  return new Map(rows.map(({ reader, batch }) => [reader, batch]));
}

type Happened = Note & { revision: number; batch: number };

/** In the order in which it happened. */
async function readHappened(sql: Sql, after: number, through: number): Promise<Happened[]> {
  return sql<Happened[]>`
    select n.paper_id as paper, p.revision, n.kind, n.batch_id as batch
    from paper_news n join papers p on p.id = n.paper_id
    where n.batch_id > ${after} and n.batch_id <= ${through} order by n.id`;
}

/** Which of these papers each reader has had. */
async function readPapersHad(sql: Sql, readers: number[], papers: number[]): Promise<Map<number, Set<number>>> {
  const rows = await sql<{ reader: number; papers: number[] }[]>`
    select r.id as reader, had.papers
    from unnest(${readers}::bigint[]) as r (id) cross join lateral (
      select array_agg(paper_id) as papers from digest_papers where subscriber_id = r.id and paper_id = any(${papers}::bigint[])
    ) as had
    where had.papers is not null`;
  return new Map(rows.map(({ reader, papers }) => [reader, new Set(papers)]));
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
