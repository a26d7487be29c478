import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { texToUnicode } from "../../src/papers/tex.ts";

const raw = String.raw;

describe("formulas", () => {
  test.each([
    [raw`Sorting in $O(n \log n)$, not $O(n^2)$`, "Sorting in O(n log n), not O(n²)"],
    [raw`$O(n\log\log n)$ and $x\bmod 2$`, "O(n log log n) and x mod 2"],
    [raw`$\alpha$-divergence and \(\beta\)-VAE`, "α-divergence and β-VAE"],
    [raw`S$^{2}$FT, x\textsuperscript{2} and CO\textsubscript{2}`, "S²FT, x² and CO₂"],
    [raw`$\mathbb{R}^n$, $\mathbb E[X]$, $\mathcal{O}(1)$, $\mathscr I$ and $\cal H$`, "ℝⁿ, 𝔼[X], 𝒪(1), ℐ and ℋ"],
    [raw`$\mathrm{KL}$, $\operatorname{rank}(A)$ and $\operatorname*{arg\,max}_x$`, "KL, rank(A) and arg maxₓ"],
    [raw`$\frac{1}{2}$, $\frac12$, $\frac{a+b}{2c}$ and $2\frac{1}{3}$`, "1/2, 1/2, (a+b)/(2c) and 2(1/3)"],
    [raw`$\sqrt{2}$, $\sqrt n$, $\sqrt{n+1}$ and $\sqrt[3]{x}$`, "√2, √n, √(n+1) and ³√x"],
    [raw`$x_{ij}^{-1}$, $W_Q$, $x_{i,j}$ and $e^{-x^2}$`, "xᵢⱼ⁻¹, W_Q, x_(i,j) and e^(-x²)"],
    [raw`$\pi_{0.5}$, $\ell_1$, $A^\top$, $f'$, $x^*$ and $90^\circ$`, "π_0.5, ℓ₁, Aᵀ, f′, x* and 90°"],
    [raw`$\tilde{O}(\sqrt T)$, $\hat\theta$ and $\bar{x}$`, "Õ(√T), θ̂ and x̄"],
    [raw`$p \leq 0.05$, $a\not\in B$, $x\to 0$, $y=\pm 1$ and $\sim 5$`, "p ≤ 0.05, a ∉ B, x → 0, y=±1 and ∼5"],
    [raw`$\left\{\frac{a}{b}\right\}$ and $\|x\|_2$`, "{a/b} and ‖x‖₂"],
    [raw`$P(X\mid Y)$, $\binom{n}{2}$ and $a \equiv b \pmod{4}$`, "P(X | Y), (n choose 2) and a ≡ b (mod 4)"],
    [raw`so that$$x_{1}+x_{2}$$and \[ y \] hold`, "so that x₁+x₂ and y hold"],
    [raw`$\mbox{\boldmath $Y$}$ and \textbf{$3\times$ as fast}`, "Y and 3× as fast"],
    [raw`over $\R^2$ and $\Z$`, "over ℝ² and ℤ"],
    [raw`over \mathbb R^{12}, with \alpha_i`, "over ℝ¹², with αᵢ"],
    [raw`\begin{equation} x^2 \end{equation} and \begin{itemize} \item one \end{itemize}`, "x² and • one "],
  ])("%s becomes %s", (tex, unicode) => {
    expect(texToUnicode(tex)).toBe(unicode);
  });
});

