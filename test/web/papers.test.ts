import { expect, test } from "vitest";
import { createApp } from "../../src/web/app.ts";
import { createContext } from "../support/context.ts";
import { addPapers, paper } from "../support/make.ts";

const listed = (date: string) => [{ source: "huggingface", section: "", kind: "daily" as const, date }];

async function site() {
  const context = await createContext({}, "2026-11-20T10:00:00Z");
  const app = createApp(context);
  return { context, app, get: async (path: string) => (await app.request(path)).text() };
}

/** The addresses of the papers on a page, in order. */
function slugsIn(body: string): string[] {
  return [...body.matchAll(/<h2><a href="\/papers\/([^"]+)"/g)].map((match) => match[1] as string);
}

function hrefOf(body: string, rel: string): string | undefined {
  return new RegExp(`rel="${rel}" href="([^"]+)"`).exec(body)?.[1]?.replaceAll("&amp;", "&");
}

test.each(["trending", "new", "relevance"])(
  "pages ordered by %s hold each paper once while new papers come in between",
  async (sort) => {
    const { context, get } = await site();
    const some = (count: number) =>
      Array.from({ length: count }, (_, at) => paper({ title: "Speech", upvotes: at % 7 }));
    await addPapers(context, ...some(60));
    const before = new Set((await context.sql<{ slug: string }[]>`select slug from papers`).map((row) => row.slug));
    const seen: string[] = [];
    let path: string | undefined = `/papers?q=speech&sort=${sort}`;
    while (path) {
      const body = await get(path);
      seen.push(...slugsIn(body));
      path = hrefOf(body, "next");
      context.setNow(context.clock().add({ minutes: 1 }));
      await addPapers(context, ...some(9));
    }
    expect(seen).toHaveLength(60);
    expect(new Set(seen)).toEqual(before);
  },
);

test("a page by trend begins with what has votes, and the newer of two with as many is ahead", async () => {
  const { context, get } = await site();
  context.setNow("2026-11-10T10:00:00Z");
  const [old, oldest] = ["2611.10001", "2611.10002"];
  await addPapers(context, paper({ arxivId: old, upvotes: 20 }), paper({ arxivId: oldest, upvotes: 1 }));
  context.setNow("2026-11-20T10:00:00Z");
  await addPapers(context, paper({ arxivId: "2611.10003", upvotes: 20 }), paper({ arxivId: "2611.10004", upvotes: 0 }));
  expect(slugsIn(await get("/papers"))).toEqual(["2611.10003", old, "2611.10004", oldest]);
});

test("days, weeks and months lead to the nearest ones that have papers", async () => {
  const { context, get } = await site();
  for (const date of ["2026-09-30", "2026-11-06", "2026-11-20"])
    await addPapers(context, paper({ listings: listed(date) }));
  const day = await get("/papers?date=2026-11-20");
  expect(slugsIn(day)).toHaveLength(1);
  expect(day).toContain("Friday, 20 November 2026");
  expect(hrefOf(day, "prev")).toBe("/papers?date=2026-11-06");
  expect(hrefOf(day, "next")).toBeUndefined();
  expect(hrefOf(await get("/papers?week=2026-W45"), "next")).toBe("/papers?week=2026-W47");
  expect(hrefOf(await get("/papers?month=2026-11"), "prev")).toBe("/papers?month=2026-09");
  expect(slugsIn(await get("/papers?month=2026-11"))).toHaveLength(2);
});

test("a search shows how many papers hit, the words marked, and leads to a subscription and a feed", async () => {
  const { context, get } = await site();
  await addPapers(context, paper({ title: "Speech & boats", abstract: "Nothing. We hear speech from a quay." }));
  const body = await get("/papers?q=speech%20-robots");
  expect(body).toContain("<b>1 paper</b>");
  expect(body).toContain("<mark>Speech</mark> &amp; boats");
  expect(body).toContain("We hear <mark>speech</mark> from a quay.");
  expect(body).toContain('href="/subscribe?interests=speech+-robots"');
  expect(body).toContain('href="/feed.atom?q=speech+-robots"');
});

test("a search that finds nothing says so and offers others that do", async () => {
  const { context, get } = await site();
  await addPapers(context, paper({ title: "Speech in harbours", publishedOn: "2025-02-03" }));
  const body = await get("/papers?q=%22harbours speech%22");
  expect(body).toContain("No paper has all of this.");
  expect(body).toContain('href="/papers?q=harbours+speech"');
  expect(await get("/papers?q=speech&date=2026-11-20")).toContain("Search all dates");
});

