import type { Reader } from "./tex.ts";
import {
  accents,
  characterOf,
  type Form,
  forms,
  inAlphabet,
  isAlphabet,
  isLetter,
  marked,
  marks,
  operators,
  silent,
  spaces,
  symbolOf,
} from "./tex_symbols.ts";

/** What is shown for the command that the reader is at, which goes on behind it and all that it is given. */
export function readCommand(reader: Reader): string {
  const start = reader.at;
  const name = reader.match(/\\([A-Za-z]+|[^A-Za-z])/uy)?.[1];
  if (name === undefined) return reader.take(1, "\\");
  if (!/^[A-Za-z]/.test(name)) return reader.formula() ?? readSign(reader, name);
  reader.at += 1 + name.length;
  return reader.isTooDeep() ? `\\${name}` : readWord(reader, name, start);
}

/** A sign that has a meaning only with the backslash, or none with it. */
function readSign(reader: Reader, name: string): string {
  reader.at += 1 + name.length;
  if (/^[%&_#${}\n]$/.test(name)) return name;
  if (/^[!/@-]$/.test(name)) return "";
  if (/^[,;:> ]$/.test(name)) return " ";
  if (name === "|") return "‖";
  if (name === "\\") {
    reader.skip(/\*?\[[\w. ]{1,20}\]/y);
    return /\s/.test(reader.here()) ? "" : " ";
  }
  const mark = accents.get(name);
  return mark === undefined ? `\\${name}` : (readAccent(reader, name, mark) ?? name);
}

function readWord(reader: Reader, name: string, start: number): string {
  const accent = reader.mode === "math" ? undefined : accents.get(name);
  const accented = accent && (readGreek(reader, name) ?? readAccent(reader, name, accent));
  if (accented !== undefined) return accented;
  const form = forms.get(name);
  if (form) return readForm(reader, form, name, start);
  if (silent.has(name)) return readNothing(reader, name, start);
  if (spaces.has(name)) return reader.take(reader.match(/ */y)?.[0].length ?? 0, " ");
  if (operators.has(name)) return spaced(reader, name === "bmod" ? "mod" : name, start);
  if (isAlphabet(name)) return inAlphabet(name, reader.argument("math"));
  const mark = marks.get(name);
  if (mark) return marked(reader.argument("math"), mark);
  if (name === "begin" || name === "end") return readEnvironment(reader, name, start);
  if (name === "item") return readItem(reader);
  if (name === "verb") return readVerbatim(reader);
  if (name === "char") return readCharacter(reader);
  if (reader.mode === "math" && /^[A-Z]$/.test(name)) return readOwn(reader, name, start);
  const symbol = symbolOf(name);
  return symbol === undefined ? readOwn(reader, name, start) : readSymbol(reader, symbol);
}

/** What arXiv makes of `\rho` where it takes the `\r` for an accent: `\r{ho}`. */
function readGreek(reader: Reader, name: string): string | undefined {
  const rest = reader.match(/\{([a-z]{2,10})\}/y);
  const symbol = rest ? symbolOf(name + rest[1]) : undefined;
  return rest && symbol ? reader.take(rest[0].length, symbol) : undefined;
}

/** `\'e`, `\v{s}`, `\c c`: nothing where no letter follows that can have the accent. */
function readAccent(reader: Reader, name: string, mark: string): string | undefined {
  const inWord = /\p{L}/u.test(reader.before(reader.at - 2));
  const braced = reader.closing() !== undefined;
  if (!braced && !reader.match(accentedLetter(name, inWord))) return undefined;
  // Some sources have strings of programs, with `\"so\"` and `it\'s`.
  const isQuoted = name === '"' && !inWord && /\\"(?![\p{L}{\\])/u.test(reader.text.slice(reader.at, reader.at + 200));
  if (isQuoted || (name === "'" && inWord && reader.match(/s(?!\p{L})/uy))) return undefined;
  const start = reader.at;
  const base = reader
    .argument(braced ? reader.mode : "math")
    .replace(/^ı/, "i")
    .replace(/^ȷ/, "j");
  const first = String.fromCodePoint(base.codePointAt(0) ?? 32);
  const accented = (first + mark).normalize("NFC");
  if (base && (braced || [...accented].length === 1)) return accented + base.slice(first.length);
  if (base) reader.at = start;
  return undefined;
}

/** A letter without braces. A command of one letter is an accent only where nothing else makes sense. */
function accentedLetter(name: string, inWord: boolean): RegExp {
  if (name === '"') return /\p{L}|\\[ij]\b/uy;
  if (!/[a-z]/i.test(name)) return / ?(?:\p{L}|\\[ij]\b)/uy;
  return inWord ? / \p{L}/uy : / \p{Lu}/uy;
}

function readForm(reader: Reader, form: Form, name: string, start: number): string {
  const option = reader.match(/\*?(?:\[([^\][{}\\$]{0,200})\])?(?=\{)/y);
  reader.at += option?.[0].length ?? 0;
  const [first = "", second = ""] = form.modes.map((mode) => reader.argument(mode === "same" ? reader.mode : mode));
  if (first === "" && second === "") return readNothing(reader, name, start);
  const shown = form.show(first, second, option?.[1] ?? "");
  if (name === "operatorname") return spaced(reader, shown, start);
  const before = reader.text.slice(Math.max(0, start - 20), start);
  const adjoins = /(?<!\\[A-Za-z]*)[\p{L}\p{N})]$/u.test(before) || /[\p{L}\p{N}(]/u.test(reader.here());
  if (name.endsWith("frac") && adjoins) return `(${shown})`;
  return /(?:^|\s)$/.test(before) ? shown.replace(/^ /, "") : shown;
}

/** What shows nothing takes the space behind it along, or the point that stands for no bracket. */
function readNothing(reader: Reader, name: string, start: number): string {
  if (name === "left" || name === "right") reader.skip(/\./y);
  if (name === "footnotemark") reader.skip(/\[\d*\]/y);
  if (!/\p{L}/u.test(reader.before(start))) reader.skip(/ +/y);
  return "";
}

/** A name of a function keeps a space to letters beside it. */
function spaced(reader: Reader, name: string, start: number): string {
  const before = /[\p{L}\p{N})}\]]/u.test(reader.before(start)) ? " " : "";
  const after = reader.match(/[\p{L}\p{N}]|\\(?!left|right|[bB]ig|limits|nolimits)[A-Za-z]/uy) ? " " : "";
  return before + name + after;
}

