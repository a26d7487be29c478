import { expect, test } from "vitest";
import { createApp } from "../../src/web/app.ts";
import { multiplyPapers } from "../bench/corpus.ts";
import { createContext } from "../support/context.ts";
import { addPapers, paper } from "../support/make.ts";
import { connectExplained } from "../support/plans.ts";

const context = await createContext({}, "2026-11-20T10:00:00Z");
const words = ["speech", "boats", "harbours", "quays", "robots", "laundry", "weather", "diffusion", "proofs", "vision"];
await addPapers(
  context,
  ...Array.from({ length: 200 }, (_, at) =>
    paper({
      title: `${words[at % 10]} and ${words[(at * 7 + 3) % 10]} ${at}`,
      abstract: `Common words about ${words[(at * 3) % 10]}.`,
      publishedOn: `2026-11-${String(1 + (at % 19)).padStart(2, "0")}`,
      upvotes: at % 9,
    }),
  ),
  ...Array.from({ length: 20 }, () => paper({ title: "A needle in the hay", publishedOn: "2026-11-18" })),
);
/** Twelve hundred at first, and in the end ten times as many; those with the needle, and those of a day, stay as many. */
await multiplyPapers(context.sql, { from: 1, to: 5 }, "needl");
const growing = [
  "/",
  "/papers",
  "/papers?date=2026-11-18",
  "/papers?q=needle",
  "/papers?q=needle&sort=new",
  "/feed.atom",
  "/api/v1/preview?interests=needle",
];
const readOfFew = new Map<string, number>();
for (const path of growing) readOfFew.set(path, buffersOf(await plansOf(path)));
await multiplyPapers(context.sql, { from: 6, to: 60 }, "needl");

/** Pages of 8 KB that the statements read, from memory or disk: what they cost, whatever else the machine does. */
function buffersOf(plans: string[]): number {
  const read = plans.map((plan) => /^\s*Buffers: shared(?: hit=(\d+))?(?: read=(\d+))?/m.exec(plan));
  return read.reduce((sum, match) => sum + Number(match?.[1] ?? 0) + Number(match?.[2] ?? 0), 0);
}

/** The statements of one request, each with the plan that PostgreSQL ran it by. */
async function plansOf(path: string): Promise<string[]> {
  const { sql, plans } = await connectExplained(context.url);
  const response = await createApp({ ...context, sql }).request(path);
  expect(response.status, path).toBe(200);
  await response.text();
  return plans;
}

test.each([
  "/",
  "/papers",
  "/papers?sort=new",
  "/papers?page=3",
  "/papers?date=2026-11-18",
  "/papers?month=2022-05",
  "/papers?q=needle",
  "/papers?q=needle&sort=new",
  "/papers?q=needle&sort=trending",
  "/papers?q=needle&week=2026-W47",
  "/papers?q=needle+hay+boats",
  "/papers?q=common",
  "/papers?q=common&sort=new",
  "/papers?q=%22common%20words%22&sort=trending",
  "/papers?q=xylophone",
  "/feed.atom",
  "/feed.atom?q=needle",
  "/api/v1/papers?q=needle&category=cs.CL",
  "/api/v1/preview?interests=needle",
  "/api/v1/preview?interests=common",
  "/api/v1/preview?interests=speech%0Aboats%20OR%20quay*%0A%22speech%20and%20boats%22",
])("%s reads papers by an index, among twelve thousand", async (path) => {
  const plans = await plansOf(path);
  expect(
    plans.some((plan) => / on papers/.test(plan)),
    "it reads papers",
  ).toBe(true);
  for (const plan of plans) expect(plan).not.toMatch(/Seq Scan on (papers|listings)/);
});

test.each(growing)("%s reads as much of the database among ten times as many papers", async (path) => {
  const few = readOfFew.get(path) ?? 0;
  const many = buffersOf(await plansOf(path));
  // An index is a level higher, and what is in a leaf of it lies elsewhere.
  expect(many, `${few} pages before`).toBeLessThan(1.3 * few + 20);
});

test("a search for a rare word reads what it hits, and no more of the papers", async () => {
  const [plan] = (await plansOf("/papers?q=needle")).filter((it) => it.includes("hit.vector"));
  expect(plan).toMatch(/Bitmap Index Scan on papers_vector .*actual.*rows=20/);
});

test("a paper's page reads as many papers as share its rare words", async () => {
  const [row] = await context.sql<
    { slug: string }[]
  >`select slug from papers where title = 'A needle in the hay' limit 1`;
  for (const plan of await plansOf(`/papers/${row?.slug}`)) expect(plan).not.toMatch(/Seq Scan on papers/);
});

test("a paper's page looks up each of its telling words once to find what is related", async () => {
  const [needle] = await context.sql<{ slug: string }[]>`select slug from papers where title like 'A needle%' limit 1`;
  const plans = await plansOf(`/papers/${needle?.slug}`);
  const lookups = plans.flatMap((plan) => [...plan.matchAll(/Scan on papers_vector .*loops=(\d+)/g)]);
  const times = lookups.reduce((sum, [, loops]) => sum + Number(loops), 0);
  expect(times).toBeGreaterThan(0);
  expect(times).toBeLessThanOrEqual(32);
});
