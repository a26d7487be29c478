import { expect, test } from "vitest";
import { giveUpExpired } from "../../src/delivery/settle.ts";
import { plan } from "../../src/digests/plan.ts";
import { explain } from "../../src/interests/explain.ts";
import { match } from "../../src/interests/match.ts";
import { applyPreferences, parsePreferences } from "../../src/subscribers/preferences.ts";
import { subscribe } from "../../src/subscribers/subscribe.ts";
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
  expect(decision).toBe(
    'It was in No. 1 of 20 November 2026, for “"speech for" robots -survey”, in place 1. The mail waits to be sent. No paper is sent twice.',
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
    "“robots” is in the abstract, not in the title.",
    "the words “small harbour” do not stand together in it.",
    "“submarines” is not in it.",
    "“cs.ro” is not in the categories.",
  ]);
});

test("each way to miss is told: what is there instead, in which field and form", async () => {
  const context = await createContext();
  const written = { title: "Finetuning robots", abstract: "We hear small boats in a harbour." };
  await addPapers(
    context,
    paper({ arxivId: "2611.00001", ...written, organization: "Kestrel Labs", authors: ["Ada Okafor"] }),
  );
  const whys = {
    "=robot": "“robot” is in it in another form, not just so.",
    "author:ada author:moore": "“moore” is not in the authors.",
    "org:okafor": "“okafor” is in the authors, not in the organisation.",
    "org:kestrel": "“kestrel” is in the organisation.",
    "title:boats OR submarines": "“boats” is in the abstract, not in the title; “submarines” is not in it.",
    '"small submarine"': "“submarine” of “small submarine” is not in it.",
    '"big submarine"': "“big” and “submarine” of “big submarine” are not in it.",
    "submar*": "no word in it begins with “submar”.",
    "fine tuning ships": "“ships” is not in it.",
    "fine-tuning": "“fine-tuning” is in the title.",
    "robots -(boats OR ships)": "“boats” is in the abstract, which the interest leaves out.",
    "robots -ships -(harbour small)": "“harbour” and “small” are in the abstract, which the interest leaves out.",
    "(ships OR robots) boats": "“boats” is in the abstract; “robots” is in the title.",
  };
  await addReader(context, { email: "ada@example.org", interests: Object.keys(whys).join("\n") });
  await run(context);
  const { interests } = await why(context, "2611.00001");
  expect(Object.fromEntries(interests.map((it) => [it.typed, it.why]))).toEqual(whys);
});

test("what matched by another name alone is told with it", async () => {
  const context = await createContext();
  const defining = () => paper({ title: "Boats", abstract: "We ask large language models (LLMs)." });
  await addPapers(context, defining(), defining(), defining());
  await match(context);
  await addPapers(
    context,
    paper({ arxivId: "2611.00001", title: "LLM agents" }),
    paper({ arxivId: "2611.00002", title: "A large language model" }),
    paper({ arxivId: "2611.00003", title: "A large language model", abstract: "We ask the LLM." }),
  );
  const interests = 'LLM\nlarge language models boats\nlarge language models\n"large language model"\n=LLM';
  await addReader(context, { email: "ada@example.org", interests });
  await run(context);
  const reasons = async (id: string) => (await why(context, id)).interests.map((it) => it.why);
  expect(await reasons("2611.00001")).toEqual([
    "“llm” is in the title.",
    "“boats” is not in it.",
    "“large language models” is in the title, as “LLM”.",
    "“large language model” is in the title, as “LLM”.",
    "“llm” is in the title.",
  ]);
  expect((await reasons("2611.00003"))[0]).toBe("“llm” is in the abstract.");
  expect(await reasons("2611.00002")).toEqual([
    "“llm” is in the title, as “large language models”.",
    "“boats” is not in it.",
    "“large”, “language” and “models” are in the title.",
    "“large language model” is in the title.",
    "“llm” is in it in another form, not just so.",
  ]);
});

test("who gets no digest is told why", async () => {
  const context = await createContext();
  await addPapers(context, paper({ arxivId: "2611.00001", title: "Speech" }));
  await subscribe(context, { email: "pending@example.org", interests: "speech", timezone: "UTC", hour: "8" });
  await addReader(context, { email: "gone@example.org", interests: "boats" });
  await context.sql`update subscribers set status = 'unsubscribed', next_due_at = null where email = 'gone@example.org'`;
  await match(context);
  const decision = async (email: string) => (await why(context, "2611.00001", email)).decision;
  expect(await decision("pending@example.org")).toBe("No digest is made: the reader has not confirmed yet.");
  expect(await decision("gone@example.org")).toBe("No digest is made: the reader has unsubscribed.");
});

