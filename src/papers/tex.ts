import { readCommand } from "./tex_commands.ts";
import { deepest, type Formula, type Structure, structureOf, tidy } from "./tex_formulas.ts";
import { type Mode, script } from "./tex_symbols.ts";

/**
 * Titles and abstracts with TeX as plain Unicode text: for subjects, mails and wherever mathematics can't be set. Keys of
 * citations are left out, no other text is. Never throws, and takes time in proportion to the text, whatever it is.
 */
export function texToUnicode(text: string): string {
  if (!/[\\$`{~]|''|--/.test(text)) return text.toWellFormed();
  const quoted = text.includes("`") ? text.replace(quotation, "‘$1’").replace(halfQuotation, "“$1”") : text;
  const shown = quoted.includes("\\") ? quoted.replace(citations, "") : quoted;
  const linked = shown.includes("}{") ? shown.replace(doubledAddress, "$1") : shown;
  return new Reader(linked).read().toWellFormed();
}

/** What arXiv leaves of `\href{https://a.org}{https://a.org}` when the command is lost. */
const doubledAddress = /(?<!\{)(https?:\/\/([^\s{}]{1,200}))\}\{(?:https?:\/\/)?\2/g;

/** `` `so' `` and ``` ``so" ```. An apostrophe or a piece of code is neither. */
const quotation = /(?<![`\\\w])`(?![`\s])([^`'\n]{1,200})'(?!['\w])/g;
const halfQuotation = /``([^`'"\n]{1,200})"(?!\w)/g;

/** What stands for numbers that are not there, with the space, the brackets or the semicolon that go with it. */
const citation = String.raw`\\(?:[A-Za-z]{0,8}cite[A-Za-z]*|(?:eq|auto|page|name|[Ccv])?ref|label|vspace)\*?(?:\[[^\][]{0,200}\]){0,2}\{[^{}]{0,2000}\}`;
const citations = new RegExp(
  `[ ~]{0,2}\\(${citation}(?:[,;]? ?${citation}){0,9}\\)|[,;]?[ ~]{0,2}${citation}(?=\\))|[ ~]{0,2}${citation}`,
  "g",
);

/** Where there is something to do in a text, by what it is. */
const signs = {
  prose: /[\\{}$~]|`{2,}|'{2,}|-{2,}|:\/\/|[_^](?=\{)/g,
  math: /[\\{}$~^_'&]/g,
  code: /[\\{}$]/g,
};

/** Reads a text from sign to sign. What stands in a group, a formula or an argument is read by itself, and nowhere beyond. */
export class Reader {
  readonly text: string;
  at = 0;
  end: number;
  mode: Mode = "prose";
  private depth = 0;
  private readonly structure: Structure;

  constructor(text: string) {
    this.text = text;
    this.end = text.length;
    this.structure = structureOf(text);
  }

  /** Everything from here to the end of what is being read. */
  read(): string {
    let result = "";
    while (this.at < this.end) {
      const pattern = signs[this.mode];
      pattern.lastIndex = this.at;
      const match = pattern.exec(this.text);
      const next = Math.min(match?.index ?? this.end, this.end);
      result += this.text.slice(this.at, next);
      this.at = next;
      if (match && next < this.end) result += this.sign(match[0]);
    }
    return result;
  }

  /** Goes on behind so many signs, for which something is shown. */
  take(length: number, shown: string): string {
    this.at += length;
    return shown;
  }

  /** What of a sticky pattern there is here. */
  match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    return match && pattern.lastIndex <= this.end ? match : null;
  }

  /** Goes on behind what of a sticky pattern there is here. */
  skip(pattern: RegExp): void {
    this.at += this.match(pattern)?.[0].length ?? 0;
  }

  /** The sign before a place; a space before the first one. */
  before(place = this.at): string {
    return this.text[place - 1] ?? " ";
  }

  /** The sign here; a space behind the last one. */
  here(ahead = 0): string {
    return this.text[this.at + ahead] ?? " ";
  }

  isTooDeep(): boolean {
    return this.depth >= deepest;
  }

  /** Where the group that opens here is closed, if it is. */
  closing(): number | undefined {
    const close = this.structure.closing.get(this.at);
    return close !== undefined && close < this.end && !this.isTooDeep() ? close : undefined;
  }

  /** What a command is given: a group or, in mathematics, a single sign. */
  argument(mode: Mode): string {
    const start = this.at;
    this.skip(/ +/y);
    if (this.at >= this.end) return "";
    const close = this.closing();
    if (close !== undefined) return this.within(this.at + 1, close, mode);
    if (this.here() === "{") return this.take(this.isTooDeep() ? 0 : 1, "");
    if (mode !== "math") {
      this.at = start;
      return "";
    }
    if (this.here() === "\\" && !this.isTooDeep()) return this.deeper(() => this.command());
    const sign = String.fromCodePoint(this.text.codePointAt(this.at) as number);
    return this.take(sign.length, sign);
  }

  /** What is raised or lowered here. */
  script(): string {
    const sign = this.here();
    this.at++;
    if (this.here() === "{" && this.closing() === undefined) return sign;
    const inside = this.argument("math");
    return script(sign, inside, /[\p{L}\p{N}]/u.test(this.here()));
  }

  /** `_i` and `^2` in formulas whose dollars were forgotten. Longer words behind these signs are names of files and such. */
  furtherScripts(): string {
    let result = "";
    while (this.match(/[_^](?:\{|[\p{L}\p{N}](?![\p{L}\p{N}]))/uy)) result += this.script();
    return result;
  }

  /** The formula that opens here, if one does. */
  formula(): string | undefined {
    const formula = this.structure.formulas.get(this.at);
    return formula && formula.end <= this.end && !this.isTooDeep() ? this.readFormula(formula) : undefined;
  }

  private readFormula({ from, to, end, display }: Formula): string {
    const before = this.before();
    const inside = tidy(this.within(from, to, "math"));
    this.at = end;
    if (!display) return inside;
    return `${/\s/.test(before) ? "" : " "}${inside}${/[\p{L}\p{N}]/u.test(this.here()) ? " " : ""}`;
  }

  private within(from: number, to: number, mode: Mode): string {
    const outer = { end: this.end, mode: this.mode };
    Object.assign(this, { at: from, end: to, mode });
    const result = this.deeper(() => this.read());
    Object.assign(this, outer, { at: to + 1 });
    return result;
  }

  private deeper(read: () => string): string {
    this.depth++;
    const result = read();
    this.depth--;
    return result;
  }

  private sign(sign: string): string {
    if (sign === "\\") return this.command();
    if (sign === "$") return this.formula() ?? this.strayDollar();
    if (sign === "{") return this.group();
    if (sign === "}") return this.take(1, "}");
    if (sign === "^" || sign === "_") return this.script() + (this.mode === "math" ? "" : this.furtherScripts());
    if (sign === "'") return this.take(1, /\p{L}/u.test(this.before()) && /\p{L}/u.test(this.here(1)) ? "'" : "′");
    if (this.mode === "math") return this.take(1, " ");
    return sign === "://" ? this.address() : this.take(sign.length, this.ligature(sign));
  }

  private command(): string {
    return readCommand(this);
  }

  /** Money, mostly. At a command, it is one half of a formula whose other half was forgotten. */
  private strayDollar(): string {
    const forgotten =
      /^\$\\[A-Za-z]/.test(this.text.slice(this.at, this.at + 3)) ||
      /\\(?:[A-Za-z]+|%)$/.test(this.text.slice(Math.max(0, this.at - 20), this.at));
    return this.take(1, forgotten ? "" : "$");
  }

  /** A group loses its braces, unless it is a set in prose, as {1, 2}. One that is not closed has the brace it had. */
  private group(): string {
    const [open, close] = [this.at, this.closing()];
    if (close === undefined) return this.take(1, "{");
    const inside = close - open < 120 ? this.text.slice(open + 1, close) : "";
    const isListed = /^[^{}\\$]*[\p{L}\p{N}"](?:[,"|;]|\.\.)[^{}\\$]*$/u.test(inside);
    const isSet = this.mode === "prose" && (isListed || /(?!\p{ASCII})\p{Sm}/u.test(this.before()));
    const shown = this.within(open + 1, close, this.mode);
    return isSet ? `{${shown}}` : shown;
  }

  /** The rest of an address on the web, where `~` and `--` are what they are. */
  private address(): string {
    const rest = this.match(/:\/\/(?:[^\s\\{}$`']|\\[_%&#~])*/y)?.[0] ?? "";
    return this.take(rest.length, rest.replace(/\\(?=[_%&#~])/g, ""));
  }

  private ligature(sign: string): string {
    if (sign === "~") {
      const around = this.text.slice(Math.max(0, this.at - 2), this.at + 2);
      return /(?:[^\s([{~/]|[\s~]\/)~[^\s~]/.test(around) ? "\u00a0" : "~";
    }
    const [before, after] = [this.before(), this.here(sign.length)];
    if (sign === "``") return "“";
    if (sign === "''") return /[\s([]/.test(before) && /\S/.test(after) ? "“" : "”";
    if (sign === "---") return "—";
    // An option of a program keeps its two hyphens.
    if (sign === "--") return /[\s([]/.test(before) && /[a-z]/.test(after) ? "--" : "–";
    return sign;
  }
}
