import { expect, test } from "vitest";
import { plan } from "../../src/digests/plan.ts";
import { match } from "../../src/interests/match.ts";
import { createContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";

test("who has had what trends most is given what comes behind, a few a day, and none twice", async () => {
  const context = await createContext();
  const trending = await addPapers(context, ...Array.from({ length: 70 }, (_, n) => paper({ upvotes: 500 - n })));
  const reader = await addReader(context, { interests: "speech", trending: "on", limit: "2" });
  const matched: number[] = [];
  for (const day of ["20", "21", "22", "23", "24", "25"]) {
    context.setNow(`2026-11-${day}T09:00:00Z`);
    matched.push(...(await addPapers(context, paper({ title: "Speech in harbours" }))));
    await match(context);
    await plan(context);
    if (day === "21")
      await context.sql`
        insert into digest_papers (subscriber_id, paper_id, digest_id)
        select ${reader}, id, 0 from unnest(${trending.slice(4, 54)}::bigint[]) as id`;
  }
  const rows = await context.sql<{ paper: number }[]>`
    select e.paper_id as paper from digests d join digest_entries e on e.digest_id = d.id
    where d.subscriber_id = ${reader} order by d.id, e.place`;
  const added = rows.map((row) => row.paper).filter((id) => !matched.includes(id));
  // Of the first sixty, those that were left: then there is none.
  expect(added).toEqual([...trending.slice(0, 4), ...trending.slice(54, 60)]);
});
