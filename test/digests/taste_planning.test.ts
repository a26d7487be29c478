import { expect, test } from "vitest";
import { readDigests } from "../../src/digests/digest.ts";
import { plan } from "../../src/digests/plan.ts";
import { vote } from "../../src/digests/votes.ts";
import { explain } from "../../src/interests/explain.ts";
import { match } from "../../src/interests/match.ts";
import type { PaperRecord } from "../../src/sources/source.ts";
import { createContext, type TestContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";

const boats = (at: number, fields: Partial<PaperRecord> = {}) =>
  paper({
    title: `Speech, take ${at}`,
    abstract: "Sailing boats in narrow harbours, with their sails and their anchors.",
    authors: ["Ada Okafor"],
    ...fields,
  });
const robots = (at: number, fields: Partial<PaperRecord> = {}) =>
  paper({
    title: `Speech, take ${at}`,
    abstract: "Laundry robots at home, with their grippers and their cameras.",
    authors: ["Tomás Ibarra"],
    ...fields,
  });

async function day(context: TestContext, date: string) {
  context.setNow(`2026-11-${date}T09:00:00Z`);
  await match(context);
  await plan(context);
}

/** What the last digest of a reader lists. */
async function lastDigest(context: TestContext, reader: number) {
  const [row] = await context.sql<{ id: number; matched: number }[]>`
    select id, matched from digests where subscriber_id = ${reader} order by id desc limit 1`;
  const view = (await readDigests(context, [row?.id ?? 0])).get(row?.id ?? 0);
  const entries = await context.sql<{ paper: number; taste: string | null }[]>`
    select paper_id as paper, taste from digest_entries where digest_id = ${row?.id ?? 0} order by place`;
  return { view, matched: row?.matched, papers: entries.map((it) => it.paper), tastes: entries.map((it) => it.taste) };
}

/** A reader who had two papers on boats and two on robots, and two more of each that are new. */
async function readerWithNews(form: Record<string, unknown> = {}) {
  const context = await createContext();
  const had = await addPapers(context, boats(1), boats(2), robots(1), robots(2));
  const reader = await addReader(context, { email: "ada@example.org", interests: "speech", ...form });
  const other = await addReader(context, { interests: "speech", ...form });
  await day(context, "20");
  const fresh = await addPapers(context, boats(3), boats(4), robots(3), robots(4));
  const say = (liked: boolean | undefined, ...places: number[]) =>
    Promise.all(places.map((place) => vote(context, { subscriberId: reader, paper: had[place] as number }, liked)));
  return { context, reader, other, fresh, say };
}

test("what a reader liked brings its like to the top of the next digest, and the digest says why", async () => {
  const { context, reader, other, fresh, say } = await readerWithNews();
  const [boat3, boat4, robot3, robot4] = fresh;
  await say(true, 0, 1);
  await say(false, 2, 3);
  await day(context, "21");
  const { papers, tastes, view } = await lastDigest(context, reader);
  expect(papers).toEqual([boat4, boat3, robot4, robot3]);
  expect(tastes[0]).toMatch(/^Higher because you liked papers (on|by) /);
  expect(tastes[0]).toMatch(/sail|boats|harbours|anchors|narrow|Ada Okafor/);
  expect(tastes[3]).toMatch(/^Lower because you wanted fewer papers (on|by) /);
  expect(view?.papers.map((it) => it.taste ?? null)).toEqual(tastes);
  const unmoved = await lastDigest(context, other);
  expect(unmoved.papers).toEqual([robot4, robot3, boat4, boat3]);
  expect(unmoved.tastes).toEqual([null, null, null, null]);
});

test("a taste changes the order and never what matched: what has no room is counted as before", async () => {
  const { context, reader, other, fresh, say } = await readerWithNews({ limit: "3" });
  await say(false, 0, 1);
  await day(context, "21");
  const [moved, plain] = [await lastDigest(context, reader), await lastDigest(context, other)];
  expect(moved.matched).toBe(4);
  expect(plain.matched).toBe(4);
  expect(moved.papers).toHaveLength(3);
  expect(fresh).toEqual(expect.arrayContaining(moved.papers));
  expect(moved.view?.more).toBe(plain.view?.more);
});

test("votes that are taken back leave no trace in what is planned after", async () => {
  const { context, reader, other, say } = await readerWithNews();
  await say(true, 0, 1);
  await say(undefined, 0, 1);
  await day(context, "21");
  const [one, two] = [await lastDigest(context, reader), await lastDigest(context, other)];
  expect(one.papers).toEqual(two.papers);
  expect(one.tastes).toEqual(two.tastes);
});

test("planning reads no vote for readers who have none", async () => {
  const { context, reader } = await readerWithNews();
  await context.sql`alter table votes rename to hidden`;
  await day(context, "21");
  expect((await lastDigest(context, reader)).papers).toHaveLength(4);
});

test("what trends is chosen by taste too, as if twice as many had voted for it or half", async () => {
  const context = await createContext();
  const had = await addPapers(context, boats(1, { upvotes: 50 }), robots(1, { upvotes: 50 }));
  const reader = await addReader(context, { trending: "on" });
  await day(context, "20");
  const [boat, robot, famous] = await addPapers(
    context,
    boats(2, { upvotes: 20 }),
    robots(2, { upvotes: 22 }),
    robots(3, { upvotes: 500 }),
  );
  await vote(context, { subscriberId: reader, paper: had[0] as number }, true);
  await vote(context, { subscriberId: reader, paper: had[1] as number }, false);
  await day(context, "21");
  const { papers, tastes } = await lastDigest(context, reader);
  expect(papers).toEqual([famous, boat, robot]);
  expect(tastes[1]).toMatch(/^Higher because/);
});

test("a vote on something else leaves what trends in the order that all have it", async () => {
  const context = await createContext();
  const [voted] = await addPapers(context, boats(1));
  const voter = await addReader(context, { interests: "speech", trending: "on" });
  const other = await addReader(context, { interests: "speech", trending: "on" });
  await day(context, "20");
  const trends = (title: string, upvotes: number, publishedOn: string) =>
    paper({ title, abstract: "Zebras.", authors: [], categories: [], upvotes, publishedOn });
  await addPapers(context, ...[51, 52, 53].map((votes) => trends(`Old ${votes}`, votes, "2026-10-01")));
  await addPapers(context, ...[31, 32, 33].map((votes) => trends(`New ${votes}`, votes, "2026-11-20")));
  await addPapers(context, robots(2));
  await vote(context, { subscriberId: voter, paper: voted as number }, true);
  await day(context, "21");
  const { papers } = await lastDigest(context, other);
  expect(papers).toHaveLength(4);
  expect((await lastDigest(context, voter)).papers).toEqual(papers);
});

test("what a reader likes comes from far behind among what trends", async () => {
  const context = await createContext();
  const [liked] = await addPapers(context, boats(1, { upvotes: 50 }));
  const reader = await addReader(context, { trending: "on", interests: "laundry", limit: "1" });
  await day(context, "20");
  await vote(context, { subscriberId: reader, paper: liked as number }, true);
  await addPapers(
    context,
    ...Array.from({ length: 30 }, (_, n) => paper({ title: `Title ${n}`, upvotes: 40 - (n % 3) })),
  );
  const [boat] = await addPapers(context, boats(2, { upvotes: 35 }));
  await addPapers(context, paper({ title: "Laundry" }));
  await day(context, "21");
  expect((await lastDigest(context, reader)).papers[1]).toBe(boat);
});

test("explain tells what the votes did, and what they make of a paper that was left out", async () => {
  const { context, fresh, say } = await readerWithNews({ limit: "3" });
  await say(true, 1);
  await say(false, 2, 3);
  await day(context, "21");
  const about = async (paper: number | undefined) => {
    const [row] = await context.sql<{ slug: string }[]>`select slug from papers where id = ${paper ?? 0}`;
    return explain(context.sql, "ada@example.org", row?.slug ?? "");
  };
  const [left, sent] = [await about(fresh[2]), await about(fresh[3])];
  expect(sent.decision).toMatch(/for “speech”, in place 3, lower because you wanted fewer papers (on|by) /);
  expect(left.decision).toMatch(/below the reader’s limit/);
  expect(left.taste).toMatch(
    /^By the reader’s votes it counts 0\.\d\d times: lower because you wanted fewer papers (on|by) .*\.$/,
  );
});

test("readers with more votes than can be learnt from at once are planned in turns, each once", async () => {
  const readers = 130;
  const context = await createContext();
  const [id] = await addPapers(context, boats(1));
  const first = await addReader(context, { interests: "speech" });
  await match(context);
  await context.sql`
    insert into papers (title_key, title, authority, first_seen_at, changed_at, batch_id)
    select n, 'Paper ' || n, 1, now(), now(), 1 from generate_series(1, 150) as n`;
  await context.sql`
    insert into subscribers (email, email_key, status, created_at, confirmed_at, next_due_at, timezone, trending)
    select 'voter' || n || '@example.org', 'voter' || n || '@example.org', 'active', s.created_at, s.confirmed_at, s.next_due_at,
      s.timezone, s.trending from subscribers s cross join generate_series(2, ${readers}::int) as n where s.id = ${first}`;
  await context.sql`
    insert into interests (subscriber_id, query_id, position, typed, created_at, since_batch_id)
    select s.id, i.query_id, 0, i.typed, i.created_at, i.since_batch_id from subscribers s cross join interests i where s.id <> ${first}`;
  await context.sql`
    insert into votes (subscriber_id, paper_id, liked, voted_at)
    select s.id, p.id, p.id % 2 = 0, now() from subscribers s cross join papers p where p.id <> ${id ?? 0}`;
  await context.sql`update subscribers set votes = 150`;
  const done: number[] = [];
  let left = 1;
  while (left > 0) {
    const result = await plan(context);
    done.push(result.done);
    left = result.left;
  }
  expect(done).toEqual([100, 30]);
  expect(await context.sql`select from digests`).toHaveLength(readers);
  expect(await context.sql`select distinct subscriber_id from digests`).toHaveLength(readers);
});
