import type { Clock } from "../clock.ts";
import type { Database, Sql } from "../db.ts";
import type { PaperRecord } from "../sources/source.ts";
import { titleKey } from "./identity.ts";

export type Saved = { added: number; updated: number; unchanged: number };

/** A paper that comes to have so many is news to who had it with fewer. Few papers of a month do. */
const manyVotes = 100;

/** Any number. */
const lockKey = 5_310_846;

/**
 * Saves records as papers and listings: one paper for each work, however many records tell of it. Text comes from the most
 * trusted source, the newest version of it; what is missing is filled in; votes and comments only grow, so that reading an
 * older page again changes nothing.
 */
export async function savePapers(sql: Database, clock: Clock, records: PaperRecord[]): Promise<Saved> {
  const works = foldSameWorks(records);
  if (works.length === 0) return { added: 0, updated: 0, unchanged: 0 };
  return sql.begin(async (transaction) => {
    await lockPapers(transaction);
    return saveWorks(transaction, works, clock());
  });
}

async function saveWorks(sql: Sql, works: PaperRecord[], now: Temporal.Instant): Promise<Saved> {
  const rows = works.map((record, ordinal) => toRow(record, ordinal));
  const found = await findPapers(sql, rows);
  const waiting = findWaiting(rows, found);
  const placed = rows.map((row, index) => ({ ...row, ...found[index] })).filter((row) => !waiting.has(row.ordinal));
  const added = placed.filter((row) => row.is_new);
  const known = placed.filter((row) => !row.is_new);
  await insertPapers(sql, added, now);
  const changed = new Set(await updatePapers(sql, known, now));
  const listed = await insertListings(sql, placed, now);
  for (const id of listed) changed.add(id);
  const updated = known.filter((row) => changed.has(row.id as number)).length;
  const saved = { added: added.length, updated, unchanged: known.length - updated };
  if (waiting.size === 0) return saved;
  const later = await saveWorks(
    sql,
    works.filter((_, ordinal) => waiting.has(ordinal)),
    now,
  );
  return {
    added: saved.added + later.added,
    updated: saved.updated + later.updated,
    unchanged: saved.unchanged + later.unchanged,
  };
}

/** The rows that may tell of the same paper as one before them under another name: they are looked up again after it is saved. */
function findWaiting(rows: Row[], found: { id: number }[]): Set<number> {
  const seen = new Set<unknown>();
  const waiting = new Set<number>();
  for (const row of rows) {
    const names: unknown[] = [found[row.ordinal]?.id];
    // By DOI or title alone, as `findPapers` does: never between two that have an arXiv id, or a DOI, of their own.
    if (!row.arxiv_id) names.push(`doi ${row.doi}`, `${row.doi ? "title without doi" : "title"} ${row.title_key}`);
    if (names.some((name) => seen.has(name))) {
      waiting.add(row.ordinal);
      continue;
    }
    seen.add(found[row.ordinal]?.id).add(`title ${row.title_key}`);
    seen.add(row.doi ? `doi ${row.doi}` : `title without doi ${row.title_key}`);
  }
  return waiting;
}

/** Writers of papers go one after another, so that two never make two papers of one work, nor wait for each other's rows. */
export async function lockPapers(transaction: Sql): Promise<void> {
  await transaction`select pg_advisory_xact_lock(${lockKey})`;
}

/** Records of one work within a batch, merged as if they had come one after another. */
function foldSameWorks(records: PaperRecord[]): PaperRecord[] {
  const works = new Map<string, PaperRecord>();
  const byTitle = new Map<string, string>();
  // Those with an id first, so that one that has only a title finds the work it belongs to.
  const certainty = (record: PaperRecord) => (record.arxivId ? 2 : record.doi ? 1 : 0);
  for (const record of records.toSorted((one, other) => certainty(other) - certainty(one))) {
    const title = titleKey(record.title);
    const key = record.arxivId ?? record.doi ?? byTitle.get(title) ?? title;
    if (!byTitle.has(title)) byTitle.set(title, key);
    const earlier = works.get(key);
    works.set(key, earlier ? mergeRecords(earlier, record) : record);
  }
  return [...works.values()];
}