describe("words", () => {
  test.each([
    [raw`Schr\"odinger, G\"{o}del, Erd\H{o}s, It\^o and \'Eric`, "Schrödinger, Gödel, Erdős, Itô and Éric"],
    [raw`Nguy\~{\^e}n, \v{S}im\r{u}nek, Fran\c cois and na\"{\i}ve`, "Nguyễn, Šimůnek, François and naïve"],
    [raw`\O re, \L{}\'od\'z, \AA ngstr\"om and Stra\ss e`, "Øre, Łódź, Ångström and Straße"],
    [
      raw`{\bf Bold} claims, \emph{softly \textit{made}} in \texttt{code--style}`,
      "Bold claims, softly made in code--style",
    ],
    [raw`50\% of R\&D, \$5, \#1 and a\_b \{so\}`, "50% of R&D, $5, #1 and a_b {so}"],
    ["``quoted'', ''so'', ``so\" and `so' -- and --- on", "“quoted”, “so”, “so” and ‘so’ – and — on"],
    [raw`Fig.~1,\ \\ and 5\,ms`, "Fig.\u00a01,  and 5 ms"],
    [raw`{GPT}-4 and 1{,}000 {LLaMA}s`, "GPT-4 and 1,000 LLaMAs"],
    [raw`\eg, a \LaTeX{} text, \ie this, \ldots`, "e.g., a LaTeX text, i.e. this, …"],
    [
      raw`\url{https://a.org/~me/b_c--d} and https://b.org/c\_d--e`,
      "https://a.org/~me/b_c--d and https://b.org/c_d--e",
    ],
    [raw`\href{https://a.org}{here} or \href{https://b.org}{b.org}`, "here (https://a.org) or https://b.org"],
    [
      raw`models\footnote{At https://a.org.} and \textcolor{red}{red} ones\footnotemark[1]`,
      "models (At https://a.org.) and red ones",
    ],
    [raw`shown~\cite{one,two}, by us (\citep[p.~5]{three}) and there \citet{four}.`, "shown, by us and there."],
    ["at https://a.org/x}{https://a.org/x. Or https://b.org}{b.org", "at https://a.org/x. Or https://b.org"],
    [raw`\verb|a_b|, \unicode{x2014}, \char"0414 and \ding{55}`, "a_b, —, Д and ✗"],
    [raw`so:\begin{itemize}\item[1.] one \item two\end{itemize} then`, "so:1. one • two then"],
    [raw`\subsection*{Results} of \textls[50]{word} in $\Upsilon$, by \Glspl{GNN}`, "Results of word in Υ, by GNNs"],
    [raw`Spearman \r{ho}, Cohen's \k{appa}`, "Spearman ρ, Cohen's κ"],
  ])("%s becomes %s", (tex, unicode) => {
    expect(texToUnicode(tex)).toBe(unicode);
  });

  test("a command that authors made themselves is shown by its name, or by what it is given", () => {
    expect(texToUnicode(raw`We propose \method, an \ours{} like \textbf{\bench}'s`)).toBe(
      "We propose method, an ours like bench's",
    );
    expect(texToUnicode(raw`a \role{user} over $\GF{5}$ and the\thing`)).toBe("a user over GF(5) and the thing");
    // A symbol's name at its beginning, and a symbol of the library that nobody means.
    expect(texToUnicode(raw`\incident and \gemini`)).toBe("incident and gemini");
  });

  test.each(["constructor", "toString", "valueOf"])("\\%s is a command like any other", (name) => {
    expect(texToUnicode(`a \\${name} word`)).toBe(`a ${name} word`);
  });
});

describe("dollars", () => {
  test.each([
    "It costs $5 and $10",
    "From $5-$10 to $1.5B, US$2 and R$ 3",
    "$5/$10 a month",
    "A$AP, Ke$ha and $HOME",
    "Between $10 and 20$ a month",
  ])("%s is money", (text) => {
    expect(texToUnicode(text)).toBe(text);
  });

  test("money and formulas stand beside each other", () => {
    expect(texToUnicode("$k$-means costs $5 on $n$ rows and $6 on $m^2$")).toBe(
      "k-means costs $5 on n rows and $6 on m²",
    );
    expect(texToUnicode(raw`a $5$ times, $ 0.07$s and $ 3 \times 4 $ grid`)).toBe("a 5 times, 0.07s and 3 × 4 grid");
    expect(texToUnicode(raw`R$^2$$>$0.9 and $-$7.4\%`)).toBe("R²>0.9 and -7.4%");
  });

  test("a dollar that was forgotten turns nothing inside out", () => {
    const text = raw`up to 20\times$ more than the others, at $\alpha$ of one, where all of $x^2$ is seen`;
    expect(texToUnicode(text)).toBe("up to 20× more than the others, at α of one, where all of x² is seen");
  });
});

test.each([
  "A set {a, b",
  "K in {1, 2, 3} and n∈{0}",
  '{"a": 1}',
  "50% of R&D",
  "snake_case and 2^10",
  "well-known, e-mail, --flag and ~5 at ~/home",
  raw`"C:\Users\me\file.txt"`,
  raw`a new line is \n and a digit \d+`,
  "it's `code` and don't",
  "https://a.org/~me/b--c",
])("%s is no TeX to be changed", (text) => {
  expect(texToUnicode(text)).toBe(text);
});

