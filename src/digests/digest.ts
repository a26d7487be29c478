import type { DigestView, EntryView, NearMiss, PaperView } from "../../emails/digest.ts";
import type { Context } from "../context.ts";
import type { Sql } from "../db.ts";
import { counted, dateInWords } from "../papers/words.ts";
import { Recent } from "../recent.ts";
import { deriveToken } from "../token.ts";
import type { Contents, Entry, Wanted } from "./contents.ts";
import { type Excerpt, readExcerpts } from "./excerpts.ts";
import { whyNear } from "./near_misses.ts";
import { viewNotes } from "./notes.ts";
import { keyOf, linksAt, type PaperText, readPaperTexts } from "./paper_texts.ts";

/** What an edition shows, but for the links that act for its reader. */
export type EditionView = Omit<DigestView, "preferencesUrl" | "unsubscribeUrl" | "papers" | "trending"> & {
  papers: EditionPaper[];
  trending: EditionPaper[];
  /** What was looked for, in an edition without papers. */
  interests: string[] | undefined;
};

/** `place` counts from 1, among all papers of the digest. */
export type EditionPaper = Pick<EntryView, "paper" | "taste"> & { place: number };

/** What digests show, by their ids. It is the same whenever it is asked: a mail that is sent again is the same mail. */
export async function readDigests(
  { sql, config }: Pick<Context, "sql" | "config">,
  ids: number[],
): Promise<Map<number, EditionView>> {
  const digests = await selectDigests(sql, ids);
  const all = await readListed(sql, digests);
  const listed = all.filter(({ entry }) => entry.near === undefined);
  const near = Map.groupBy(
    all.filter(({ entry }) => entry.near !== undefined),
    ({ digest }) => digest.id,
  );
  const excerpts = await readExcerpts(
    sql,
    listed.map(({ paper, query }) => ({ paper, expression: query?.expression })),
  );
  const papers = listed.map((it, index) => ({
    ...it,
    view: viewEntry(sql, it, excerpts[index] as Excerpt, config.baseUrl),
  }));
  const byDigest = Map.groupBy(papers, ({ digest }) => digest.id);
  const notes = await viewNotes(sql, digests, config.baseUrl);
  return new Map(
    digests.map((row) => {
      const nearMisses = (near.get(row.id) ?? []).map((it) => viewNearMiss(it, config.baseUrl));
      const view = viewDigest(row, byDigest.get(row.id) ?? [], config);
      return [row.id, { ...view, nearMisses, notes: notes.get(row.id) ?? [] }];
    }),
  );
}

type DigestRow = {
  id: number;
  local_date: Temporal.PlainDate;
  number: number;
  matched: number;
  planned_at: Temporal.Instant;
  contents: Contents;
  receipt: string;
  problems: string[];
};

async function selectDigests(sql: Sql, ids: number[]): Promise<DigestRow[]> {
  const rows = await sql<(Omit<DigestRow, "contents"> & { contents: string })[]>`
    select d.id, d.local_date, d.number, d.matched, d.planned_at, d.contents, r.receipt, r.problems
    from digests d join receipts r on r.id = d.receipt_id where d.id = any(${ids}::bigint[])`;
  return rows.map((row) => ({ ...row, contents: JSON.parse(row.contents) }));
}

/** A paper as a digest lists it. */
type Listed = {
  digest: DigestRow;
  entry: Entry;
  place: number;
  paper: PaperText;
  wanted: Wanted | undefined;
  query: Query | undefined;
};
type Query = { id: number; canonical: string; expression: string; also: string[] };