function mergeRecords(earlier: PaperRecord, later: PaperRecord): PaperRecord {
  const wins =
    later.authority > earlier.authority ||
    (later.authority === earlier.authority && (later.version ?? 1) >= (earlier.version ?? 1));
  const [text, other] = wins ? [later, earlier] : [earlier, later];
  return {
    arxivId: text.arxivId ?? other.arxivId,
    version: Math.max(text.version ?? 1, other.version ?? 1),
    doi: text.doi ?? other.doi,
    title: text.title,
    abstract: text.abstract || other.abstract,
    authors: text.authors.length > 0 ? text.authors : other.authors,
    organization: text.organization ?? other.organization,
    categories: text.categories.length > 0 ? text.categories : other.categories,
    comment: text.comment ?? other.comment,
    publishedOn: earlier.publishedOn ?? later.publishedOn,
    upvotes: largest(text.upvotes, other.upvotes),
    comments: largest(text.comments, other.comments),
    codeUrl: text.codeUrl ?? other.codeUrl,
    projectUrl: text.projectUrl ?? other.projectUrl,
    authority: text.authority,
    listings: [...earlier.listings, ...later.listings],
  };
}

function largest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined ? other : Math.max(one, other ?? 0);
}

type Row = ReturnType<typeof toRow>;
type PlacedRow = Row & Partial<{ id: number; is_new: boolean }>;

function toRow(record: PaperRecord, ordinal: number) {
  return {
    ordinal,
    arxiv_id: record.arxivId ?? null,
    doi: record.doi ?? null,
    title_key: titleKey(record.title),
    title: record.title,
    abstract: record.abstract,
    authors: record.authors,
    organization: record.organization ?? null,
    categories: record.categories,
    comment: record.comment ?? null,
    published_on: record.publishedOn ?? null,
    version: record.version ?? 1,
    authority: record.authority,
    upvotes: record.upvotes ?? null,
    comments: record.comments ?? null,
    code_url: record.codeUrl ?? null,
    project_url: record.projectUrl ?? null,
    listings: record.listings,
  };
}

/** The paper for each row, in order: by arXiv id, else by DOI, else by title, but never one that is known by another arXiv id. */
async function findPapers(sql: Sql, rows: Row[]): Promise<{ id: number; is_new: boolean }[]> {
  const keys = rows.map(({ ordinal, arxiv_id, doi, title_key }) => ({ ordinal, arxiv_id, doi, title_key }));
  return sql<{ id: number; is_new: boolean }[]>`
    select coalesce(found.id, nextval(pg_get_serial_sequence('papers', 'id'))) as id, found.id is null as is_new
    from jsonb_to_recordset(${sql.json(keys)}) as r (ordinal int, arxiv_id text, doi text, title_key text)
    left join lateral (
      select candidate.id from (
        select p.id, 1 as preference from papers p where p.arxiv_id = r.arxiv_id
        union all
        select p.id, 2 from papers p where p.doi = r.doi and (r.arxiv_id is null or p.arxiv_id is null)
        union all
        select p.id, 3 from papers p
        where p.title_key = r.title_key and (r.arxiv_id is null or p.arxiv_id is null) and (r.doi is null or p.doi is null)
      ) candidate order by preference, candidate.id limit 1
    ) found on true
    order by r.ordinal`;
}