test("what can't be read is told with the place and what would do, and what was typed is kept", async () => {
  const { get } = await site();
  const body = await get('/papers?q=%28speech OR "quay');
  expect(body).toContain("This quotation mark is not closed.");
  expect(body).toContain("(speech OR <mark>&quot;quay</mark>");
  expect(body).toContain('value="(speech OR &quot;quay"');
  expect(await get("/papers?q=speech+++on++(quay")).toContain("speech   on  <mark>(</mark>quay");
  expect(await get("/api/v1/papers?q=+++speech+(quay")).toContain("Look at position 10.");
});

test("many authors open by name, without script", async () => {
  const { context, get } = await site();
  const authors = Array.from({ length: 14 }, (_, at) => `Author ${at}`);
  await addPapers(context, paper({ arxivId: "2611.10007", authors }));
  const body = await get("/papers");
  expect(body).toMatch(/<summary>Author 0, Author 1, Author 2 … <span class="open">14 authors<\/span><\/summary>/);
  expect(body).toContain('href="/papers?q=author%3A%22Author+13%22"');
});

test("a paper's page leads to related papers, and to interests of its own words", async () => {
  const { context, get } = await site();
  const abstract = "Fold laundry with robots. To fold laundry, grippers must feel cloth.";
  await addPapers(
    context,
    paper({ arxivId: "2611.10008", title: "Robots that fold laundry", abstract }),
    paper({ arxivId: "2611.10009", title: "Grippers for cloth: fold laundry again", abstract }),
    ...Array.from({ length: 4 }, () => paper({ title: "We fold laundry", abstract: "Weather models of the sea." })),
    ...Array.from({ length: 9 }, () => paper({ title: "Weather", abstract: "Weather models of the sea." })),
  );
  const body = await get("/papers/2611.10008");
  expect(slugsIn(body)[0]).toBe("2611.10009");
  expect(body).toMatch(/<textarea[^>]*>[^<]*&quot;fold laundry&quot;/);
  expect(body).toContain('<meta name="citation_arxiv_id" content="2611.10008">');
  expect(body).toContain('<link rel="canonical" href="https://papers.example.org/papers/2611.10008">');
});

test("a search that takes too long is ended and told, and what was typed is kept", async () => {
  const { context, app } = await site();
  await addPapers(context, paper({ title: "Speech" }));
  let response: Response | undefined;
  await context.sql.begin(async (transaction) => {
    await transaction`lock table papers in access exclusive mode`;
    response = await app.request("/papers?q=speech");
  });
  expect(response?.status).toBe(503);
  const body = await response?.text();
  expect(body).toContain("That search took too long.");
  expect(body).toContain('value="speech"');
});

test("below few hits stand the papers that come near, without what is excluded", async () => {
  const { context, app, get } = await site();
  const titles = ["Protein folding by diffusion", "Folding of proteins", "A survey of protein folding", "Speech"];
  await addPapers(context, ...titles.map((title) => paper({ title })));
  const typed = "protein folding diffusion -survey";
  const body = await get(`/papers?${new URLSearchParams({ q: typed })}`);
  const [hits, near] = body.split("Papers that come near") as [string, string];
  expect([hits, near].map((part) => slugsIn(part).length)).toEqual([1, 1]);
  expect(near).toContain("<mark>Folding</mark> of <mark>proteins</mark>");
  expect(await get(`/papers?${new URLSearchParams({ q: typed, sort: "new" })}`)).not.toContain("come near");
  const answer = await app.request(`/api/v1/papers?${new URLSearchParams({ q: typed })}`);
  const { papers, nearest, total } = (await answer.json()) as Record<"papers" | "nearest", { title: string }[]> & {
    total: number;
  };
  expect(papers.map((it) => it.title)).toEqual([titles[0]]);
  expect(nearest.map((it) => it.title)).toEqual([titles[1]]);
  expect(total).toBe(1);
  await addPapers(context, paper({ title: "Proteins that fold", categories: ["q-bio.BM"] }));
  const within = await app.request(`/api/v1/papers?${new URLSearchParams({ q: typed, category: "q-bio.BM" })}`);
  const { nearest: biology } = (await within.json()) as { nearest: { title: string }[] };
  expect(biology.map((it) => it.title)).toEqual(["Proteins that fold"]);
});
