import { expect, test } from "vitest";
import { readDigests } from "../../src/digests/digest.ts";
import { plan } from "../../src/digests/plan.ts";
import { match } from "../../src/interests/match.ts";
import { savePapers } from "../../src/papers/save.ts";
import { createContext, type TestContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";

async function edition(context: TestContext, at: string) {
  context.setNow(at);
  await addPapers(context, paper({ title: "Harbours of the day" }));
  await match(context);
  await plan(context);
}

/** What the digests of a reader say in brief, oldest first. */
async function notesOf(context: TestContext, reader: number) {
  const rows = await context.sql<{ id: number }[]>`select id from digests where subscriber_id = ${reader} order by id`;
  const views = await readDigests(
    context,
    rows.map((row) => row.id),
  );
  return rows.map((row) => views.get(row.id)?.notes?.map(({ text, title }) => `${text} ${title}`));
}

test("who asks for it hears once of a new version, of code and of many votes of papers that they have had; nobody else does", async () => {
  const context = await createContext({}, "2026-11-17T13:00:00Z");
  const [asks, silent, newcomer] = [
    await addReader(context, { interests: "harbours" }),
    await addReader(context, { interests: "harbours" }),
    await addReader(context, { interests: "weather" }),
  ];
  await context.sql`update subscribers set notes = true where id in (${asks}, ${newcomer})`;
  const had = paper({ title: "Harbours and quays", upvotes: 3 });
  await addPapers(context, had, paper({ title: "Weather" }));
  await edition(context, "2026-11-17T13:00:00Z");
  await savePapers(context.sql, context.clock, [
    { ...had, title: "Harbours without quays at all", version: 2, codeUrl: "https://example.org/code", upvotes: 120 },
  ]);
  await savePapers(context.sql, context.clock, [{ ...had, version: 1, upvotes: 120 }]);
  await savePapers(context.sql, context.clock, [{ ...had, title: "Harbours without quays at all", version: 3 }]);
  // A day that brings nothing to read takes no news away.
  context.setNow("2026-11-18T13:00:00Z");
  await match(context);
  await plan(context);
  await edition(context, "2026-11-19T13:00:00Z");
  await edition(context, "2026-11-20T13:00:00Z");
  const [first, second, third] = await notesOf(context, asks);
  expect([first, third]).toEqual([[], []]);
  expect(second?.toSorted()).toEqual([
    "A paper you had has a new version: Harbours without quays at all",
    "A paper you had has its code released: Harbours without quays at all",
    "A paper you had has passed a hundred votes: Harbours without quays at all",
  ]);
  expect((await notesOf(context, silent)).flat()).toEqual([]);
  expect((await notesOf(context, newcomer)).flat()).toEqual([]);
});
