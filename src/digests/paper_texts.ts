import type { Sql } from "../db.ts";
import { shownDay } from "../papers/search.ts";
import { texToUnicode } from "../papers/tex.ts";
import { authorLine, dayInWords, type PaperPlaces, paperLinks } from "../papers/words.ts";
import { Recent } from "../recent.ts";

/** A paper's text as digests show it: as it was in one of its revisions, which never changes. */
export type PaperText = {
  id: number;
  revision: number;
  slug: string;
  title: string;
  abstract: string;
  authors: string;
  /** Organisation, date and categories. */
  details: string[];
  links: { label: string; url: string }[];
  /** With Hugging Face among them, where it was listed since then. */
  linksOnceListed: { label: string; url: string }[];
  listedSince: Temporal.Instant | null;
  /** Whoever was planned by then finds the listings complete. */
  listingsUntil: Temporal.Instant;
};

/** A paper in a digest that was planned then. */
export type WantedText = { paper: number; revision: number; plannedAt: Temporal.Instant };

const textsKept = 5000;

/** Most readers of a day get the same papers: what was read for one mail is kept for the next, for each database apart. */
const kept = new WeakMap<Sql, Recent<string, PaperText>>();

/** The texts of papers, by `keyOf`. */
export async function readPaperTexts(sql: Sql, wanted: WantedText[]): Promise<Map<string, PaperText>> {
  const recent = kept.getOrInsertComputed(sql, () => new Recent<string, PaperText>(textsKept));
  const texts = new Map<string, PaperText>();
  const missing = new Map<string, WantedText>();
  for (const it of wanted) {
    const key = keyOf(it);
    const text = texts.get(key) ?? recent.get(key);
    if (text && Temporal.Instant.compare(text.listingsUntil, it.plannedAt) >= 0) texts.set(key, text);
    else if (isLater(it, missing.get(key))) missing.set(key, it);
  }
  for (const text of await selectTexts(sql, [...missing.values()])) {
    const key = keyOf({ paper: text.id, revision: text.revision });
    texts.set(key, text);
    recent.set(key, text);
  }
  return texts;
}

export function keyOf({ paper, revision }: Pick<WantedText, "paper" | "revision">): string {
  return `${paper} ${revision}`;
}

/** The links of a paper in a digest that was planned then. */
export function linksAt(text: PaperText, plannedAt: Temporal.Instant): PaperText["links"] {
  const isListed = text.listedSince && Temporal.Instant.compare(text.listedSince, plannedAt) <= 0;
  return isListed ? text.linksOnceListed : text.links;
}

function isLater(one: WantedText, other: WantedText | undefined): boolean {
  return !other || Temporal.Instant.compare(one.plannedAt, other.plannedAt) > 0;
}

type Row = Omit<PaperPlaces, "on_huggingface"> & {
  id: number;
  revision: number;
  plannedAt: Temporal.Instant;
  listedSince: Temporal.Instant | null;
  slug: string;
  title: string;
  abstract: string;
  authors: string[];
  organization: string | null;
  categories: string[];
  day: Temporal.PlainDate;
};

async function selectTexts(sql: Sql, wanted: WantedText[]): Promise<PaperText[]> {
  if (wanted.length === 0) return [];
  const rows = await sql<Row[]>`
    select v.*, v.paper_id as id, w.planned_at as "plannedAt", coalesce(v.arxiv_id, v.paper_id::text) as slug,
      ${shownDay(sql, sql`v.published_on`)} as day,
      (select min(l.seen_at) from listings l where l.paper_id = w.paper and l.source = 'huggingface') as "listedSince"
    from unnest(${wanted.map((it) => it.paper)}::bigint[], ${wanted.map((it) => it.revision)}::integer[],
      ${wanted.map((it) => it.plannedAt)}::timestamptz[]) as w (paper, revision, planned_at)
    join paper_versions v on v.paper_id = w.paper and v.revision = w.revision
    join papers p on p.id = w.paper`;
  return rows.map((row) => ({
    id: row.id,
    revision: row.revision,
    slug: row.slug,
    title: texToUnicode(row.title),
    abstract: texToUnicode(row.abstract),
    authors: authorLine(row.authors),
    details: [row.organization ?? "", dayInWords(row.day), row.categories.slice(0, 4).join(", ")].filter(Boolean),
    links: paperLinks({ ...row, on_huggingface: false }),
    linksOnceListed: paperLinks({ ...row, on_huggingface: true }),
    listedSince: row.listedSince,
    listingsUntil: row.plannedAt,
  }));
}
