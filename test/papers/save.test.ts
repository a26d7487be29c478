import { beforeEach, expect, test } from "vitest";
import { savePapers } from "../../src/papers/save.ts";
import { authority, type Listing, oneLine, type PaperRecord } from "../../src/sources/source.ts";
import { createContext } from "../support/context.ts";
import { paper } from "../support/make.ts";

const context = await createContext();
const { sql } = context;

beforeEach(async () => {
  await sql`truncate papers, paper_revisions, listings cascade`;
});

const save = (...records: PaperRecord[]) => savePapers(sql, context.clock, records);

type Kept = PaperRecord & { id: number; revision: number; arxiv_id: string | null; version: number };
const papers = () => sql<Kept[]>`select * from papers order by id`;
const listings = () => sql`select source, section, kind, listed_on::text as date from listings order by 1, 2, 4`;
const revisions = () => sql`select paper_id, revision, title, abstract from paper_revisions order by 1, 2`;

/** Every row as text, with the transaction that wrote it: equal only when nothing was written in between. */
async function everything(): Promise<string[]> {
  const rows = await sql`
    select p.xmin::text || p::text as row from papers p union all select l.xmin::text || l::text from listings l
    union all select r.xmin::text || r::text from paper_revisions r order by 1`;
  return rows.map((it) => it.row);
}

const daily = (date: string): Listing => ({ source: "huggingface", section: "", kind: "daily", date });
const announced = (date: string, section = "cs.CL", kind: Listing["kind"] = "new"): Listing => ({
  source: "arxiv",
  section,
  kind,
  date,
});

const fromHuggingFace = paper({
  title: "Harbour pilots learn",
  abstract: "Short.",
  authors: ["A. Okafor"],
  categories: [],
  organization: "Kestrel Ridge",
  upvotes: 12,
  comments: 3,
  authority: authority.huggingface,
  listings: [daily("2026-11-19")],
});
const fromArxiv = paper({
  arxivId: fromHuggingFace.arxivId,
  version: 1,
  title: "Harbor Pilots Learn to Learn",
  abstract: "The whole abstract.",
  authors: ["Ada Okafor", "Linh Nguyễn"],
  categories: ["cs.RO"],
  authority: authority.arxiv,
  listings: [announced("2026-11-18", "cs.RO")],
});

test.each([
  ["one after the other", [[fromHuggingFace], [fromArxiv]]],
  ["the other way round", [[fromArxiv], [fromHuggingFace]]],
  ["together", [[fromHuggingFace, fromArxiv]]],
  ["together, the other way round", [[fromArxiv, fromHuggingFace]]],
])(
  "two sources that list one paper make one paper with two listings and the better text: %s",
  async (_name, batches) => {
    for (const batch of batches) await save(...batch);
    expect(await papers()).toMatchObject([
      {
        title: "Harbor Pilots Learn to Learn",
        abstract: "The whole abstract.",
        authors: ["Ada Okafor", "Linh Nguyễn"],
        categories: ["cs.RO"],
        organization: "Kestrel Ridge",
        upvotes: 12,
        comments: 3,
        authority: authority.arxiv,
      },
    ]);
    expect((await listings()).map((it) => it.source)).toEqual(["arxiv", "huggingface"]);
  },
);

test("a better source that lacks the abstract, authors or categories does not wipe out those of a lesser one", async () => {
  await save({ ...fromHuggingFace, categories: ["cs.RO"] });
  await save({ ...fromArxiv, abstract: "", authors: [], categories: [] });
  expect(await papers()).toMatchObject([
    { title: "Harbor Pilots Learn to Learn", abstract: "Short.", authors: ["A. Okafor"], categories: ["cs.RO"] },
  ]);
});

test("saving the same records twice writes nothing", async () => {
  const records = [
    fromHuggingFace,
    fromArxiv,
    paper({ arxivId: undefined, doi: "10.1000/1" }),
    paper({ arxivId: undefined }),
  ];
  expect(await save(...records)).toEqual({ added: 3, updated: 0, unchanged: 0 });
  const before = await everything();
  context.setNow("2026-11-21T06:00:00Z");
  expect(await save(...records)).toEqual({ added: 0, updated: 0, unchanged: 3 });
  expect(await everything()).toEqual(before);
});