async function readListed(sql: Sql, digests: DigestRow[]): Promise<Listed[]> {
  const entries = digests.flatMap((digest) =>
    digest.contents.papers.map((entry, at) => {
      const wanted = entry.interest === undefined ? undefined : digest.contents.interests?.[entry.interest];
      return { digest, entry, place: at + 1, wanted };
    }),
  );
  const texts = await readPaperTexts(
    sql,
    entries.map(({ digest, entry }) => ({ ...textOf(entry), plannedAt: digest.planned_at })),
  );
  const queries = await selectQueries(sql, [...new Set(entries.flatMap(({ wanted }) => wanted?.query ?? []))]);
  return entries.flatMap((it) => {
    const paper = texts.get(keyOf(textOf(it.entry)));
    return paper ? [{ ...it, paper, query: queries.get(it.wanted?.query ?? 0) }] : [];
  });
}

function textOf(entry: Entry): { paper: number; revision: number } {
  return { paper: entry.paper, revision: entry.revision ?? 1 };
}

/** What queries look for, and the other names in it, in words. One that was retired says nothing any more. */
async function selectQueries(sql: Sql, ids: number[]): Promise<Map<number, Query>> {
  const rows = await sql<Query[]>`
    select id, canonical, expression::text as expression, also from queries where id = any(${ids}::bigint[])`;
  return new Map(rows.map((row) => [row.id, row]));
}

function viewDigest(
  row: DigestRow,
  papers: { entry: Entry; view: EditionPaper }[],
  { baseUrl, secret }: { baseUrl: string; secret: string },
): EditionView {
  const matched = papers.filter(({ entry }) => entry.interest !== undefined).map(({ view }) => view);
  const trending = papers.filter(({ entry }) => entry.interest === undefined).map(({ view }) => view);
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
    count: counts.join(", ") || "no papers",
    introduction: introduction(row, matched.length, trending.length),
    papers: matched,
    trending,
    more: further > 0 ? `${counted(further, "more paper")} matched.` : undefined,
    moreUrl: `${webUrl}#more`,
    receipt: row.receipt,
    problems: row.problems,
    webUrl,
    baseUrl,
    interests: row.contents.papers.length > 0 ? undefined : (row.contents.interests ?? []).map(({ typed }) => typed),
  };
}

function introduction(row: DigestRow, matched: number, trending: number): string | undefined {
  if (row.number > 1) return undefined;
  if (matched > 0) return "Your first edition looks back at the last seven days. From now on you get what is new.";
  return trending > 0
    ? "Your first edition: here is what others read. What matches an interest of yours comes as it appears."
    : undefined;
}

const viewsKept = 4000;

/** Most readers of a day are shown the same: a paper's view is one object for all of them, for each database apart. */
const kept = new WeakMap<Sql, Recent<string, PaperView>>();

function viewEntry(sql: Sql, listed: Listed, excerpt: Excerpt, baseUrl: string): EditionPaper {
  const { digest, entry, place, paper, wanted, query } = listed;
  const recent = kept.getOrInsertComputed(sql, () => new Recent<string, PaperView>(viewsKept));
  const links = linksAt(paper, digest.planned_at);
  const also = query && query.also.length > 0 ? `also: ${query.also.join(", ")}` : undefined;
  const votes = entry.upvotes ?? 0;
  // All that it is made of; of the text and the links, what tells them from others.
  const key = `${excerpt.key}\n${links.length}\n${votes}\n${wanted?.typed ?? ""}\n${also ?? ""}\n${baseUrl}`;
  const known = recent.get(key);
  if (known) return { place, paper: known, taste: entry.taste };
  const view: PaperView = {
    title: paper.title,
    url: `${baseUrl}/papers/${paper.slug}`,
    authors: paper.authors,
    details: [...paper.details, ...(votes ? [counted(votes, "vote")] : [])].join(" · "),
    interest: wanted?.typed,
    also,
    excerpt: excerpt.pieces,
    excerptText: excerpt.text,
    links,
  };
  recent.set(key, view);
  return { place, paper: view, taste: entry.taste };
}

function viewNearMiss({ entry, paper, wanted, query }: Listed, baseUrl: string): NearMiss {
  const why = whyNear(wanted?.typed ?? "", entry.near ?? "", query?.canonical);
  return { title: paper.title, url: `${baseUrl}/papers/${paper.slug}`, why };
}
