import { replacements, subsuperscripts } from "unicodeit/ts_dist/js/data.js";

/**
 * The symbols of TeX. Most are unicodeit's, whose tables are read here themselves: its function tries each of thousands
 * of replacements on every text, and takes `\incident` for `\in`.
 */
const library = new Map(replacements.map(([command = "", symbol = ""]) => [command, symbol] as const));

/**
 * Letters, punctuation, arrows and operators. What else the library has are pictures, with words for names that authors
 * give to things of their own, as `\gemini`, `\anchor` and `\block`.
 */
const usual =
  /^[\u00a1-\u024f\u0370-\u03ff\u2010-\u205e\u20a0-\u20bf\u2100-\u2144\u2190-\u22ff\u2308-\u230b\u25a0-\u25ff★♠-♧♭-♯✓✗⟂\u27e6-\u27ef\u27f5-\u27ff⨀-⨆⩽-⪚⪯-⫌#*+./<=>|]$/u;
const authorsOwn = new Set(
  "AC agemO assert bij dom fun Game inj less marker minus plus ran rel second third fourth surj".split(" "),
);

/** Names that the library doesn't know, or has something less fitting for. */
const words = table(`
  ss ß  o ø  O Ø  l ł  L Ł  ae æ  AE Æ  oe œ  OE Œ  aa å  AA Å  i ı  j ȷ  dh ð  DH Ð  th þ  TH Þ  dj đ  DJ Đ  ng ŋ  NG Ŋ
  dots …  dotsc …  dotsb ⋯  dotsm ⋯  dotso …  textellipsis …  textendash –  textemdash —  nobreakdash -  hyphen -
  textbar |  textless <  textgreater >  textasciitilde ~  textasciicircum ^  textbackslash \\  textunderscore _
  textdollar $  textbraceleft {  textbraceright }  lq ‘  rq ’  textquoteleft ‘  textquoteright ’  textquotesingle '
  textquotedbl "  textquotedblleft “  textquotedblright ”  quotedblbase „  guillemotleft «  guillemotright »
  textbullet •  textperiodcentered ·  textregistered ®  textcopyright ©  copyright ©  texttrademark ™  textdegree °
  textsection §  textparagraph ¶  textsterling £  pounds £  textonehalf ½  textordmasculine º  textordfeminine ª
  dag †  ddag ‡  star ⋆  langle ⟨  rangle ⟩  lvert |  rvert |  lVert ‖  rVert ‖  vcentcolon :  colon :  cdotp ·
  backslash \\  lbrace {  rbrace }  lbrack [  rbrack ]  slash /  defeq ≔  triangleq ≜  qed □  Box □  square □  Diamond ◇
  xmark ✗  cmark ✓  checkmark ✓  ohm Ω  micro µ  celsius °C  percent %  pct %  dd d
  eg e.g.  ie i.e.  Eg E.g.  Ie I.e.  etal et al.  etc etc.  cf cf.  vs vs.  aka a.k.a.  wrt w.r.t.  iid i.i.d.
  Alpha Α  Beta Β  Epsilon Ε  Zeta Ζ  Eta Η  Iota Ι  Kappa Κ  Mu Μ  Nu Ν  Omicron Ο  omicron ο  Rho Ρ  Tau Τ  Chi Χ  Upsilon Υ
  leadsto ⇝  thickapprox ≈  xmapsto ↦`);

/** What stands for `\name`, if anything does. */
export function symbolOf(name: string): string | undefined {
  const word = words.get(name);
  if (word !== undefined) return word;
  const symbol =
    library.get(`\\${name}`) ?? (/^text[a-z]{3}/.test(name) ? library.get(`\\${name.slice(4)}`) : undefined);
  return symbol !== undefined && usual.test(symbol) && !authorsOwn.has(name) ? symbol : undefined;
}

/** Letters of a language belong to the word that they stand in, and the space behind their command to the command. */
export const isLetter = (symbol: string) => /^[ªºÀ-ÖØ-öø-ɏ’]$/u.test(symbol);

/** Names set in upright letters. */
export const operators = set(`
  arccos arccot arcsin arctan arg argmax argmin bmod cos cosh cot coth csc deg det diag dim exp gcd hom inf injlim ker
  lcm lg lim liminf limsup ln log max min mod Pr projlim rank sec sgn sign sin sinh softmax sup supp tan tanh tr Tr
  Cov Var`);

/** Commands that only say how something is set. */
export const silent = set(`
  allowbreak big Big bigg Bigg biggl Biggl biggm biggr Biggr bigl Bigl bigm Bigm bigr Bigr bf bfseries boldmath
  centering clearpage displaylimits displaystyle em footnotemark footnotesize hfil hfill hline indent it itshape large
  Large LARGE left leavevmode limits linebreak maketitle mathstrut medskip middle newpage nobreak noindent nolimits nonumber
  normalfont normalsize notag null pagebreak phantomsection protect relax right rm rmfamily sc scriptscriptstyle
  scriptsize scriptstyle scshape sf sffamily sl sloppy slshape small smallskip strut textstyle tiny tt ttfamily
  unboldmath upshape vfill xspace`);

/** Commands for space, between words or lines. */
export const spaces = set("bigskip enskip enspace hskip newline par qquad quad space thinspace");

const alphabets = table(`
  mathbb Bbb/mathbb  mathbbm Bbb/mathbb  mathds Bbb/mathbb  Bbb Bbb/mathbb  mathfrak mfrak/mathfrak  frak mfrak/mathfrak
  mathcal mscr/mathcal  mathscr mscr/mathcal  cal mscr/mathcal  mathpzc mscr/mathcal  EuScript mscr/mathcal`);

export const isAlphabet = (name: string) => alphabets.has(name);

/** The letters of a text in the alphabet of `\mathbb` and its like, as far as it has them. */
export function inAlphabet(name: string, text: string): string {
  const [joined, braced] = alphabets.get(name)?.split("/") ?? [];
  if (text.length > 50) return text;
  return text.replace(/[A-Za-z0-9]/g, (sign) => {
    return library.get(`\\${joined}${sign}`) ?? library.get(`\\${braced}{${sign}}`) ?? sign;
  });
}

// The library has letters of Hangul and Inuktitut for two signs that look alike, and arrowheads for comparisons.
const small = new Map<string | undefined, string | undefined>([
  ...subsuperscripts.filter(([sign = ""]) => !/[.<>]/.test(sign)).map(([sign, symbol]) => [sign, symbol] as const),
  ["^V", "ⱽ"],
  ["^⊤", "ᵀ"],
  ...[..."′″*⋆†‡°"].map((sign) => [`^${sign}`, sign] as const),
]);

/** A text raised (`^`) or lowered (`_`): in small letters if there are such for all of it, else behind the sign. */
export function script(sign: string, text: string, adjoins = false): string {
  if (text === "") return "";
  if (text === "∘" && sign === "^") return "°";
  if (text.length > 50) return `${sign}(${text})`;
  const letters = [...text.replace(/ ?([-+=]) ?/g, "$1")].map((letter) => small.get(sign + letter));
  if (letters.every((letter) => letter !== undefined)) return letters.join("");
  const single = /^\P{M}\p{M}*$/u.test(text);
  return sign + (single || (!adjoins && /^(?:\p{L}+\d*|[\d.]+)$/u.test(text)) ? text : `(${text})`);
}

/** Combining marks for the accents of words. */
export const accents = table(
  "' \u0301  ` \u0300  \" \u0308  ^ \u0302  ~ \u0303  = \u0304  . \u0307  c \u0327  k \u0328  v \u030c  u \u0306  H \u030b  r \u030a  d \u0323  b \u0331  t \u0361",
);

/** Combining marks for the accents of formulas. */
export const marks = table(
  "hat \u0302  widehat \u0302  tilde \u0303  widetilde \u0303  bar \u0304  overline \u0305  vec \u20d7  dot \u0307  ddot \u0308  check \u030c  breve \u0306  acute \u0301  grave \u0300  mathring \u030a  not \u0338",
);

/** A mark belongs to one letter. Above more of them there is none. */
export function marked(text: string, mark: string): string {
  const first = String.fromCodePoint(text.codePointAt(0) ?? 32);
  if (text === "" || /^[\p{L}\p{N}\p{M}]/u.test(text.slice(first.length, first.length + 2))) return text;
  return (first + mark).normalize("NFC") + text.slice(first.length);
}

function table(text: string): Map<string, string> {
  const pairs = text.trim().split(/\s{2,}/);
  return new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf(" ")), pair.slice(pair.indexOf(" ") + 1)]));
}

