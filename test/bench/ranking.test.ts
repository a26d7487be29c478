import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createDatabase } from "../support/database.ts";
import { Bm25, PlainSearch } from "./baselines.ts";
import { keywordQuestions, readDocuments, readJudgements } from "./collection.ts";
import { measure } from "./measures.ts";
import { PaperRound } from "./paper_round.ts";

const folder = await mkdtemp(join(tmpdir(), "paper-round-collection-"));
const entry = (id: string, title: string, summary: string, keywords: string[]) => ({
  paper: { id, title, summary, authors: [{ name: "Ada Okafor" }], ai_keywords: keywords },
});
await writeFile(
  join(folder, "day.json"),
  JSON.stringify([
    "not a paper",
    entry("1", "Sails", "Wind moves boats.", ["boats", "Wind"]),
    entry("2", "Engines", "A boat with an engine.", ["Boats"]),
    entry("3", "Trains", "No water, and a wind farm.", ["wind  "]),
  ]),
);
await writeFile(join(folder, "more.jsonl"), '{"_id": "4", "title": "Boats", "text": "Boats, boats and boats."}\n');
const documents = await readDocuments(folder);

test("papers of a folder are read with their keywords, which are asked for as most write them", async () => {
  expect(documents.map(({ id, title }) => [id, title])).toEqual([
    ["1", "Sails"],
    ["2", "Engines"],
    ["3", "Trains"],
    ["4", "Boats"],
  ]);
  expect(keywordQuestions(documents, 2)).toEqual([
    { text: "Wind", relevant: new Set([0, 2]) },
    { text: "boats", relevant: new Set([0, 1]) },
  ]);
});

test("judgements name papers by id; a question without a paper that is there is passed over", async () => {
  const path = join(folder, "judged.jsonl");
  await writeFile(
    path,
    '{"query": "what moves?", "relevant": ["1", "99"]}\n{"query": "nothing", "relevant": ["99"]}\n',
  );
  expect(await readJudgements(path, documents)).toEqual([{ text: "what moves?", relevant: new Set([0]) }]);
});

test("recall counts all that is found, precision and gain the first ten in order", () => {
  const relevant = new Set([1, 2]);
  expect(measure(relevant, new Set([1, 7]), [7, 1])).toEqual({
    recall: 0.5,
    recallOfFirst: 0.5,
    precision: 0.1,
    gain: 1 / Math.log2(3) / (1 + 1 / Math.log2(3)),
    hits: 2,
  });
  expect(measure(relevant, new Set([1, 2]), [2, 1]).gain).toBe(1);
});

test("BM25 ranks what has any of the words, and finds what has all", async () => {
  const { sql } = await createDatabase();
  const bm25 = await Bm25.index(sql, documents, ["the wind and boats"]);
  const { found, best } = bm25.answer("the wind and boats");
  expect(found).toEqual(new Set([0]));
  expect(best[0]).toBe(0);
  expect(new Set(best)).toEqual(new Set([0, 1, 2, 3]));
});

test("each way finds what has the words, and the nearest come where none has all", async () => {
  const { sql } = await createDatabase();
  const questions = ["boats", "boats: what of engines on rails?"];
  const round = await PaperRound.index(sql, documents, questions);
  const plain = await PlainSearch.index(sql, documents);
  expect(round.answer(0).found).toEqual(new Set([0, 1, 3]));
  expect(round.answer(0).best[0]).toBe(3);
  expect((await plain.answer("boats")).found).toEqual(new Set([0, 1, 3]));
  expect(round.answer(1).found).toEqual(new Set());
  expect((await round.answerWithNearest(1)).best[0]).toBe(1);
});