async function insertPapers(sql: Sql, rows: PlacedRow[], now: Temporal.Instant): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    insert into papers (id, arxiv_id, doi, title_key, title, abstract, authors, organization, categories, comment,
      published_on, version, authority, upvotes, comments, code_url, project_url, first_seen_at, changed_at)
    overriding system value
    select r.id, r.arxiv_id, r.doi, r.title_key, r.title, r.abstract, r.authors, r.organization, r.categories, r.comment,
      r.published_on, r.version, r.authority, r.upvotes, r.comments, r.code_url, r.project_url, ${now}, ${now}
    from jsonb_populate_recordset(null::papers, ${sql.json(rows)}) as r`;
}

/** Writes what is new about papers that we have, and only that. Answers the ids of those that changed. */
async function updatePapers(sql: Sql, rows: PlacedRow[], now: Temporal.Instant): Promise<number[]> {
  if (rows.length === 0) return [];
  const changed = await sql<{ id: number }[]>`
    with told as (
      select r.*, r.authority > p.authority or (r.authority = p.authority and r.version >= p.version) as wins
      from jsonb_populate_recordset(null::papers, ${sql.json(rows)}) as r join papers p on p.id = r.id
    ),
    wanted as (
      select p.id, p.revision,
        coalesce(p.arxiv_id, t.arxiv_id) as arxiv_id,
        coalesce(p.doi, t.doi) as doi,
        case when t.wins then t.title_key else p.title_key end as title_key,
        case when t.wins then t.title else p.title end as title,
        case when p.abstract = '' or (t.wins and t.abstract <> '') then t.abstract else p.abstract end as abstract,
        case when p.authors = '{}' or (t.wins and t.authors <> '{}') then t.authors else p.authors end as authors,
        coalesce(case when t.wins then t.organization end, p.organization, t.organization) as organization,
        case when p.categories = '{}' or (t.wins and t.categories <> '{}') then t.categories else p.categories end as categories,
        coalesce(case when t.wins then t.comment end, p.comment, t.comment) as comment,
        coalesce(p.published_on, t.published_on) as published_on,
        greatest(p.version, t.version) as version,
        greatest(p.authority, t.authority) as authority,
        greatest(p.upvotes, t.upvotes) as upvotes,
        greatest(p.comments, t.comments) as comments,
        coalesce(p.code_url, t.code_url) as code_url,
        coalesce(p.project_url, t.project_url) as project_url,
        (p.arxiv_id, p.doi, p.published_on, p.title, p.abstract, p.authors, p.organization, p.categories, p.code_url,
          p.project_url) as shown
      from told t join papers p on p.id = t.id
    ),
    changes as (
      select w.*, (w.arxiv_id, w.doi, w.published_on, w.title, w.abstract, w.authors, w.organization, w.categories, w.code_url,
          w.project_url)
        is distinct from w.shown as text_changed
      from wanted w join papers p on p.id = w.id
      where (w.title_key, w.comment, w.version, w.authority, w.upvotes, w.comments)
          is distinct from
          (p.title_key, p.comment, p.version, p.authority, p.upvotes, p.comments)
        or (w.arxiv_id, w.doi, w.published_on, w.title, w.abstract, w.authors, w.organization, w.categories, w.code_url,
          w.project_url) is distinct from w.shown
    ),
    kept as (
      insert into paper_revisions (paper_id, revision, arxiv_id, doi, published_on, title, abstract, authors, organization, categories, code_url, project_url)
      select p.id, p.revision, p.arxiv_id, p.doi, p.published_on, p.title, p.abstract, p.authors, p.organization, p.categories, p.code_url, p.project_url
      from papers p join changes c on c.id = p.id
      where c.text_changed
    ),
    happened as (
      insert into paper_news (paper_id, kind, noted_at)
      select p.id, news.kind, ${now}
      from papers p join changes c on c.id = p.id
      cross join lateral (values ('version', c.version > p.version), ('code', p.code_url is null and c.code_url is not null),
        ('votes', coalesce(p.upvotes, 0) < ${manyVotes} and c.upvotes >= ${manyVotes})) as news (kind, is_so)
      where news.is_so
      on conflict do nothing
    )
    update papers p set
      arxiv_id = c.arxiv_id, doi = c.doi, title_key = c.title_key, title = c.title, abstract = c.abstract,
      authors = c.authors, organization = c.organization, categories = c.categories, comment = c.comment,
      published_on = c.published_on, version = c.version, authority = c.authority, upvotes = c.upvotes,
      comments = c.comments, code_url = c.code_url, project_url = c.project_url,
      revision = p.revision + c.text_changed::int, changed_at = ${now},
      -- A paper that came without an abstract is matched once more when it has one.
      batch_id = case when p.abstract = '' and c.abstract <> '' then null else p.batch_id end,
      was_matched = p.was_matched or (p.batch_id is not null and p.abstract = '' and c.abstract <> '')
    from changes c where c.id = p.id
    returning p.id`;
  return changed.map((row) => row.id);
}

/** Answers the papers that got a listing they did not have. A paper is new, and crosses to a category, only once. */
async function insertListings(sql: Sql, rows: PlacedRow[], now: Temporal.Instant): Promise<number[]> {
  const listings = rows.flatMap(({ id, listings }) => listings.map((listing) => ({ id, ...listing })));
  const inserted = await sql<{ paper_id: number }[]>`
    insert into listings (paper_id, source, section, kind, listed_on, seen_at)
    select distinct on (l.id, l.source, l.section, l.date) l.id, l.source, l.section, l.kind, l.date, ${now}::timestamptz
    from jsonb_to_recordset(${sql.json(listings)}) as l (id bigint, source text, section text, kind text, date date)
    where not exists (
      select from listings known
      where known.paper_id = l.id and known.source = l.source and known.section = l.section
        and known.kind = l.kind and l.kind in ('new', 'cross')
    )
    on conflict do nothing
    returning paper_id`;
  return inserted.map((row) => row.paper_id);
}