test("the counts tell what was added, what was changed and what was not", async () => {
  const [one, two, three] = [paper(), paper(), paper()];
  await save(one, two);
  expect(await save({ ...one, title: "Another title" }, two, three)).toEqual({ added: 1, updated: 1, unchanged: 1 });
  expect(await save()).toEqual({ added: 0, updated: 0, unchanged: 0 });
});

test("a newer version takes the place of the older, and the older read later changes nothing", async () => {
  const first = paper({ version: 1, title: "First thoughts", abstract: "One." });
  const second = { ...first, version: 2, title: "Second thoughts", abstract: "Two." };
  await save(first);
  await save(second);
  expect(await papers()).toMatchObject([{ title: "Second thoughts", abstract: "Two.", version: 2 }]);
  const before = await everything();
  await save(first);
  expect(await everything()).toEqual(before);
});

test("two versions in one batch are one paper with the text of the newer, in any order", async () => {
  const older = paper({ version: 1, title: "First thoughts" });
  const newer = { ...older, version: 3, title: "Third thoughts" };
  await save(newer, older);
  expect(await papers()).toMatchObject([{ title: "Third thoughts", version: 3, revision: 1 }]);
});

test("a changed title keeps the old text in paper_revisions", async () => {
  const record = paper({ title: "Old title", abstract: "Old text." });
  await save(record);
  await save({ ...record, title: "New title" });
  await save({ ...record, title: "Newest title" });
  const [kept] = await papers();
  expect(kept).toMatchObject({ title: "Newest title", revision: 3 });
  expect(await revisions()).toMatchObject([
    { paper_id: kept?.id, revision: 1, title: "Old title", abstract: "Old text." },
    { paper_id: kept?.id, revision: 2, title: "New title", abstract: "Old text." },
  ]);
});

test("upvotes and comments grow on a later look, with no new revision, and never shrink", async () => {
  await save(fromHuggingFace);
  await save({ ...fromHuggingFace, upvotes: 40, comments: 5 });
  expect(await papers()).toMatchObject([{ upvotes: 40, comments: 5, revision: 1 }]);
  const before = await everything();
  await save(fromHuggingFace);
  await save({ ...fromHuggingFace, upvotes: undefined, comments: undefined });
  expect(await everything()).toEqual(before);
});

test("a record with a title only and its later arXiv record are one paper", async () => {
  await save(paper({ arxivId: undefined, title: "Tides & currents: a Study", authority: authority.unidentified }));
  await save(paper({ arxivId: "2611.00001", title: "Tides & Currents — A study" }));
  expect(await papers()).toMatchObject([{ arxiv_id: "2611.00001", title: "Tides & Currents — A study" }]);
});

test("a record with a title only finds the paper that came before it, in an earlier batch or the same", async () => {
  const titleOnly = paper({
    arxivId: undefined,
    title: "Tides and currents",
    authority: authority.unidentified,
    upvotes: 2,
  });
  await save(titleOnly, paper({ arxivId: "2611.00001", title: "Tides and Currents" }));
  await save(titleOnly);
  expect(await papers()).toMatchObject([{ arxiv_id: "2611.00001", title: "Tides and Currents", upvotes: 2 }]);
});

test("two arXiv ids with one title are two papers", async () => {
  await save(paper({ arxivId: "2611.00001", title: "Erratum" }), paper({ arxivId: "2611.00002", title: "Erratum" }));
  await save(paper({ arxivId: "2611.00003", title: "Erratum" }));
  expect((await papers()).map((it) => it.arxiv_id)).toEqual(["2611.00001", "2611.00002", "2611.00003"]);
});

test("two arXiv ids with the title of a paper that had none are two papers", async () => {
  await save(paper({ arxivId: undefined, title: "Erratum", authority: authority.unidentified }));
  await save(paper({ arxivId: "2611.00001", title: "Erratum" }), paper({ arxivId: "2611.00002", title: "Erratum" }));
  expect((await papers()).map((it) => it.arxiv_id)).toEqual(["2611.00001", "2611.00002"]);
});