function set(text: string): Set<string> {
  return new Set(text.trim().split(/\s+/));
}

export type Mode = "prose" | "math" | "code";

/** A command with arguments: how each is read, and what is shown. One more may stand in brackets before them. */
export type Form = { modes: (Mode | "same")[]; show: (first: string, second: string, option: string) => string };

/** The commands with arguments that show something else than their names. */
export const forms = new Map<string, Form>();
form(
  "text textit textbf textrm textsf textsl textsc textup textmd textnormal emph mbox hbox fbox makebox",
  "prose",
  (inner) => inner,
);
form("texttt code lstinline path url nolinkurl", "code", (inner) => inner);
form(
  "mathrm mathbf mathit mathsf mathtt mathnormal mathord mathop mathbin mathrel mathbfit boldsymbol bm pmb",
  "math",
  (inner) => inner,
);
form("ensuremath operatorname underbrace overbrace substack", "math", (inner) => inner);
form("underline uline smash num si unit ac gls acs acl acf revision", "same", (inner) => inner);
form("Gls Ac MakeUppercase MakeLowercase", "same", (inner) => inner);
form("acp acrpl glspl Glspl Acp", "same", (inner) => `${inner}s`);
form("footnote thanks footnotetext", "prose", (inner) => ` (${inner.trim()})`);
form("keywords Keywords", "prose", (inner) => `Keywords: ${inner}`);
form("textsuperscript", "prose", (inner) => script("^", inner));
form("textsubscript", "prose", (inner) => script("_", inner));
form("textcolor colorbox foreignlanguage scalebox raisebox hyperlink texorpdfstring", "code same", (_, inner) => inner);
form("href", "code prose", (url, inner) =>
  inner.replace(/^\w+:\/\//, "") === url.replace(/^\w+:\/\//, "") ? url : `${inner} (${url})`,
);
form("color hypersetup pagestyle thispagestyle includegraphics input phantom", "code", () => "");
form("SI qty", "math math", (number, unit) => `${number} ${unit}`);
form("hspace", "code", () => " ");
form("rule", "code code", () => "—");
form("frac dfrac tfrac cfrac nicefrac sfrac", "math math", (above, below) => `${atom(above)}/${atom(below)}`);
form("binom dbinom tbinom", "math math", (above, below) => `(${above} choose ${below})`);
form("sqrt", "math", (inner, _, root) => `${script("^", root)}√${atom(inner)}`);
form("bigO bigo", "math", (inner) => `O(${inner})`);
form("pmod", "math", (inner) => ` (mod ${inner})`);
form("overset stackrel", "math math", (above, inner) => inner + script("^", above));
form("underset", "math math", (below, inner) => inner + script("_", below));
form("xrightarrow", "math", (above) => `→${script("^", above)}`);
form("xleftarrow", "math", (above) => `←${script("^", above)}`);
form("abs", "math", (inner) => `|${inner}|`);
form("norm", "math", (inner) => `‖${inner}‖`);
form("ceil", "math", (inner) => `⌈${inner}⌉`);
form("floor", "math", (inner) => `⌊${inner}⌋`);
form("bra", "math", (inner) => `⟨${inner}|`);
form("ket", "math", (inner) => `|${inner}⟩`);
form("unicode", "code", characterOf);
form("ding", "code", dingbat);

function form(names: string, modes: string, show: Form["show"]): void {
  for (const name of names.split(" ")) forms.set(name, { modes: modes.split(" ") as Form["modes"], show });
}

/** A number or a variable needs no brackets to be divided by. */
function atom(text: string): string {
  return text.length > 50 || !/^(?:[\d.,]+|\P{M}\p{M}*[\p{Lm}\p{No}⁺⁻]*|\p{L}{3,}\d*)$/u.test(text)
    ? `(${text})`
    : text;
}

/** The character with a hexadecimal number, if it is one to be seen. */
export function characterOf(number: string): string {
  const code = Number.parseInt(/^(?:U\+|0?x|")?([0-9a-f]{1,6})$/i.exec(number)?.[1] ?? "", 16);
  const sign = code <= 0x10ffff ? String.fromCodePoint(code) : "";
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(sign) ? sign : "";
}

/** The pictures of `\ding`, in the order of their font. */
function dingbat(number: string): string {
  const code = Number(number);
  return characterOf((code + (code > 160 ? 0x26c0 : 0x26e0)).toString(16));
}
