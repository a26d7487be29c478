import type { DigestView, PaperView } from "../../emails/digest.ts";
import type { Context } from "../context.ts";
import type { Sql } from "../db.ts";
import { excerpt } from "../interests/excerpt.ts";
import { markHits, type Piece, readAsked } from "../interests/marks.ts";
import { texToUnicode } from "../papers/tex.ts";
import { authorLine, counted, dateInWords, dayInWords, type PaperPlaces, paperLinks } from "../papers/words.ts";
import { deriveToken } from "../token.ts";

/** What digests show, by their ids. It is the same whenever it is asked: a mail that is sent again is the same mail. */
export async function readDigests(
  { sql, config }: Pick<Context, "sql" | "config">,
  ids: number[],
): Promise<Map<number, DigestView>> {
  const digests = await selectDigests(sql, ids);
  const entries = await selectEntries(sql, ids);
  const asked = await readAsked(
    sql,
    entries.flatMap((entry) => entry.query_id ?? []),
  );
  const marked = await markHits(
    sql,
    entries.map((entry) => ({
      text: texToUnicode(entry.abstract),
      field: "abstract",
      program: asked.get(entry.query_id ?? 0)?.program,
    })),
  );
  const papers = entries.map((entry, index) => ({
    entry,
    view: viewPaper(entry, marked[index] as Piece[], asked.get(entry.query_id ?? 0)?.also ?? [], config.baseUrl),
  }));
  const byDigest = Map.groupBy(papers, ({ entry }) => entry.digest_id);
  return new Map(digests.map((row) => [row.id, viewDigest(row, byDigest.get(row.id) ?? [], config)]));
}

type DigestRow = {
  id: number;
  subscriber_id: number;
  local_date: Temporal.PlainDate;
  number: number;
  matched: number;
  receipt: string;
  problems: string[];
};

async function selectDigests(sql: Sql, ids: number[]): Promise<DigestRow[]> {
  return sql<DigestRow[]>`
    select d.id, d.subscriber_id, d.local_date, d.number, d.matched, r.receipt, r.problems
    from digests d join receipts r on r.id = d.receipt_id where d.id = any(${ids}::bigint[])`;
}

type Entry = PaperPlaces & {
  digest_id: number;
  query_id: number | null;
  interest: string | null;
  upvotes: number | null;
  slug: string;
  title: string;
  abstract: string;
  authors: string[];
  organization: string | null;
  categories: string[];
  published_on: Temporal.PlainDate | null;
};

async function selectEntries(sql: Sql, ids: number[]): Promise<Entry[]> {
  return sql<Entry[]>`select * from digest_entries where digest_id = any(${ids}::bigint[]) order by digest_id, place`;
}

function viewDigest(
  row: DigestRow,
  papers: { entry: Entry; view: PaperView }[],
  { baseUrl, secret }: { baseUrl: string; secret: string },
): DigestView {
  const matched = papers.filter(({ entry }) => entry.query_id !== null).map(({ view }) => view);
  const trending = papers.filter(({ entry }) => entry.query_id === null).map(({ view }) => view);
  const counts = [
    ...(matched.length > 0 ? [counted(matched.length, "paper")] : []),
    ...(trending.length > 0
      ? [matched.length > 0 ? `${trending.length} trending` : counted(trending.length, "trending paper")]
      : []),
  ];
  const further = row.matched - matched.length;
  const webUrl = `${baseUrl}/digests/${deriveToken(secret, "digest", row.id)}`;
  return {
    date: dateInWords(row.local_date),
    number: row.number,
    count: counts.join(", "),
    introduction: introduction(row, matched.length, trending.length),
    papers: matched,
    trending,
    more: further > 0 ? `${counted(further, "more paper")} matched.` : undefined,
    moreUrl: `${webUrl}#more`,
    receipt: row.receipt,
    problems: row.problems,
    webUrl,
    preferencesUrl: `${baseUrl}/preferences/${deriveToken(secret, "preferences", row.subscriber_id)}`,
    unsubscribeUrl: `${baseUrl}/unsubscribe/${deriveToken(secret, "unsubscribe", row.subscriber_id)}`,
    baseUrl,
  };
}

function introduction(row: DigestRow, matched: number, trending: number): string | undefined {
  if (row.number > 1) return undefined;
  if (matched > 0) return "Your first edition looks back at the last seven days. From now on you get what is new.";
  return trending > 0
    ? "Your first edition. Here is what others read; what matches your interests comes as it appears."
    : undefined;
}

function viewPaper(entry: Entry, marked: Piece[], also: string[], baseUrl: string): PaperView {
  const pieces = excerpt(marked);
  return {
    title: texToUnicode(entry.title),
    url: `${baseUrl}/papers/${entry.slug}`,
    authors: authorLine(entry.authors),
    details: detailLine(entry),
    interest: entry.interest ?? undefined,
    also: also.length > 0 ? `also: ${also.join(", ")}` : undefined,
    excerpt: pieces,
    excerptText: pieces.map((piece) => piece.text).join(""),
    links: paperLinks(entry),
  };
}

function detailLine(entry: Entry): string {
  return [
    entry.organization,
    entry.published_on && dayInWords(entry.published_on),
    entry.categories.slice(0, 4).join(", "),
    entry.upvotes ? counted(entry.upvotes, "vote") : "",
  ]
    .filter(Boolean)
    .join(" · ");
}
