import mustache from "mustache";
import { type Content, Lines, textOf } from "./content.ts";

/** How a value is written, and what is made of whole lines in the end. */
export type Style = { value: (value: unknown) => string; lines: (text: string) => string };

type Scope = { value: unknown; outer: Scope | undefined };
type Part = (scope: Scope, page: Page) => void;
type Token = [type: string, value: string, start: number, end: number, inner?: Token[]];

/** Fixed lines of fewer letters are not worth a piece of their own. */
const fewLetters = 300;

/**
 * A mustache template as a function: tags, sections and inverted sections, and names with dots. Mustache itself goes through its
 * tokens anew for each mail, which takes longer than all the rest of it.
 *
 * A section over an object knows only what that has, stands in lines of its own, and is filled once, however many mails have the
 * object: it never changes. Sections over lists and over other values are as in mustache.
 */
export function prepare(template: string, style: Style): (view: object) => Content {
  const fill = inOrder(mustache.parse(template) as Token[], style);
  return (view) => filled(fill, view, style);
}

function filled(fill: Part, view: unknown, style: Style): Content {
  const page = new Page(style);
  fill({ value: view, outer: undefined }, page);
  return page.end();
}

function inOrder(tokens: Token[], style: Style): Part {
  const parts = tokens.map((token) => prepareToken(token, style));
  return (scope, page) => {
    for (const part of parts) part(scope, page);
  };
}

function prepareToken([type, value, , , inner = []]: Token, style: Style): Part {
  if (type === "text") return fixed(value, style);
  const find = finder(value);
  if (type === "name") {
    return (scope, page) => {
      const found = find(scope);
      if (found !== undefined && found !== null) page.add(style.value(found));
    };
  }
  const body = inOrder(inner, style);
  if (type === "^") {
    return (scope, page) => {
      if (isEmpty(find(scope))) body(scope, page);
    };
  }
  if (type !== "#") throw new Error(`{{${type}${value}}} is not for mails`);
  const kept = new WeakMap<object, Lines>();
  const once = (shared: object) =>
    kept.getOrInsertComputed(shared, () => new Lines(ended(textOf(filled(body, shared, style)))));
  return (scope, page) => {
    const found = find(scope);
    if (Array.isArray(found)) for (const item of found) body({ value: item, outer: scope }, page);
    else if (typeof found === "object" && found !== null) page.addLines(once(found));
    // A single value only says that its section is there: the names in it are those of the view around.
    else if (found) body(scope, page);
  };
}

/** Text of the template, the whole lines within it for all mails alike. */
function fixed(text: string, style: Style): Part {
  // Mustache cuts it out of the template, and joining cut strings takes twice the time of whole ones.
  const flat = (start: number, end?: number) => Buffer.from(text.slice(start, end)).toString();
  const [from, to] = [text.indexOf("\n") + 1, text.lastIndexOf("\n") + 1];
  if (to - from < fewLetters) {
    const whole = flat(0);
    return (_, page) => page.add(whole);
  }
  const [before, lines, behind] = [flat(0, from), new Lines(style.lines(flat(from, to))), flat(to)];
  return (_, page) => {
    page.add(before);
    page.addLines(lines);
    page.add(behind);
  };
}

/** What is filled so far: whole lines that are shared, and between them what is this mail's own. */
class Page {
  private readonly style: Style;
  private readonly pieces: (string | Lines)[] = [];
  private own: string[] = [];

  constructor(style: Style) {
    this.style = style;
  }

  add(text: string): void {
    if (text) this.own.push(text);
  }

  addLines(lines: Lines): void {
    if (this.own.at(-1)?.endsWith("\n") === false) this.own.push("\n");
    this.endOwn();
    // Neither keeps its blank line at the cost of two between them.
    if (lines.text.startsWith("\n") && this.endsBlank()) this.own.push(lines.text);
    else if (lines.text) this.pieces.push(lines);
  }

  end(): Content {
    this.endOwn();
    return this.pieces;
  }

  private endOwn(): void {
    if (this.own.length === 0) return;
    const text = this.own.join("");
    this.own = [];
    const lines = this.style.lines(this.endsBlank() ? text.replace(/^\n+/, "") : text);
    if (lines) this.pieces.push(lines);
  }

  private endsBlank(): boolean {
    const last = this.pieces.at(-1);
    return last !== undefined && (typeof last === "string" ? last : last.text).endsWith("\n\n");
  }
}

function ended(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

function isEmpty(value: unknown): boolean {
  return !value || (Array.isArray(value) && value.length === 0);
}

/** Looks a name up in the innermost scope that has it. */
function finder(path: string): (scope: Scope) => unknown {
  if (path === ".") return (scope) => scope.value;
  const [name = "", ...further] = path.split(".");
  const find = (scope: Scope) => {
    for (let at: Scope | undefined = scope; at; at = at.outer) {
      const { value } = at;
      if (typeof value !== "object" || value === null) continue;
      const found = (value as Record<string, unknown>)[name];
      if (found !== undefined || name in value) return found;
    }
    return undefined;
  };
  if (further.length === 0) return find;
  return (scope) => further.reduce((value, key) => (value as Record<string, unknown> | undefined)?.[key], find(scope));
}