test("two DOIs with one title are two papers, and one DOI with two titles is one", async () => {
  await save(paper({ arxivId: undefined, doi: "10.1000/1", title: "Editorial" }));
  await save(paper({ arxivId: undefined, doi: "10.1000/2", title: "Editorial" }));
  await save(paper({ arxivId: undefined, doi: "10.1000/2", title: "Editorial, mended" }));
  expect((await papers()).map((it) => [it.doi, it.title])).toEqual([
    ["10.1000/1", "Editorial"],
    ["10.1000/2", "Editorial, mended"],
  ]);
});

test.each([
  ["in one batch", true],
  ["in two", false],
])("a record with a DOI only and the arXiv record with that DOI are one paper, %s", async (_name, together) => {
  const doiOnly = paper({ arxivId: undefined, doi: "10.1000/7", title: "As printed", authority: 0 });
  const preprint = paper({ arxivId: "2611.00007", doi: "10.1000/7", title: "As submitted" });
  if (together) await save(doiOnly, preprint);
  else await save(doiOnly).then(() => save(preprint));
  expect(await papers()).toMatchObject([{ arxiv_id: "2611.00007", doi: "10.1000/7", title: "As submitted" }]);
});

test("records of one batch that find the same known paper by different names change it one after another", async () => {
  const known = paper({ arxivId: "2611.00008", doi: "10.1000/8", title: "Known" });
  await save(known);
  await save(
    { ...known, doi: undefined, title: "Known and renamed" },
    paper({ arxivId: undefined, doi: "10.1000/8", title: "In print", authority: 0, organization: "Kestrel Ridge" }),
  );
  expect(await papers()).toMatchObject([{ title: "Known and renamed", organization: "Kestrel Ridge" }]);
  expect((await revisions()).map((it) => it.title)).toContain("Known");
});

test("a paper is new in a section once, and replaced there any number of times", async () => {
  const on = (...given: Listing[]) => save({ ...fromArxiv, listings: given });
  await on(announced("2026-11-17"), announced("2026-11-17", "cs.AI", "cross"));
  await on(announced("2026-11-18"), announced("2026-11-18", "cs.AI", "cross"));
  await on(announced("2026-11-19", "cs.CL", "replace"));
  await on(announced("2026-11-20", "cs.CL", "replace"));
  expect(await listings()).toEqual([
    announced("2026-11-17", "cs.AI", "cross"),
    announced("2026-11-17"),
    announced("2026-11-19", "cs.CL", "replace"),
    announced("2026-11-20", "cs.CL", "replace"),
  ]);
});

test("NUL, lone surrogates and control characters are taken out of a title, and the rest is stored", async () => {
  const title = oneLine("Nul\u0000l \ud800and\u0007 bell\u001b[31m \u202eright\u007f to left \ud83d\ude00");
  await save(paper({ title }));
  expect(await papers()).toMatchObject([{ title: "Null \ufffdand bell[31m \u202eright to left \u{1f600}" }]);
});

test("3,000 authors, an abstract of a megabyte and a title of 5,000 characters are stored whole", async () => {
  const authors = Array.from({ length: 3000 }, (_, index) => `Author Number${index} Ångström`);
  const abstract = Array.from({ length: 110_000 }, (_, index) => `word${index}`).join(" ");
  const title = "Long title ".repeat(455).trim();
  expect(abstract.length).toBeGreaterThan(1_000_000);
  await save(paper({ authors, abstract, title }));
  const [kept] = await papers();
  expect(kept?.authors).toEqual(authors);
  expect(kept?.abstract === abstract).toBe(true);
  expect(kept?.title).toBe(title);
});

test("writers that save the same new works at once make each of them once, whatever they know them by", async () => {
  const records = Array.from({ length: 20 }, () => paper());
  const titleOnly = records.map((record) => ({ ...record, arxivId: undefined, authority: 0 }));
  const writers: Promise<unknown>[] = [];
  await sql.begin(async (other) => {
    await other`lock table papers in share mode`;
    writers.push(save(...records), save(...titleOnly), save(...records.toReversed()));
    // They have all come as far as they can while nobody may write.
    const waiting = () => other`select from pg_locks where not granted and database in (0, (select oid from pg_database
      where datname = current_database()))`;
    while ((await waiting()).length < writers.length);
  });
  await Promise.all(writers);
  expect(await papers()).toHaveLength(20);
});
