import { expect, test } from "vitest";
import type { Context } from "../../src/context.ts";
import { readDigests } from "../../src/digests/digest.ts";
import { whyNear } from "../../src/digests/near_misses.ts";
import { plan } from "../../src/digests/plan.ts";
import { housekeeping } from "../../src/housekeeping.ts";
import { explainFor, voices } from "../../src/interests/explain.ts";
import { match } from "../../src/interests/match.ts";
import { createContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";

/** A reader who has had a first digest, so that the next one goes by batches. */
async function withReader(interests: string) {
  const context = await createContext({}, "2026-11-18T13:00:00Z");
  const reader = await addReader(context, { interests });
  await addPapers(context, paper({ title: "Harbours" }), paper({ title: "Weather" }));
  await edition(context);
  return { context, reader };
}

async function edition(context: Context) {
  await match(context);
  await plan(context);
}

async function newest(context: Context, reader: number) {
  const [row] = await context.sql<
    { id: number }[]
  >`select id from digests where subscriber_id = ${reader} order by id desc limit 1`;
  return (await readDigests(context, [row?.id as number])).get(row?.id as number);
}

const threeWords = "robots folding laundry -survey";

test("an interest that nothing hit shows what has all of it but one part, beside the matches of others", async () => {
  const { context, reader } = await withReader(`${threeWords}\nharbours`);
  context.setNow("2026-11-19T13:00:00Z");
  const [, near] = await addPapers(
    context,
    paper({ title: "Harbours at night" }),
    paper({ title: "Robots and their laundry" }),
    paper({ title: "A survey of robots and laundry" }),
    paper({ title: "Robots in space" }),
  );
  await edition(context);
  const view = await newest(context, reader);
  expect(view?.papers.map((it) => it.paper.title)).toEqual(["Harbours at night"]);
  expect(view?.nearMisses).toEqual([
    expect.objectContaining({ title: "Robots and their laundry", why: `All of “${threeWords}” but “folding”` }),
  ]);
  const [row] = await context.sql<{ slug: string }[]>`select slug from papers where id = ${near as number}`;
  const { decision } = await explainFor(context.sql, { id: reader }, row?.slug as string, voices.ofReader);
  expect(decision).toContain(`as a near miss of “${threeWords}”`);
  context.setNow("2026-11-20T13:00:00Z");
  await addPapers(context, paper({ title: "Harbours at noon" }));
  await edition(context);
  expect((await newest(context, reader))?.nearMisses).toEqual([]);
});

test("an interest with a match has no near misses, and near misses alone make no digest", async () => {
  const { context, reader } = await withReader(threeWords);
  context.setNow("2026-11-19T13:00:00Z");
  await addPapers(context, paper({ title: "Robots and their laundry" }));
  await edition(context);
  expect(await context.sql`select from digests where subscriber_id = ${reader} and local_date = '2026-11-19'`).toEqual(
    [],
  );
  context.setNow("2026-11-20T13:00:00Z");
  await addPapers(context, paper({ title: "Robots folding laundry" }), paper({ title: "Laundry for robots" }));
  await edition(context);
  const view = await newest(context, reader);
  expect(view?.papers.map((it) => it.paper.title)).toEqual(["Robots folding laundry"]);
  expect(view?.nearMisses).toEqual([]);
});

test("near misses are kept for a month", async () => {
  const { context } = await withReader(threeWords);
  await addPapers(context, paper({ title: "Robots and their laundry" }));
  await match(context);
  const count = async () => (await context.sql`select from near_misses`).length;
  await housekeeping(context);
  expect(await count()).toBe(1);
  context.setNow("2026-12-25T13:00:00Z");
  await housekeeping(context);
  expect(await count()).toBe(0);
});

test.each([
  ["robots laundry", "laundri", "robots laundry", "All of “robots laundry” but “laundry”"],
  ["RLHF (math OR proofs)", "proof", "(math OR proofs) rlhf", "All of “RLHF (math OR proofs)” but “(math OR proofs)”"],
  [
    '"chain of thought" cat:cs.RO',
    "#cs.ro",
    '"chain of thought" cat:cs.ro',
    'All of “"chain of thought" cat:cs.RO” but “cat:cs.ro”',
  ],
  ["mice robots", "mous", "mice robots", "Most of “mice robots”"],
  ["transform transformer", "transform", "transform transformer", "Most of “transform transformer”"],
  ["robots laundry", "robot", undefined, "Most of “robots laundry”"],
])("of %s, where %s is missing, it is told what is", (interest, near, canonical, why) => {
  expect(whyNear(interest, near, canonical)).toBe(why);
});
