import { expect, test } from "vitest";
import { namesSubject, recentSubjects } from "../../src/papers/subjects.ts";
import { createContext } from "../support/context.ts";
import { addPapers, paper } from "../support/make.ts";

/** What papers with each of these titles, four times in other company, are about. */
async function subjectsOf(...titles: string[]): Promise<string[]> {
  const context = await createContext();
  const papers = titles.flatMap((title) =>
    Array.from({ length: 4 }, (_, at) =>
      paper({ title: `${"abcd"[at]}${title.length}: ${title}`, publishedOn: "2026-11-18" }),
    ),
  );
  await addPapers(context, ...papers);
  return recentSubjects(context.sql, Temporal.Instant.from("2026-11-20T08:00:00Z"));
}

test("a subject is a whole one, not the words before its noun", async () => {
  const subjects = await subjectsOf(
    "Graph Neural Networks for Harbours",
    "Diffusion Language Models",
    "Multimodal Large Language Models",
  );
  expect(subjects).toEqual(expect.arrayContaining(["graph neural networks", "diffusion language models"]));
  for (const half of ["graph neural", "multimodal large", "multimodal large language"])
    expect(subjects).not.toContain(half);
});

test("a number beside a word names no subject, a number within one may", () => {
  expect(["200 proofs", "21 matter", "the boats"].filter(namesSubject)).toEqual([]);
  expect(["gpt-4o agents", "llama2", "3d reconstruction"].filter(namesSubject)).toHaveLength(3);
});