test("a paper of a mail that failed waits for the next edition, and is told in which it is then", async () => {
  const context = await createContext({}, "2026-11-20T10:00:00Z");
  await addPapers(context, paper({ arxivId: "2611.00001", title: "Speech" }));
  await addReader(context, { email: "ada@example.org", interests: "speech" });
  await run(context);
  context.setNow("2026-11-21T12:00:00Z");
  await giveUpExpired(context.sql, context.clock(), 100);
  expect((await why(context, "2611.00001")).decision).toMatch(
    /^It matched for No\. 1 of 20 November 2026, whose mail failed \(given up: .*\)\. It waits for the next, due 2026-11-21T08:00Z\.$/,
  );
  await run(context);
  expect((await why(context, "2611.00001")).decision).toMatch(/^It was in No\. 2 of 21 November 2026, for “speech”/);
});

test("an interest that was added later looks back: its paper waits, and the edition that passed it by is the right one", async () => {
  const context = await createContext({}, "2026-11-20T10:00:00Z");
  const onBoats = (arxivId: string, title: string) => paper({ arxivId, title, abstract: "" });
  await addPapers(
    context,
    onBoats("2611.00001", "Harbours"),
    onBoats("2611.00002", "Speech of boats, boats and boats"),
  );
  await addReader(context, { email: "other@example.org", interests: "harbours\nboats" });
  const reader = await addReader(context, { email: "ada@example.org", interests: "speech", limit: "1" });
  await run(context);
  context.setNow("2026-11-20T12:00:00Z");
  const preferences = await parsePreferences(context.sql, { interests: "speech\nharbours\nboats", limit: "1" });
  await applyPreferences(context.sql, context.clock, reader, preferences);
  await match(context);
  expect((await why(context, "2611.00001")).decision).toBe(
    "The interest that hits it is newer than the last edition. It waits for the next, due 2026-11-21T08:00Z.",
  );
  await addPapers(context, onBoats("2611.00003", "Boats of speech, boats and boats: harbours of boats and harbours"));
  context.setNow("2026-11-21T09:00:00Z");
  await run(context);
  expect((await why(context, "2611.00003")).decision).toMatch(/^It was in No\. 2/);
  expect((await why(context, "2611.00001")).decision).toMatch(
    /^It matched, but below the reader’s limit: No\. 2 of 21 November 2026 had room for 1, and 2 matched/,
  );
  expect((await why(context, "2611.00002")).decision).toMatch(/^It was in No\. 1/);
});

test("text that changed since, names learnt since, and more matches than are kept are told", async () => {
  const context = await createContext();
  const about = (arxivId: string, title: string) => paper({ arxivId, title, abstract: "We ask." });
  await addReader(context, { email: "ada@example.org", interests: "speech\nLLM" });
  await addPapers(context, about("2611.00001", "Boats"), about("2611.00002", "Large language models"));
  await run(context);
  await addPapers(context, { ...about("2611.00001", "Speech"), version: 2 });
  expect((await why(context, "2611.00001")).decision).toBe(
    "Its text was another when it arrived and was matched, and no interest hit that.",
  );
  const defining = () => paper({ title: "Boats", abstract: "We ask large language models (LLMs)." });
  await addPapers(context, defining(), defining(), defining());
  await run(context);
  expect((await why(context, "2611.00002")).decision).toMatch(
    /^It arrived before the interest looked for all that it does now/,
  );
  const speeches = Array.from({ length: 55 }, (_, at) => about(`2611.1${1000 + at}`, `Speech and speech`));
  await addPapers(context, about("2611.00003", "A long title on the noise of boats: speech"), ...speeches);
  await run(context);
  expect((await why(context, "2611.00003")).decision).toMatch(/was not kept \(the best 50 for each interest are\)/);
});

test("a line that the language does not take any more is told as such, and the others are explained", async () => {
  const context = await createContext();
  await addPapers(context, paper({ arxivId: "2611.00001", title: "Speech" }));
  await addReader(context, { email: "ada@example.org", interests: "speech\nboats" });
  await run(context);
  await context.sql`update interests set typed = '(boats' where typed = 'boats'`;
  expect((await why(context, "2611.00001")).interests.map((it) => it.why)).toEqual([
    "“speech” is in the title.",
    "This line can’t be read any more: This bracket is not closed.",
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
  expect((await why(context, "2611.00001")).decision).toMatch(/more than a week before the reader/);
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
