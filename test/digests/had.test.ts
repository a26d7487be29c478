import { expect, test } from "vitest";
import type { DueReader } from "../../src/digests/due.ts";
import { readHad } from "../../src/digests/had.ts";
import { readNews } from "../../src/digests/news.ts";
import type { Paper } from "../../src/digests/rank.ts";
import { createContext } from "../support/context.ts";
import { addPapers, paper } from "../support/make.ts";
import { connectExplained } from "../support/plans.ts";

test("what readers have had is looked up for each of them, however much others had", async () => {
  const context = await createContext();
  const ids = await addPapers(
    context,
    ...Array.from({ length: 100 }, (_, n) => paper({ title: `Paper ${n}`, upvotes: 200 - n })),
  );
  await context.sql`
    insert into digest_papers (subscriber_id, paper_id, digest_id)
    select reader, paper, reader from generate_series(1, 3000) as reader cross join unnest(${ids.slice(0, 60)}::bigint[]) as paper`;
  await context.sql`vacuum analyze digest_papers`;
  const { sql, plans } = await connectExplained(context.url);
  const news = await readNews(sql, context.config, context.clock(), undefined);
  const readers = Array.from(
    { length: 50 },
    (_, at) => ({ id: 1000 + at, trending: at % 2 === 0, first: true }) as DueReader,
  );
  plans.length = 0;
  const had = await readHad(sql, news, readers, new Map(readers.map(({ id }) => [id, [wanted]])), 8);
  const first = news.trending.slice(0, 8).map(({ id }) => id);
  expect(had).toEqual(new Map(readers.filter((it) => it.trending).map(({ id }) => [id, new Set(first)])));
  const scans = plans
    .join("\n")
    .matchAll(/Scan[^\n]* on digest_papers[^\n]*actual time=\S+ rows=([\d.]+) loops=(\d+)/g);
  const read = [...scans].map(([, rows, loops]) => Number(rows) * Number(loops));
  expect(read.reduce((sum, rows) => sum + rows, 0)).toBeLessThanOrEqual(50 * 8);
});

test("of papers that came before a reader's last digest nothing is read, though others look further back", async () => {
  const context = await createContext();
  const ids = await addPapers(context, ...Array.from({ length: 4 }, (_, n) => paper({ title: `Paper ${n}` })));
  await context.sql`
    insert into digest_papers (subscriber_id, paper_id, digest_id)
    select reader, paper, reader from unnest(array[1, 2]) as reader cross join unnest(${ids.slice(0, 3)}::bigint[]) as paper`;
  const news = await readNews(context.sql, context.config, context.clock(), undefined);
  const papers = ids.map((id) => ({ id }) as Paper);
  const batches = [1, 2].map((batch) => ({ batch, papers: papers.slice(2 * batch - 2, 2 * batch), ranks: [1, 1] }));
  news.hits.set(1, { after: 0, batches, near: [], least: ids[0] as number });
  const readers = [1, 2].map((id) => ({ id, trending: false }) as DueReader);
  const interests = new Map([1, 2].map((id) => [id, [{ ...wanted, after: id - 1 }]]));
  expect(await readHad(context.sql, news, readers, interests, 8)).toEqual(
    new Map([
      [1, new Set(ids.slice(0, 3))],
      [2, new Set(ids.slice(2, 3))],
    ]),
  );
});

test("what trends is looked up for who may be given it: with a match, or as a first digest", async () => {
  const context = await createContext();
  const ids = await addPapers(context, paper({ upvotes: 9 }), paper({ title: "Speech" }));
  const [trending, matched] = ids as [number, number];
  await context.sql`
    insert into digest_papers (subscriber_id, paper_id, digest_id)
    select reader, ${trending}, reader from unnest(array[1, 2, 3]) as reader`;
  const news = await readNews(context.sql, context.config, context.clock(), undefined);
  const batches = [{ batch: 1, papers: [{ id: matched } as Paper], ranks: [1] }];
  news.hits.set(2, { after: 0, batches, near: [], least: matched });
  const readers = [1, 2, 3].map((id) => ({ id, trending: true, first: id === 3 }) as DueReader);
  const interests = new Map([1, 2, 3].map((id) => [id, [{ ...wanted, query: id }]]));
  const had = await readHad(context.sql, news, readers, interests, 8);
  expect([...had.keys()].sort()).toEqual([2, 3]);
});

const wanted = { query: 1, typed: "an interest that hits nothing", after: 0 };
