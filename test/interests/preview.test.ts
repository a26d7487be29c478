import { expect, test } from "vitest";
import type { Context } from "../../src/context.ts";
import { previewInterests } from "../../src/interests/preview.ts";
import { generator } from "../bench/interests.ts";
import { createContext } from "../support/context.ts";
import { addPapers, paper } from "../support/make.ts";
import { hostile, NoiseMaker } from "./noise.ts";

const preview = (context: Context, text: string) => previewInterests(context.sql, text, context.clock());

test("hits are counted by the day of the paper, and those of the last week and month told", async () => {
  const context = await createContext({}, "2026-11-20T10:00:00Z");
  const on = (date: string) => paper({ title: "Speech in small harbours", publishedOn: date });
  await addPapers(context, on("2026-11-20"), on("2026-11-20"), on("2026-11-14"), on("2026-10-22"), on("2026-10-21"));
  const { interests, lastWeek, lastMonth, papers } = await preview(context, "speech");
  expect({ lastWeek, lastMonth, papers }).toEqual({ lastWeek: 3, lastMonth: 4, papers: 4 });
  const days = interests[0]?.days ?? [];
  expect(days).toHaveLength(30);
  expect(days.filter((it) => it.hits > 0).map((it) => [it.date.toString(), it.hits])).toEqual([
    ["2026-10-22", 1],
    ["2026-11-14", 1],
    ["2026-11-20", 2],
  ]);
});

test("a paper that two interests hit counts once for both together", async () => {
  const context = await createContext();
  await addPapers(context, paper({ title: "Speech for robots", publishedOn: "2026-11-19" }));
  const { interests, lastWeek } = await preview(context, "speech\nrobots");
  expect(interests.map((it) => it.lastWeek)).toEqual([1, 1]);
  expect(lastWeek).toBe(1);
});

test("the best papers come with the words marked", async () => {
  const context = await createContext();
  const abstract = "Boats drift. We hear speech from a quay. Nothing else.";
  await addPapers(
    context,
    paper({ title: "Harbours", abstract, publishedOn: "2026-11-18" }),
    paper({ title: "Speech and speech again", abstract, publishedOn: "2026-11-18" }),
  );
  const { interests } = await preview(context, "speech");
  const titles = interests[0]?.best.map((it) =>
    it.title.map((piece) => (piece.hit ? `[${piece.text}]` : piece.text)).join(""),
  );
  expect(titles).toEqual(["[Speech] and [speech] again", "Harbours"]);
  expect(interests[0]?.best[1]?.excerpt.filter((piece) => piece.hit).map((piece) => piece.text)).toEqual(["speech"]);
});

test("what finds nothing gets mends that were tried: the words apart, a part less, a letter less", async () => {
  const context = await createContext();
  const written = { publishedOn: "2026-11-18" };
  await addPapers(
    context,
    ...Array.from({ length: 8 }, () =>
      paper({ title: "Diffusion and fusion of boats", abstract: "Harbours with quays.", ...written }),
    ),
  );
  await context.sql`analyze papers`;
  const { interests } = await preview(
    context,
    '"harbours diffusion"\nboats submarines\ndifusion\n"diffusion of submarines"',
  );
  expect(interests.map((it) => it.trouble)).toEqual(Array(4).fill("nothing"));
  expect(interests.map((it) => it.mends[0]?.typed)).toEqual(["harbours diffusion", "boats", "diffusion", "diffusion"]);
  expect(interests.every((it) => it.mends[0]?.lastMonth === 8)).toBe(true);
});

test("what hits too many papers is told, with narrower forms and what they hit", async () => {
  const context = await createContext();
  const titles = Array.from({ length: 120 }, (_, at) =>
    at < 20 ? "Language models for boats" : at < 60 ? "Models of language in harbours" : "Weather",
  );
  await addPapers(context, ...titles.map((title) => paper({ title, publishedOn: "2026-11-18" })));
  const { interests } = await preview(context, "language models");
  expect(interests[0]).toMatchObject({ trouble: "broad", lastMonth: 60 });
  expect(interests[0]?.mends).toContainEqual({ typed: '"language models"', why: "as a phrase", lastMonth: 20 });
  expect(interests[0]?.mends.every((mend) => mend.lastMonth < 60 && mend.lastMonth > 0)).toBe(true);
});

test("a line that can't be read is told with its place, and the others are tried", async () => {
  const context = await createContext();
  await addPapers(context, paper({ title: "Speech", publishedOn: "2026-11-18" }));
  const { interests, errors } = await preview(context, 'speech\n(boats OR "quay');
  expect(interests).toHaveLength(1);
  expect(errors).toMatchObject([{ line: 1, position: 10, mend: '(boats OR "quay")' }]);
});

test("what takes too long keeps its counts, without best papers and mends; when the counts themselves do, it is said", async () => {
  const context = await createContext();
  await addPapers(context, ...Array.from({ length: 300 }, () => paper({ title: "Speech", publishedOn: "2026-11-18" })));
  const preview = (statement: string, milliseconds: number) =>
    previewInterests(context.sql, "speech\nboats", context.clock(), { statement, milliseconds });
  expect((await preview("20s", 20_000)).interests).toMatchObject([{ cutShort: false }, { cutShort: false }]);
  expect((await preview("20s", 0)).interests).toMatchObject([
    { lastMonth: 300, best: [], mends: [], cutShort: true },
    { trouble: "nothing", mends: [], cutShort: true },
  ]);
  await context.sql.begin(async (transaction) => {
    await transaction`lock table papers in access exclusive mode`;
    const slow = preview("50ms", 20_000);
    await expect(slow).rejects.toThrow("Trying these interests took too long. Use fewer lines, or rarer words.");
  });
});

test("a line of many words in trouble has a few mends tried, not one for each word", async () => {
  const context = await createContext();
  await addPapers(context, paper({ title: "Speech", publishedOn: "2026-11-18" }));
  const words = Array.from({ length: 300 }, (_, at) => `b${at}`);
  const { interests } = await preview(
    context,
    `"speech ${words.slice(0, 150).join(" ")}"\n${words.slice(0, 31).join(" ")} speech`,
  );
  expect(interests).toMatchObject([
    { trouble: "nothing", cutShort: false },
    { trouble: "nothing", cutShort: false },
  ]);
  expect(interests[0]?.mends.map((it) => it.typed)).toEqual(["speech"]);
});

test("interests made to be slow or strange are previewed like any other, or told what is wrong with them", async () => {
  const context = await createContext();
  await addPapers(
    context,
    ...Array.from({ length: 120 }, () =>
      paper({ title: "Models of data: we propose a method", publishedOn: "2026-11-18" }),
    ),
  );
  const noise = new NoiseMaker(hostile, generator(5));
  const lines = [
    ...hostile,
    ...Array.from({ length: 50 - hostile.length }, () => noise.make().replaceAll(/[\r\n]/g, " ") || "x"),
  ];
  const { interests, errors } = await preview(context, lines.join("\n"));
  expect(interests.length + errors.length).toBe(lines.filter((line) => line.trim()).length);
  expect(interests.length).toBeGreaterThan(20);
});
