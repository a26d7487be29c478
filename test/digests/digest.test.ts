import { expect, test } from "vitest";
import { readDigests } from "../../src/digests/digest.ts";
import { plan } from "../../src/digests/plan.ts";
import { match } from "../../src/interests/match.ts";
import { savePapers } from "../../src/papers/save.ts";
import { createContext, type TestContext } from "../support/context.ts";
import { addReader, paper } from "../support/make.ts";

const speech = paper({ arxivId: "2611.95555", title: "Speech", abstract: "It is about speeches. And boats." });
const listed = [{ source: "huggingface" as const, section: "", kind: "daily" as const, date: "2026-11-20" }];

async function digestOf(context: TestContext, interests: string) {
  const reader = await addReader(context, { interests, trending: "off" });
  await match(context);
  await plan(context);
  const [row] = await context.sql<{ id: number }[]>`select id from digests where subscriber_id = ${reader}`;
  return row?.id as number;
}

const first = async (context: TestContext, id: number) => (await readDigests(context, [id])).get(id)?.papers[0]?.paper;
const labels = (view: Awaited<ReturnType<typeof first>>) => view?.links.map((link) => link.label);

test("a digest keeps the text and the links that it was planned with, whatever is read for others in between", async () => {
  const context = await createContext();
  await savePapers(context.sql, context.clock, [speech]);
  const before = await digestOf(context, "speech");
  expect(await first(context, before)).toMatchObject({ title: "Speech" });
  context.setNow("2026-11-20T07:00:00Z");
  await savePapers(context.sql, context.clock, [{ ...speech, title: "Speech, again", version: 2, listings: listed }]);
  const after = await digestOf(context, "speeches");
  for (let time = 0; time < 2; time++) {
    const both = await readDigests(context, [before, after]);
    expect(both.get(before)?.papers[0]?.paper.title).toBe("Speech");
    expect(labels(both.get(before)?.papers[0]?.paper)).not.toContain("Hugging Face");
    expect(both.get(after)?.papers[0]?.paper.title).toBe("Speech, again");
    expect(labels(both.get(after)?.papers[0]?.paper)).toContain("Hugging Face");
  }
});

test("a listing that came after a paper was read shows in the digests that are planned from then on", async () => {
  const context = await createContext();
  await savePapers(context.sql, context.clock, [speech]);
  const before = await digestOf(context, "speech");
  expect(labels(await first(context, before))).not.toContain("Hugging Face");
  context.setNow("2026-11-20T07:00:00Z");
  await savePapers(context.sql, context.clock, [{ ...speech, listings: listed }]);
  const after = await digestOf(context, "speech");
  expect(labels(await first(context, after))).toContain("Hugging Face");
  expect(labels(await first(context, before))).not.toContain("Hugging Face");
});

test("each interest has its own words marked in the same paper", async () => {
  const context = await createContext();
  await savePapers(context.sql, context.clock, [speech]);
  const hits = async (interests: string) =>
    (await first(context, await digestOf(context, interests)))?.excerpt.filter((it) => it.hit).map((it) => it.text);
  expect(await hits("speech")).toEqual(["speeches"]);
  expect(await hits("boats")).toEqual(["boats"]);
  expect(await hits("speech boats")).toEqual(["speeches", "boats"]);
});

test("readers who are shown the same of a paper share one view of it", async () => {
  const context = await createContext();
  await savePapers(context.sql, context.clock, [speech]);
  const [one, two] = [await digestOf(context, "speech"), await digestOf(context, "speech")];
  expect(await first(context, one)).toBe(await first(context, two));
  expect(await first(context, await digestOf(context, "speeches"))).not.toBe(await first(context, one));
});

test("what is kept of papers belongs to one database", async () => {
  for (const title of ["Speech of one", "Speech of another"]) {
    const context = await createContext();
    await savePapers(context.sql, context.clock, [{ ...speech, title }]);
    expect((await first(context, await digestOf(context, "speech")))?.title).toBe(title);
  }
});

test("a paper has the day it was published or, where nobody told that, the day it was first listed, or seen", async () => {
  const announcedOn = { source: "arxiv", section: "cs.CL", kind: "new" as const, date: "2026-11-19" };
  const other = await createContext();
  await savePapers(other.sql, other.clock, [{ ...speech, listings: [announcedOn] }]);
  expect((await first(other, await digestOf(other, "speech")))?.details).toBe("19 November 2026 · cs.CL");
  const context = await createContext();
  await savePapers(context.sql, context.clock, [speech]);
  const announced = await digestOf(context, "speech");
  expect((await first(context, announced))?.details).toBe("20 November 2026 · cs.CL");
  context.setNow("2026-11-21T07:00:00Z");
  await savePapers(context.sql, context.clock, [{ ...speech, publishedOn: "2026-11-18" }]);
  expect((await first(context, await digestOf(context, "speech")))?.details).toBe("18 November 2026 · cs.CL");
  // What was planned before is the same mail still.
  expect((await first(context, announced))?.details).toBe("20 November 2026 · cs.CL");
});
