import { expect, test } from "vitest";
import { plan } from "../../src/digests/plan.ts";
import { explain } from "../../src/interests/explain.ts";
import { match } from "../../src/interests/match.ts";
import { createContext, type TestContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";

async function run(context: TestContext) {
  await match(context);
  await plan(context);
}

async function why(context: TestContext, arxivId: string, email = "ada@example.org") {
  return explain(context.sql, email, arxivId);
}

test("a paper that was sent is told with its edition, interest and what decided", async () => {
  const context = await createContext();
  await addPapers(context, paper({ arxivId: "2611.00001", title: "Speech for robots", abstract: "We hear robots." }));
  await addReader(context, { email: "ada@example.org", interests: '"speech for" robots -survey\nboats' });
  await run(context);
  const { decision, interests } = await why(context, "arXiv:2611.00001v2");
  expect(decision).toMatch(
    /^It was in No\. 1 of 20 November 2026, for ““speech for” robots -survey”|^It was in No\. 1 of 20 November 2026/,
  );
  expect(interests).toMatchObject([
    { hit: true, why: "“speech for” is in the title; “robots” is in the title and the abstract." },
    { hit: false, why: "“boats” is not in it." },
  ]);
});

test("what kept a paper out is named: the missing word, the field, the exclusion, words that stand apart", async () => {
  const context = await createContext();
  await addPapers(
    context,
    paper({ arxivId: "2611.00001", title: "Speech: a survey", abstract: "Robots hear small boats in the harbour." }),
  );
  await addReader(context, {
    email: "ada@example.org",
    interests: 'speech -survey\ntitle:robots\n"small harbour"\nspeech submarines\ncat:cs.RO',
  });
  await run(context);
  const { decision, interests } = await why(context, "2611.00001");
  expect(decision).toBe("None of the reader’s interests hits it.");
  expect(interests.map((it) => it.why)).toEqual([
    "“survey” is in the title, which the interest leaves out.",
    "“title:robots” is not in it.",
    "the words “small harbour” do not stand together in it.",
    "“submarines” is not in it.",
    "“cat:cs.ro” is not in it.",
  ]);
});

test("below the limit, arrived after, arrived before, not matched yet: each is told from the others", async () => {
  const context = await createContext({}, "2026-11-20T10:00:00Z");
  const onSpeech = (arxivId: string, title = "Speech") => paper({ arxivId, title, abstract: "" });
  context.setNow("2026-11-01T10:00:00Z");
  await addPapers(context, onSpeech("2611.00001"));
  await run(context);
  context.setNow("2026-11-20T10:00:00Z");
  await addPapers(
    context,
    onSpeech("2611.00002", "Speech, speech and speech"),
    onSpeech("2611.00003", "On the noise of boats: speech"),
  );
  await addReader(context, { email: "ada@example.org", interests: "speech", limit: "1" });
  await run(context);
  expect((await why(context, "2611.00001")).decision).toMatch(/arrived before the reader/);
  expect((await why(context, "2611.00002")).decision).toMatch(/^It was in No\. 1/);
  expect((await why(context, "2611.00003")).decision).toMatch(
    /below the reader’s limit: No\. 1 .* had room for 1, and 2 matched/,
  );
  await addPapers(context, onSpeech("2611.00004"));
  expect((await why(context, "2611.00004")).decision).toMatch(/not matched yet/);
  await match(context);
  expect((await why(context, "2611.00004")).decision).toMatch(
    /arrived after the last edition .* waits for the next, due 2026-11-2/,
  );
});

test("who or what is not known gets a sentence that says so", async () => {
  const context = await createContext();
  await addReader(context, { email: "ada@example.org", interests: "speech" });
  await expect(why(context, "2611.99999")).rejects.toThrow("There is no paper 2611.99999 here");
  await expect(why(context, "2611.99999", "nobody@example.org")).rejects.toThrow("Nobody reads at nobody@example.org");
});
