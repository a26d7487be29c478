import fc from "fast-check";
import { expect, test } from "vitest";
import { texToUnicode } from "../../src/papers/tex.ts";

test.each([
  ["Learning in $O(n^2)$ time", "Learning in O(n²) time"],
  ["$\\alpha$-divergence and \\(\\beta\\)-VAE", "α-divergence and β-VAE"],
  ["$\\mathbb{R}^n$ to $\\mathbb{R}$", "ℝⁿ to ℝ"],
  ["$$x_{1}+x_{2}$$", "x₁+x₂"],
  ['Schr\\"odinger, G\\"{o}del and Erd\\H{o}s', "Schrödinger, Gödel and Erdős"],
  ["Nguy\\~{\\^e}n and \\'Eric", "Nguyễn and Éric"],
  ["{\\bf Bold} claims, \\emph{softly} \\textit{made}", "Bold claims, softly made"],
  ["50\\% of R\\&D, \\$5 and \\#1", "50% of R&D, $5 and #1"],
  ["``quoted'' -- and --- so on", "“quoted” – and — so on"],
  ["$\\sqrt{2}$ and $\\frac{1}{2}$", "√2 and 1/2"],
  ["$p \\leq 0.05$", "p ≤ 0.05"],
  ["{GPT}-4 and {LLaMA}", "GPT-4 and LLaMA"],
])("%s becomes %s", (tex, unicode) => {
  expect(texToUnicode(tex)).toBe(unicode);
});

test.each([
  "It costs $5 and $10",
  "From $5 to $10 in a year",
  "A set {a, b",
  "50% of R&D",
  "snake_case and 2^10",
  "well-known, e-mail",
])("%s is no TeX to be changed", (text) => {
  expect(texToUnicode(text).replaceAll(/[{}]/g, "")).toBe(text.replaceAll(/[{}]/g, ""));
});

test("a command without a Unicode form stays as it was written", () => {
  expect(texToUnicode("\\nosuchcommand stays")).toBe("\\nosuchcommand stays");
  expect(texToUnicode("\\cite{knuth} stays")).toBe("\\cite{knuth} stays");
});

test.each(["constructor", "toString", "valueOf"])("\\%s is a command like any other without a Unicode form", (name) => {
  expect(texToUnicode(`a \\${name} word`)).toBe(`a \\${name} word`);
});

test("no text is too strange to convert", () => {
  const tricky = fc.string({
    unit: fc.constantFrom(
      ...["\\", "$", "{", "}", ..."^_~`'-%&# ax1\n"],
      "\\frac",
      "\\text",
      "\\mathbb",
      "\\sqrt",
      "\\(",
      "\\)",
      "\\[",
      "\\hat",
      "é",
      "\ud83d\ude00",
      "\ud800",
    ),
    maxLength: 60,
  });
  fc.assert(
    fc.property(fc.oneof(tricky, fc.string({ unit: "binary" })), (text) => {
      expect(typeof texToUnicode(text)).toBe("string");
    }),
    { numRuns: 2000 },
  );
});

test("text without the signs of TeX comes out the same", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => {
      const plain = text.replace(/[\\$`{}~'-]/g, "");
      expect(texToUnicode(plain)).toBe(plain);
    }),
    { numRuns: 1000 },
  );
});

const word = fc.string({ unit: fc.constantFrom(..."abcxyzéßΩ日"), minLength: 1, maxLength: 8 });

test("the letters of prose survive, whatever braces, dashes, quotes and dollars stand around them", () => {
  const piece = fc.oneof(
    word,
    fc.tuple(fc.constantFrom("{", "}", "--", "``", "''", "~", "$", "^", "_", " "), word).map(([sign, it]) => sign + it),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const prose = pieces.join(" ");
      const letters = (text: string) => text.replace(/[^\p{L}]/gu, "");
      // A raised or lowered letter is another letter of the same kind.
      expect(letters(texToUnicode(prose).normalize("NFKC"))).toBe(letters(prose.normalize("NFKC")));
    }),
    { numRuns: 1000 },
  );
});

test("what stands in a command of style survives", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("emph", "textbf", "text", "mathrm", "operatorname"),
      word,
      word,
      (command, one, other) => {
        expect(texToUnicode(`\\${command}{${one}} ${other}`)).toBe(`${one} ${other}`);
        expect(texToUnicode(`{\\bf ${one}} ${other}`)).toBe(`${one} ${other}`);
      },
    ),
  );
});

test("braces and commands nested ten thousand deep are no harm", () => {
  const deep = (open: string) => `${open.repeat(10_000)}word${"}".repeat(10_000)}`;
  for (const open of ["{", "\\emph{", "\\frac{", "\\'{", "\\sqrt{", "\\cite{"])
    expect(texToUnicode(deep(open))).toContain("word");
  expect(texToUnicode(`$${"x^{".repeat(10_000)}word${"}".repeat(10_000)}$`)).toContain("word");
  expect(texToUnicode(`${"\\'".repeat(100_000)}word`)).toContain("ord");
});

test("many signs that never close are read in seconds", () => {
  const start = performance.now();
  for (const sign of ["{", "$", "$a ", "$^", "\\$", "\\a{", "\\(", "\\[", "\\'", "^", "~"]) {
    const text = sign.repeat(Math.floor(200_000 / sign.length));
    expect(texToUnicode(text).length).toBeGreaterThan(0);
  }
  expect(performance.now() - start).toBeLessThan(10_000);
});
