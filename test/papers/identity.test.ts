import fc from "fast-check";
import { expect, test } from "vitest";
import { parseArxivId, parseDoi, titleKey } from "../../src/papers/identity.ts";

test.each([
  ["2606.30534", "2606.30534", undefined],
  ["2606.30534v2", "2606.30534", 2],
  ["0704.0001", "0704.0001", undefined],
  ["arXiv:2606.30534v13", "2606.30534", 13],
  ["oai:arXiv.org:2606.30534v1", "2606.30534", 1],
  ["oai:arXiv.org:hep-th/9901001", "hep-th/9901001", undefined],
  ["math.GT/0309136v2", "math.GT/0309136", 2],
  ["http://arxiv.org/abs/2606.30534v3", "2606.30534", 3],
  ["https://www.arxiv.org/pdf/2606.30534v3.pdf", "2606.30534", 3],
  ["https://export.arxiv.org/abs/astro-ph/0601001v1", "astro-ph/0601001", 1],
  [" 2606.30534\n", "2606.30534", undefined],
])("%j is the work %s, version %s", (text, id, version) => {
  expect(parseArxivId(text)).toEqual({ id, version });
});

test.each([
  "",
  "2606.305",
  "2606.3053411",
  "2606.30534vv2",
  "2606.30534 and more",
  "x2606.30534",
  "10.1000/182",
  "https://evil.example/abs/2606.30534",
])("%j is no arXiv id", (text) => {
  expect(parseArxivId(text)).toBeUndefined();
});

test("every version of a work folds to one id, whatever stands before it", () => {
  const prefixes = ["", "arXiv:", "oai:arXiv.org:", "https://arxiv.org/abs/", "http://arxiv.org/pdf/"];
  fc.assert(
    fc.property(
      fc.constantFrom(...prefixes),
      fc.integer({ min: 0, max: 9999 }),
      fc.integer({ min: 0, max: 99_999 }),
      fc.integer({ min: 1, max: 9999 }),
      (prefix, month, number, version) => {
        const id = `${String(month).padStart(4, "0")}.${String(number).padStart(5, "0")}`;
        expect(parseArxivId(`${prefix}${id}v${version}`)).toEqual({ id, version });
      },
    ),
  );
});

test.each([
  ["10.1103/PhysRevC.76.024606 10.1103/PhysRevC.76.039902", "10.1103/physrevc.76.024606"],
  ["https://doi.org/10.1145/3292500", "10.1145/3292500"],
  ["doi:10.1000/ABC", "10.1000/abc"],
  ["2606.30534", undefined],
  ["", undefined],
])("the DOI in %j is %s", (text, doi) => {
  expect(parseDoi(text)).toBe(doi);
});

test("a DOI holds no character that a database can't, and is never longer than an index can hold", () => {
  expect(parseDoi("10.1000/a\u0000b")).not.toMatch(/\0/);
  expect(parseDoi("10.1000/a\ud800b")?.isWellFormed()).not.toBe(false);
  expect(parseDoi(`10.1000/${"x".repeat(100_000)}`)).toBeUndefined();
});

test("titles that differ in case, accents, spacing or punctuation have one key, and others have not", () => {
  const key = titleKey("Naïve Bayes, revisited: a study");
  expect(titleKey("NAIVE  BAYES — revisited\n(A Study)")).toBe(key);
  expect(titleKey("Naïve Bayes, revisited: two studies")).not.toBe(key);
  expect(titleKey("深度学习")).not.toBe(titleKey("机器学习"));
});

test("titles without a letter are told apart too", () => {
  expect(titleKey("???")).not.toBe(titleKey("!!!"));
});

test("a key is short however long the title is, and any text has one", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 5000 }), (title) => {
      expect(titleKey(title)).toMatch(/^[\w-]{22}$/);
    }),
  );
});
