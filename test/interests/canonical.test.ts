import fc from "fast-check";
import { expect, test } from "vitest";
import { type Interest, limits, parseInterest } from "../../src/interests/language.ts";
import { InterestError } from "../../src/interests/tokens.ts";
import { generator } from "../bench/interests.ts";
import { InterestMaker } from "./interests_of_papers.ts";
import { hostile, NoiseMaker } from "./noise.ts";
import type { Written } from "./placed_paper.ts";

const papers: Written[] = [
  {
    title: "On $\\ell_1$ bounds: Schrödinger’s C++ and A* and/or fine-tuning of GPT-4 — 語言模型 (ﬁnite)",
    abstract:
      "We fine–tune a k-NN, S$^{2}$FT, 🤗Transformers & “o1” at 3.5 °C; İstanbul’s ΟΔΟΣ, naïve über-models, x_{i}.",
    authors: ["Marie-Hélène Abel", "Seán O'Brien", "Łukasz Ὀδυσσεύς", "An Li"],
    organization: "Ærø & Søn (Kestrel-Ridge)",
    categories: ["cs.CL", "math-ph", "cond-mat.stat-mech"],
  },
];

function tryToRead(line: string): Interest | InterestError {
  try {
    return parseInterest(line);
  } catch (error) {
    if (error instanceof InterestError) return error;
    throw error;
  }
}

const maker = (seed: number) => new InterestMaker(papers, generator(seed));

test("the canonical form of any interest parses to itself, and to the same tree", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const interest = parseInterest(maker(seed).make());
      expect(parseInterest(interest.canonical)).toEqual(interest);
    }),
    { numRuns: 2000 },
  );
});

const word = fc.constantFrom(
  "Fine-Tuning",
  "schrödinger",
  "GPT-4",
  '"Chain of Thought"',
  "C++",
  "quantiz*",
  "title:agents",
  "(a1 OR b2)",
  "-survey",
);
const inOtherWords: ((text: string) => string)[] = [
  (text) => text.replace(/(?<!\b)[a-z]/g, (letter) => letter.toUpperCase()),
  (text) => text.replaceAll(" ", "   "),
  (text) =>
    text.replace(/[!-~]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0)).replaceAll(" ", "\u3000"),
  (text) => text.normalize("NFD"),
  (text) => text.normalize("NFD").replace(/\p{M}/gu, ""),
  (text) => `${text} ${text.split(" ")[0]}`,
  (text) => text.replaceAll("-", "–"),
];

test("equivalent interests have one form: order, case, spacing, width, accents, dashes and repetition do not matter", () => {
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => ["robots", ...words]),
      fc.func(fc.nat()),
      fc.array(fc.constantFrom(...inOtherWords), { maxLength: 4 }),
      (words, order, changes) => {
        const shuffled = words.toSorted((one, other) => order(one) - order(other)).join(" ");
        const changed = changes.reduce((text, change) => change(text), `robots ${shuffled}`);
        // Only upper case makes a sign of a word.
        const typed = changed.replace(/\b(?:or|ｏｒ|oR|Or)\b/g, "OR");
        expect(parseInterest(typed).canonical, typed).toBe(parseInterest(words.join(" ")).canonical);
      },
    ),
    { numRuns: 1000 },
  );
});

test("whatever is typed is read, or told with a place inside of it, and a mend that can be read", () => {
  const lines = Array.from({ length: 200 }, (_, seed) => maker(seed).make());
  const noise = new NoiseMaker([...lines, ...hostile], generator(11));
  for (const line of [...hostile, ...Array.from({ length: 5000 }, () => noise.make())]) {
    const answer = tryToRead(line);
    if (answer instanceof InterestError) {
      expect(answer.position + answer.length, JSON.stringify(line)).toBeLessThanOrEqual(line.length);
      expect(Math.min(answer.position, answer.length), JSON.stringify(line)).toBeGreaterThanOrEqual(0);
      if (answer.mend !== undefined) expect(tryToRead(answer.mend), answer.mend).not.toBeInstanceOf(InterestError);
      expect(answer.mend).not.toBe(line);
    } else {
      expect(answer.canonical.length).toBeLessThanOrEqual(limits.characters);
      expect(tryToRead(answer.canonical), JSON.stringify(line)).toEqual(answer);
    }
  }
});
