import { expect, test } from "vitest";
import type { Context } from "../../src/context.ts";
import { plan } from "../../src/digests/plan.ts";
import { PlanningError, planAround } from "../../src/digests/set_aside.ts";
import { match } from "../../src/interests/match.ts";
import { readStatus } from "../../src/status.ts";
import { createContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";

/** So many readers who are due, with a paper for each. */
async function prepared(count: number) {
  const context = await createContext();
  await addPapers(context, paper({ title: "Speech in harbours" }));
  const readers: number[] = [];
  for (let made = 0; made < count; made++) readers.push(await addReader(context, { interests: "speech" }));
  await match(context);
  return { context, readers };
}

async function planAll(context: Context): Promise<number> {
  for (let runs = 1; ; runs++) if ((await plan(context)).left === 0) return runs;
}

const withDigest = async ({ sql }: Context) =>
  (await sql<{ id: number }[]>`select subscriber_id as id from digests order by 1`).map((row) => row.id);

/** The database takes no digest of these readers. */
const refuse = ({ sql }: Context, readers: number[]) =>
  sql.unsafe(`alter table digests add constraint stop check (subscriber_id not in (${readers.join(", ")}))`);

test("a reader who can't be planned stops nobody else, is told of, and gets everything once it works", async () => {
  const { context, readers } = await prepared(12);
  const [first, , , , , , , eighth] = readers as [number, ...number[]];
  await refuse(context, [first, eighth as number]);
  await planAll(context);
  expect(await withDigest(context)).toEqual(readers.filter((id) => id !== first && id !== eighth));
  expect((await readStatus(context)).problems).toEqual([
    expect.stringMatching(
      /^Digests of 2 readers can't be planned: PostgreSQL refused rows of: copy digests .*"stop".* reader \d+\. .*2026-11-20T06:05:00Z/,
    ),
  ]);
  expect((await plan(context)).done).toBe(0);
  await context.sql`alter table digests drop constraint stop`;
  context.setNow("2026-11-20T06:05:00Z");
  await planAll(context);
  expect(await withDigest(context)).toEqual(readers);
  expect((await readStatus(context)).problems).toEqual([]);
});

test("each time it fails the next is twice as far away, a day at most", async () => {
  const { context, readers } = await prepared(1);
  await refuse(context, readers);
  const pauses: number[] = [];
  for (let times = 0; times < 11; times++) {
    await plan(context);
    const [row] = await context.sql<{ due: Temporal.Instant }[]>`select next_due_at as due from subscribers`;
    const due = row?.due as Temporal.Instant;
    pauses.push((due.epochMilliseconds - context.clock().epochMilliseconds) / 60_000);
    context.setNow(due);
  }
  expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440]);
});

test("when planning fails for everybody it is no reader's fault: the stage fails, and goes on when it is mended", async () => {
  const { context, readers } = await prepared(24);
  await refuse(context, readers);
  await expect(planAll(context)).rejects.toThrow("could not be planned");
  const [aside] = await context.sql`select count(*)::int as readers from planning_failures`;
  expect(aside?.readers).toBe(20);
  await context.sql`alter table digests drop constraint stop`;
  await planAll(context);
  expect(await withDigest(context)).toHaveLength(4);
});

test("a database that is full is no reader's fault", async () => {
  const { context } = await prepared(3);
  await context.sql.unsafe(`
    create function full_disk() returns trigger language plpgsql as
      'begin raise exception ''could not extend file'' using errcode = ''53100''; end';
    create trigger full_disk before insert on digests for each row execute function full_disk()`);
  await expect(plan(context)).rejects.toThrow();
  expect(await context.sql`select from planning_failures`).toHaveLength(0);
  await context.sql`drop trigger full_disk on digests`;
  expect((await plan(context)).done).toBe(3);
});

test("readers who are too many for one statement are planned by the half", async () => {
  const { context, readers } = await prepared(12);
  await context.sql.unsafe(`
    create function too_slow() returns trigger language plpgsql as
      'begin if (select count(*) from added) > 3 then
        raise exception ''canceling statement due to statement timeout'' using errcode = ''57014''; end if; return null; end';
    create trigger too_slow after insert on digests referencing new table as added for each statement execute function too_slow()`);
  await planAll(context);
  expect(await withDigest(context)).toEqual(readers);
  expect(await context.sql`select from planning_failures`).toHaveLength(0);
});

test("who has left while it was tried to plan for them is due no more", async () => {
  const { context, readers } = await prepared(1);
  await planAround(context, context.clock(), 1, async () => {
    await context.sql`update subscribers set status = 'unsubscribed', next_due_at = null`;
    throw new PlanningError(readers, new Error("broken"));
  });
  expect(await context.sql`select next_due_at as due from subscribers`).toEqual([{ due: null }]);
});