test("strings of programs keep their marks", () => {
  expect(texToUnicode(raw`\"apple\" and it\'s`)).toBe(`"apple" and it's`);
});

const signs = ["\\", "$", "{", "}", ..."^_~`'\"-%&#()[] ax1\n", "é", "\ud83d\ude00"];
const commands =
  raw`\frac \text \mathbb \sqrt \( \) \[ \hat \cite \own \verb| \begin{equation} \left \' \c \url{`.split(" ");
const tricky = fc.string({ unit: fc.constantFrom(...signs, ...commands), maxLength: 60 });

test("no text is too strange to convert, and what comes out is well-formed", () => {
  fc.assert(
    fc.property(fc.oneof(tricky, fc.string({ unit: "binary" })), (text) => {
      expect(texToUnicode(text).isWellFormed()).toBe(true);
    }),
    { numRuns: 3000 },
  );
  expect(texToUnicode("\ud800").isWellFormed()).toBe(true);
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
const number = fc.nat({ max: 999 }).map(String);

test("letters and digits survive, whatever braces, dashes, quotes and dollars stand around them", () => {
  const sign = fc.constantFrom(
    "{",
    "}",
    "--",
    "``",
    "''",
    "`",
    "'",
    "~",
    "$",
    "^",
    "_",
    "^{",
    "\\{",
    "\\textbf{",
    "$\\emph{",
    " ",
  );
  const piece = fc.tuple(sign, fc.oneof(word, number)).map(([before, it]) => before + it);
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const visible = (text: string) => text.normalize("NFKC").replace(/[^\p{L}\p{N}]/gu, "");
      const text = pieces.join(" ");
      // A raised or lowered letter is another letter of the same kind.
      expect(visible(texToUnicode(text))).toBe(visible(text.replace(/\\[a-z]+/g, "")));
    }),
    { numRuns: 2000 },
  );
});

test("what stands in a command of style survives", () => {
  const command = fc.constantFrom("emph", "textbf", "text", "mathrm", "operatorname", "texttt", "underline", "own");
  fc.assert(
    fc.property(command, word, word, (name, one, other) => {
      expect(texToUnicode(`\\${name}{${one}} ${other}`)).toBe(`${one} ${other}`);
      expect(texToUnicode(`{\\bf ${one}} ${other}`)).toBe(`${one} ${other}`);
      expect(texToUnicode(`$\\${name}{${one}}$`)).toBe(one);
    }),
  );
});

describe("a megabyte of anything is read within a second", () => {
  const many = (text: string) => text.repeat(Math.ceil(1_000_000 / text.length));
  const nested = (open: string, close = "}") => `${open.repeat(100_000)}word${close.repeat(100_000)}`;
  const pieces = [
    "{",
    "}",
    "{}",
    "$",
    "$a ",
    "$a$ ",
    "$5 and ",
    "$^",
    "^",
    "~",
    "-",
    "`",
    "`a ",
    "\\",
    "\\$",
    "\\(",
    "\\'",
    "\\c ",
  ];
  const openings = [
    "\\a{",
    "\\frac{",
    "\\frac",
    "\\cite{",
    "(\\cite{a}",
    "\\text",
    "\\verb|",
    "\\begin{equation}",
    "$\\hat",
    "x^{",
  ];
  const distinct = Array.from({ length: 100_000 }, (_, index) => `\\q${index.toString(36).replace(/\d/g, "z")} `).join(
    "",
  );
  test.each([
    ...[...pieces, ...openings].map((piece): [string, string] => [piece, many(piece)]),
    ...["{", "\\emph{", "\\frac{", "\\'{", "\\sqrt{", "\\own{"].map((open): [string, string] => [
      `${open} in ${open}`,
      nested(open),
    ]),
    ["x^{ in x^{", `$${nested("x^{")}$`],
    ["${ in ${", nested("{$", "$}")],
    ["commands that are all different", distinct],
  ])("%s", (_, text) => {
    const start = process.threadCpuUsage();
    expect(texToUnicode(text).isWellFormed()).toBe(true);
    expect(process.threadCpuUsage(start).user / 1000).toBeLessThan(3000);
  });
});
