import { replace } from "unicodeit";

/**
 * Titles and abstracts with TeX as plain Unicode text: for subjects, mails and wherever mathematics can't be set. What has no
 * Unicode form stays as it was written. Never throws, and loses no text.
 */
export function texToUnicode(text: string): string {
  if (!/[\\$`{~]|''|--/.test(text)) return text;
  let result = "";
  let end = 0;
  for (const match of text.matchAll(mathematics)) {
    result += convert(text.slice(end, match.index), false);
    result += convert(match.slice(1).find((group) => group !== undefined) ?? "", true);
    end = match.index + match[0].length;
  }
  return result + convert(text.slice(end), false);
}

/**
 * `$$...$$`, `$...$`, `\(...\)` and `\[...\]`. Dollars around plain text with a space inside or a digit behind are money.
 * All is bounded, as depth and memory are below: what stands in a title is the world's to choose.
 */
const mathematics =
  /\$((?=[^$]{0,5000}[\\^_{])(?:\\.|[^\s$\\])(?:(?:\\.|[^$\\]){0,5000}(?:\\.|[^\s$\\]))?)\$|\$\$([^$]{1,5000})\$\$|(?<!\\)\$((?:\\.|[^\s$\\])(?:(?:\\.|[^$\\]){0,5000}(?:\\.|[^\s$\\]))?)\$(?!\d)|\\\(([\s\S]{1,5000}?)\\\)|\\\[([\s\S]{1,5000}?)\\\]/g;

/** How deep groups and commands are followed. */
const deepest = 100;

/** Commands whose argument is shown as it is. */
const transparent =
  /^(text(it|bf|tt|sc|rm|sf|sl|up|normal)?|emph|math(rm|bf|it|sf|tt|op|normal|ord|bin|rel)|operatorname\*?|mbox|hbox|boldsymbol|bm|pmb|url|underline|uline|textcolor|ensuremath|overline|widehat|widetilde|mathbfit)$/;
/** Commands that only say how, or that stand for a space. */
const silent =
  /^(left|right|big|Big|bigg|Bigg|bigl|bigr|Bigl|Bigr|displaystyle|textstyle|scriptstyle|limits|nolimits|it|bf|rm|em|tt|sc|sf|small|large|footnotesize|normalsize|centering|noindent|protect|xspace|mathstrut|,|;|!|:|>|\/)$/;
const named =
  /^(a?r?c?(sin|cos|tan)h?|cot|sec|csc|log|ln|lg|exp|min|max|sup|inf|lim|limsup|liminf|arg|argmin|argmax|det|dim|ker|deg|gcd|hom|Pr|mod|bmod|pmod|tr|rank|diag)$/;
const letters = new Map(
  Object.entries({
    ...{
      ss: "ß",
      o: "ø",
      O: "Ø",
      l: "ł",
      L: "Ł",
      ae: "æ",
      AE: "Æ",
      oe: "œ",
      OE: "Œ",
      aa: "å",
      AA: "Å",
      i: "ı",
      j: "ȷ",
    },
    ...{
      ldots: "…",
      dots: "…",
      cdots: "⋯",
      textendash: "–",
      textemdash: "—",
      textasciitilde: "~",
      textbackslash: "\\",
    },
    ...{ quad: " ", qquad: " ", " ": " ", "\\": " ", newline: " ", par: " ", S: "§", P: "¶", copyright: "©", dag: "†" },
    ...{
      texttimes: "×",
      textregistered: "®",
      texttrademark: "™",
      textquoteright: "’",
      textquotesingle: "'",
      slash: "/",
    },
    ...{
      ge: "≥",
      le: "≤",
      geq: "≥",
      leq: "≤",
      ne: "≠",
      neq: "≠",
      to: "→",
      gets: "←",
      colon: ":",
      lbrace: "{",
      rbrace: "}",
    },
  }),
);
/** Combining marks for the accent commands. */
const accents = new Map(
  Object.entries({
    ...{ "'": "\u0301", "`": "\u0300", '"': "\u0308", "^": "\u0302", "~": "\u0303", "=": "\u0304", ".": "\u0307" },
    ...{ c: "\u0327", k: "\u0328", v: "\u030c", u: "\u0306", H: "\u030b", r: "\u030a", d: "\u0323", b: "\u0331" },
  }),
);

function convert(text: string, math: boolean): string {
  const reader = new Reader(text, math);
  return reader.upTo(undefined);
}

class Reader {
  private at = 0;
  private depth = 0;
  private closing: Set<number> | undefined;
  private readonly text: string;
  private math: boolean;
  constructor(text: string, math: boolean) {
    this.text = text;
    this.math = math;
  }

  /** Everything up to `closing`, or to the end. */
  upTo(closing: "}" | undefined): string {
    let result = "";
    while (this.at < this.text.length) {
      const sign = this.text[this.at] as string;
      if (sign === closing) {
        this.at++;
        return result;
      }
      if (sign === "\\") result += this.command();
      else if (sign === "{") result += this.group();
      else if (this.math && (sign === "^" || sign === "_")) result += this.script(sign);
      else if (this.math && sign === "~") result += this.take(1, " ");
      else if (this.math) result += this.take(1, sign);
      else result += this.prose(sign);
    }
    return result;
  }

  private take(length: number, result: string): string {
    this.at += length;
    return result;
  }

  private prose(sign: string): string {
    const ahead = this.text.slice(this.at, this.at + 3);
    if (ahead === "---") return this.take(3, "—");
    if (ahead.startsWith("--")) return this.take(2, "–");
    if (ahead.startsWith("``")) return this.take(2, "“");
    if (ahead.startsWith("''")) return this.take(2, "”");
    if (sign === "~" && /\S/.test(ahead[1] ?? "") && /[\p{L}.\d]/u.test(this.text[this.at - 1] ?? ""))
      return this.take(1, "\u00a0");
    return this.take(1, sign);
  }