function readSymbol(reader: Reader, symbol: string): string {
  if (reader.match(/\{\}/y)) return reader.take(2, symbol);
  if (reader.mode === "math") return symbol;
  if (isLetter(symbol)) reader.skip(/ (?=\p{L})/uy);
  else if (symbol.endsWith(".")) reader.skip(/\./y);
  return symbol + reader.furtherScripts();
}

function readEnvironment(reader: Reader, name: string, start: number): string {
  const match = reader.match(/\{([A-Za-z]+)\*?\}(?:\[[^\]]{0,20}\])?(?:\{[lcr|@ ]{0,20}\})?/y);
  if (!match) return name;
  if (/^(?:equation|align|gather|multline|eqnarray|displaymath|math|flalign)$/.test(match[1] as string))
    reader.mode = name === "begin" ? "math" : "prose";
  reader.at += match[0].length;
  if (/\s/.test(reader.before(start))) reader.skip(/ +/y);
  return "";
}

/** An item with a mark of its own, as `\item[1.]`, has that. */
function readItem(reader: Reader): string {
  const own = reader.match(/ ?\[([^\][{}\\$]{1,40})\]/y);
  return own ? reader.take(own[0].length, own[1] as string) : "•";
}

function readVerbatim(reader: Reader): string {
  const match = reader.match(/\*?([^\s\w{])([^\n]{0,300}?)\1/y);
  return match ? reader.take(match[0].length, match[2] as string) : "verb";
}

function readCharacter(reader: Reader): string {
  const match = reader.match(/"([0-9A-F]{1,6})|(\d{1,7})/y);
  return match ? reader.take(match[0].length, characterOf(match[1] ?? Number(match[2]).toString(16))) : "char";
}

/** A command that authors made themselves is shown by its name, or by what they give it. */
function readOwn(reader: Reader, name: string, start: number): string {
  if (reader.mode === "prose" && reader.here() !== "{") {
    const isPath = /(?<![A-Za-z])[A-Za-z]:$/.test(reader.text.slice(Math.max(0, start - 3), start));
    const path = isPath ? reader.match(/(?:\\?[\w.-])*/y)?.[0] : undefined;
    if (path !== undefined) return `\\${name}${reader.take(path.length, path)}`;
    // Signs of strings and patterns of programs: a new line, a digit.
    if (/^[nrtdwsb]$/.test(name)) return `\\${name}`;
  }
  // How something is set, as `\subsection*{Results}` and `\textls[50]{word}`.
  reader.skip(/\*?(?:\[[^\][{}\\$]{0,80}\])?(?=\{)/y);
  const given: string[] = [];
  while (given.length < 3 && reader.closing() !== undefined) given.push(reader.argument(reader.mode));
  const visible = given.filter((part) => part !== "");
  // A single capital is the set of numbers that most mathematicians give it to.
  const called = /^[CEFNPQRZ]$/.test(name) ? inAlphabet("mathbb", name) : name;
  const capital = /^[A-Z]/.test(name);
  const shown = visible.length === 0 ? called : capital ? `${called}(${visible.join(", ")})` : visible.join(" ");
  return /\p{L}/u.test(reader.before(start)) && /^\p{L}/u.test(shown) ? ` ${shown}` : shown;
}
