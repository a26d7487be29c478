import { expect, test } from "vitest";
import { readPaperText, showPieces, showText } from "../../src/web/paper_text.ts";

const shown = async (source: string) => String(await showText(readPaperText(source)));

test("formulas are set as MathML, numbers and signs stay letters, and what is around them is escaped", async () => {
  const text = await shown("A <b> bound of $O(n \\log n)$ at $97\\%$ & more");
  expect(text).toContain("A &lt;b&gt; bound of <math>");
  expect(text).toContain("<mi>log</mi>");
  expect(text).toContain("at 97% &amp; more");
});

test.each([
  ["a command that is not known", "so $\\nonsense{x}$ it is", "so x it is"],
  ["a macro that never ends", "$\\def\\a{\\a\\a}\\a$ ends", " ends"],
  ["a brace that is not closed", "a $\\frac{1}{2$ b", "b"],
])("%s is shown as Unicode instead", async (_name, source, expected) => {
  const text = await shown(source);
  expect(text).not.toContain("<math");
  expect(text).toContain(expected);
});

test("no formula brings a link, a style or markup of its own", async () => {
  const text = await shown(
    "$\\href{javascript:alert(1)}{x}$ $\\color{red}{y}$ $\\text{<script>alert(1)</script>}$ $\\begin{pmatrix} a & b \\end{pmatrix}$",
  );
  expect(text).not.toMatch(/ href| style=|<script/);
  expect(text).toContain("&lt;script&gt;");
  expect(text).toContain("<mtable>");
});

test.each([
  ["braces in braces", `$${"{".repeat(990)}$`],
  ["fractions in fractions", `$${"\\frac{".repeat(160)}${"}".repeat(160)}$`],
  ["ten thousand formulas", "$x^2$ ".repeat(10_000)],
  ["fifty thousand dollars", "$".repeat(50_000)],
])("%s are shown, with a bounded number of formulas", async (_name, source) => {
  const { formulas } = readPaperText(source);
  expect(formulas.length).toBeLessThanOrEqual(200);
  expect(await shown(source)).toBeTypeOf("string");
});

test("signs that stand for formulas can't be smuggled in", async () => {
  expect(await shown("\ue100 and $x^2$ \ue101")).toMatch(/^ and <math>.*<\/math> $/);
});

test("marks and formulas stand beside one another", async () => {
  const { text, formulas } = readPaperText("speech of $x^2$ boats");
  const at = text.indexOf(" of");
  const pieces = [
    { text: text.slice(0, at), hit: true },
    { text: text.slice(at), hit: false },
  ];
  expect(String(await showPieces(pieces, formulas))).toMatch(/^<mark>speech<\/mark> of <math>.*<\/math> boats$/);
});