  /** A group that is closed is shown without its braces; one that is not keeps the brace it has. */
  private group(): string {
    if (!this.closes() || this.depth >= deepest) return this.take(1, "{");
    this.at++;
    return this.within(() => this.upTo("}"));
  }

  private within(read: () => string): string {
    this.depth++;
    const result = read();
    this.depth--;
    return result;
  }

  private closes(): boolean {
    this.closing ??= closingGroups(this.text);
    return this.closing.has(this.at);
  }

  private command(): string {
    const start = this.at;
    const name = /^\\([A-Za-z]+\*?|[\s\S])/.exec(this.text.slice(start, start + 40))?.[1];
    if (!name) return this.take(1, "\\");
    this.at += name.length + 1;
    const afterName = this.at;
    if (/^[%&_#${}]$/.test(name)) return name;
    const accent = accents.get(name);
    if (accent && (!this.math || !/[=.~^`']/.test(name)) && this.hasArgument(name)) return this.accent(accent);
    if (silent.test(name)) return this.spaced(name.length > 1 ? "" : " ");
    if (named.test(name)) return this.spacedOperator(name);
    if (transparent.test(name) && this.text[this.at] === "{" && this.closes()) return this.transparentArgument(name);
    const letter = letters.get(name);
    if (letter !== undefined) return this.spaced(letter);
    if (/^[dt]?frac$/.test(name) && this.text[this.at] === "{") return this.fraction();
    if (name === "sqrt" && this.text[this.at] === "{") return `√${bracketed(this.group())}`;
    const symbol = this.symbol(name);
    if (symbol !== undefined) return symbol;
    this.at = afterName;
    return this.text.slice(start, afterName);
  }

  private hasArgument(accent: string): boolean {
    const rest = this.text.slice(this.at);
    return /^[a-zA-Z]$/.test(accent) ? /^(\{|\s+\p{L})/u.test(rest) : /^\s*\{?(\\[^\p{L}\s]\{?)?\\?\p{L}/u.test(rest);
  }

  private accent(mark: string): string {
    while (this.text[this.at] === " ") this.at++;
    const base = this.argument();
    const bare = base === "ı" ? "i" : base === "ȷ" ? "j" : base;
    const first = [...bare][0] ?? "";
    return (first + mark).normalize("NFC") + bare.slice(first.length);
  }

  private argument(): string {
    const sign = this.text[this.at];
    if (sign === "{") return this.group();
    if (sign === "\\" && this.depth < deepest) return this.within(() => this.command());
    const first = [...this.text.slice(this.at, this.at + 2)][0] ?? "";
    return this.take(first.length, first);
  }

  private transparentArgument(name: string): string {
    if (name === "textcolor") this.group();
    const outer = this.math;
    if (/^(text|mbox|hbox|emph|url)/.test(name)) this.math = false;
    const inner = this.text[this.at] === "{" ? this.group() : "";
    this.math = outer;
    return inner;
  }

  private fraction(): string {
    const above = this.group();
    const below = this.argument();
    return `${bracketed(above)}/${bracketed(below)}`;
  }

  /** A command swallows the space behind it. */
  private spaced(result: string): string {
    if (/[A-Za-z]/.test(this.text[this.at - 1] ?? "") && !this.math) while (this.text[this.at] === " ") this.at++;
    return result;
  }

  private spacedOperator(name: string): string {
    return /[A-Za-z0-9]/.test(this.text[this.at] ?? "") ? `${name} ` : name;
  }

  private symbol(name: string): string | undefined {
    const symbol = unicodeOf(`\\${name}`);
    if (symbol !== `\\${name}` && !symbol.includes("\\") && [...symbol].length <= 2 && !/^\p{M}/u.test(symbol))
      return this.spaced(symbol);
    if (this.text[this.at] !== "{" || !this.closes()) return undefined;
    // Alphabets and accents with an argument: \mathbb{R}, \hat{x}.
    const inner = this.group();
    const whole = unicodeOf(`\\${name}{${inner}}`);
    if (!whole.includes("\\")) return whole;
    if (
      /^(mathcal|mathbb|mathfrak|mathscr|hat|bar|tilde|vec|dot|ddot|check|breve|widehat|widetilde|overline)$/.test(name)
    )
      return inner;
    return `\\${name}{${inner}}`;
  }

  private script(sign: string): string {
    this.at++;
    const inner = this.argument();
    const small = [...inner].map((letter) => (letter === " " ? "" : unicodeOf(`${sign}${letter}`)));
    if (inner && small.every((letter, index) => letter !== `${sign}${[...inner][index]}` && !letter.includes(sign)))
      return small.join("");
    return `${sign}${bracketed(inner)}`;
  }
}

/** Where the braces open that are closed again. */
function closingGroups(text: string): Set<number> {
  const closing = new Set<number>();
  const open: number[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "{") open.push(at);
    else if (text[at] === "}" && open.length > 0) closing.add(open.pop() as number);
  }
  return closing;
}

/** What unicodeit makes of a command is looked up once: it tries hundreds of replacements each time. */
const known = new Map<string, string>();

function unicodeOf(command: string): string {
  if (command.length > 100) return command;
  let symbol = known.get(command);
  if (symbol === undefined) {
    symbol = replace(command);
    if (known.size < 10_000) known.set(command, symbol);
  }
  return symbol;
}

function bracketed(text: string): string {
  return [...text].length > 1 && !/^[\p{L}\p{N}.]+$/u.test(text) ? `(${text})` : text;
}
