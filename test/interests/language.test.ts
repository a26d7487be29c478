import fc from "fast-check";
import { expect, test } from "vitest";
import { InterestError, limits, parseInterest, parseInterests } from "../../src/interests/language.ts";
import { createDatabase } from "../support/database.ts";

const { sql } = await createDatabase();

const canonical = (text: string) => parseInterest(text).canonical;

function errorOf(text: string): InterestError {
  try {
    parseInterest(text);
  } catch (error) {
    if (error instanceof InterestError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(text)} was read`);
}

test.each([
  ["diffusion models", "diffusion models"],
  ["  Models   DIFFUSION models ", "diffusion models"],
  ['"Chain of  Thought"', '"chain of thought"'],
  ["“chain of thought”", '"chain of thought"'],
  ['rlhf OR "preference optimization"', '"preference optimization" OR rlhf'],
  ["rlhf | dpo", "dpo OR rlhf"],
  ["speech AND robots", "robots speech"],
  ['unlearning -survey -"position paper"', '-"position paper" -survey unlearning'],
  ['title:agents AUTHOR:"Yann LeCun" cat:cs.CL org:Apple', 'author:"yann lecun" cat:cs.cl org:apple title:agents'],
  ["title:(agents OR robots)", "title:agents OR title:robots"],
  ["quantiz*", "quantiz*"],
  ["(lora OR adapters) -vision", "(adapters OR lora) -vision"],
  ["((lora))", "lora"],
  ["a OR (b OR a)", "a OR b"],
  ["C++ k-NN x-ray GPT-4 LLaMA-2 3D", "3d c++ gpt-4 k-nn llama-2 x-ray"],
  ["b,a", '"b a"'],
  ['"-survey"', "survey"],
])("%s is the same interest as %s", (typed, expected) => {
  expect(canonical(typed)).toBe(expected);
});

test.each([
  ["diffusion models", "'diffusion' 'models'"],
  ["title:agents", "'agents':A"],
  ["quantiz*", "'quantiz':*"],
  ["author:lecu*", "'lecu':*B"],
  ["o'brien", "'o''brien'"],
  ["fine-tuning", "('fine-tuning' | 'finetuning')"],
])("%s is asked of the database as %s", (typed, expected) => {
  const bare = (source: string) => source.replace(/ & /g, " ").replace(/\(('[^()|]*')\)/g, "$1");
  expect(bare(parseInterest(typed).source)).toBe(expected);
});

test.each([
  ['a "b c', 2, 4, 'a "b c"'],
  ["a (b OR c", 2, 1, "a (b OR c)"],
  ["a) b", 1, 1, "a b"],
  ["a OR", 2, 2, "a"],
  ["OR a", 0, 2, "a"],
  ["a OR OR b", 2, 2, "a OR b"],
  ["a --b", 2, 1, "a -b"],
  ["-survey", 0, 7, undefined],
  ["a ... b", 2, 3, undefined],
  ["q*", 0, 2, undefined],
  ["()", 1, 1, undefined],
  ["a titel:agents", 2, 6, "a titel agents"],
  ["constructor:a", 0, 12, "constructor a"],
])("%s: the message points at the place, and says what would do", (typed, position, length, mend) => {
  const error = errorOf(typed);
  expect({ position: error.position, length: error.length, mend: error.mend }).toEqual({ position, length, mend });
  expect(error.message).toMatch(/^[A-Z].*\.$/);
  if (mend) expect(() => parseInterest(mend)).not.toThrow();
});

test("an empty interest is an error, and so is one of spaces", () => {
  expect(errorOf("").message).toMatch(/nothing to look for/);
  expect(errorOf("   ").message).toMatch(/nothing to look for/);
});

test("length, terms and nesting are bounded", () => {
  expect(errorOf("a".repeat(limits.characters + 1)).message).toContain(String(limits.characters));
  const words = Array.from({ length: limits.terms + 1 }, (_, index) => `word${index}`).join(" ");
  expect(errorOf(words).message).toContain(String(limits.terms));
  expect(errorOf(`${"(".repeat(limits.depth)}a${")".repeat(limits.depth)}`).message).toContain(String(limits.depth));
  expect(errorOf("(".repeat(limits.characters))).toBeInstanceOf(InterestError);
  expect(errorOf("-".repeat(limits.characters))).toBeInstanceOf(InterestError);
});

test("a form of lines keeps what can be read, and names the line of what can't", () => {
  const { interests, errors } = parseInterests('robots\r\n\r\n"open\n  speech  ');
  expect(interests.map((it) => it.typed)).toEqual(["robots", "speech"]);
  expect(errors.map((it) => [it.line, it.typed])).toEqual([[2, '"open']]);
});

test("more interests than there is room for are named, not dropped", () => {
  const lines = Array.from({ length: limits.interests + 2 }, (_, index) => `word${index}`);
  const { interests, errors } = parseInterests(lines.join("\n"));
  expect(interests).toHaveLength(limits.interests);
  expect(errors.map((it) => it.typed)).toEqual(lines.slice(-2));
});

test.each([
  ["fine‑tuning", "fine-tuning"],
  ["fine‐tuning", "fine-tuning"],
  ["ｆｉｎｅ－ｔｕｎｉｎｇ", "fine-tuning"],
  ["don’t", "don't"],
  ["Café", "Café"],
])("%s is the same interest as %s: Unicode form does not matter", (typed, expected) => {
  expect(parseInterest(typed)).toEqual(parseInterest(expected));
});

const anything = fc.oneof(
  fc.string({ unit: "binary", maxLength: 80 }),
  fc.string({ unit: fc.constantFrom(..."ab \"'()-*:.,+&|’‐－ﬁİß\\", " OR ", "title:", "cat:"), maxLength: 40 }),
);

test("whatever is typed is read, or refused with an InterestError that points inside it", () => {
  fc.assert(
    fc.property(anything, (text) => {
      try {
        parseInterest(text);
      } catch (error) {
        expect(error).toBeInstanceOf(InterestError);
        const { position, length } = error as InterestError;
        expect(position).toBeGreaterThanOrEqual(0);
        expect(length).toBeGreaterThanOrEqual(0);
        expect(position + length).toBeLessThanOrEqual(text.length);
      }
    }),
    { numRuns: 5000 },
  );
});

test("the canonical form is an interest, and its own canonical form", () => {
  fc.assert(
    fc.property(anything, (text) => {
      const form = read(text)?.canonical;
      if (form !== undefined && form.length <= limits.characters) expect(canonical(form)).toBe(form);
    }),
    { numRuns: 5000 },
  );
});

test("equal canonical forms ask the database the same", () => {
  fc.assert(
    fc.property(anything, (text) => {
      const interest = read(text);
      if (interest && interest.canonical.length <= limits.characters)
        expect(parseInterest(interest.canonical).source).toBe(interest.source);
    }),
    { numRuns: 5000 },
  );
});

test("case, spacing, order and repetition do not change the canonical form", () => {
  const term = fc.oneof(
    fc.constantFrom("lora", "GPT-4", "c++", '"chain of thought"', "quantiz*", "title:agents", "(rlhf OR dpo)", "café"),
    fc.string({ unit: fc.constantFrom(..."abcdefg"), minLength: 1, maxLength: 6 }),
  );
  const arranged = fc.uniqueArray(term, { minLength: 1, maxLength: 6 }).chain((terms) =>
    fc.record({
      terms: fc.constant(terms),
      shuffled: fc.shuffledSubarray(terms, { minLength: terms.length }),
      repeated: fc.subarray(terms),
      upper: fc.boolean(),
      gap: fc.constantFrom(" ", "   ", "\t", " AND "),
      joiner: fc.constantFrom(" ", " OR "),
    }),
  );
  fc.assert(
    fc.property(arranged, ({ terms, shuffled, repeated, upper, gap, joiner }) => {
      const again = [...shuffled, ...repeated].map((it) => (upper ? it.toUpperCase() : it));
      expect(canonical(again.join(joiner === " " ? gap : joiner))).toBe(canonical(terms.join(joiner)));
    }),
    { numRuns: 1000 },
  );
});

test("whatever was read, the database can look for", async () => {
  const sources = fc.sample(anything, 3000).flatMap((text) => read(text)?.source ?? []);
  expect(sources.length).toBeGreaterThan(300);
  await sql`select to_tsquery('paper_words', fold_text(source)) from unnest(${sources}::text[]) as source`;
});

function read(text: string) {
  try {
    return parseInterest(text);
  } catch {
    return undefined;
  }
}
