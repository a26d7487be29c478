import { readFile } from "node:fs/promises";
import mjml from "mjml";
import mustache from "mustache";
import * as addressChange from "../../emails/address-change.ts";
import * as addressChanged from "../../emails/address-changed.ts";
import * as allIsWell from "../../emails/all-is-well.ts";
import * as confirm from "../../emails/confirm.ts";
import * as digest from "../../emails/digest.ts";
import * as goodbye from "../../emails/goodbye.ts";
import * as preferencesLink from "../../emails/preferences-link.ts";
import * as welcome from "../../emails/welcome.ts";

/** Every mail there is, by the name of its files in `emails/`. */
export const mails = {
  digest,
  confirm,
  welcome,
  "preferences-link": preferencesLink,
  "address-change": addressChange,
  "address-changed": addressChanged,
  "all-is-well": allIsWell,
  goodbye,
};
type Mails = typeof mails;

export type Filled = { subject: string; html: string; text: string };
export type Templates = { [Name in keyof Mails]: (view: Parameters<Mails[Name]["subject"]>[0]) => Filled };

const textWidth = 72;

/**
 * Follows the preheader, so that a mail list that has room for more shows nothing of the body: letters without width and spaces,
 * which no client folds into one.
 */
const padding = "\u034f\u200c\u00a0".repeat(90);

/** Compiles the templates of `emails/`, once for the life of a process; filling one for a reader is only string work. */
export async function compileTemplates(): Promise<Templates> {
  const layout = await readEmail("layout");
  const compiled = Object.entries(mails).map(async ([name, words]) => [
    name,
    // Each fills its own kind of view, as `Templates` says; here they are all alike.
    await compile(name, layout, words as Words<object>),
  ]);
  return Object.fromEntries(await Promise.all(compiled));
}

type Words<View> = { subject: (view: View) => string; preheader: (view: View) => string };
type Sources = { mjml: string; text: string };

async function readEmail(name: string): Promise<Sources> {
  const read = (type: string) => readFile(new URL(`../../emails/${name}.${type}`, import.meta.url), "utf8");
  return { mjml: await read("mjml"), text: await read("txt") };
}

async function compile<View extends object>(
  name: string,
  layout: Sources,
  words: Words<View>,
): Promise<(view: View) => Filled> {
  const own = await readEmail(name);
  const source = layout.mjml.replace("[[body]]", () => own.mjml);
  const page = prepare(await renderMjml(name, source), escapeHtml);
  const textSource = layout.text.replace("[[body]]\n", () => own.text);
  const text = prepare(textSource, oneLine);
  return (view) => {
    const subject = words.subject(view);
    const whole = { ...view, subject, preheader: words.preheader(view) };
    return { subject, html: page(whole), text: wrap(text(whole)) };
  };
}

async function renderMjml(name: string, source: string): Promise<string> {
  const { html, errors } = await mjml(source, { validationLevel: "strict", keepComments: false, fonts: {} });
  if (errors.length > 0) throw new Error(`emails/${name}.mjml: ${errors.map((it) => it.formattedMessage).join("; ")}`);
  // A mail program decides where its links open, and so does the page that frames a mail.
  const page = minify(html).replaceAll(' target="_blank"', "");
  // MJML drops what it has no place for without a word: a lost tag would be a lost part of every mail.
  const left = Map.groupBy(tagsOf(page), (tag) => tag);
  const lost = tagsOf(source).filter((tag) => !left.get(tag)?.pop());
  if (lost.length > 0) throw new Error(`emails/${name}.mjml: MJML dropped ${lost.join(" ")}`);
  return page.replace("[[padding]]", padding);
}

function tagsOf(source: string): string[] {
  return source.match(/\{\{[^}]*\}\}/g) ?? [];
}

/** Takes out the white space that nobody sees: between blocks, and in styles. Spaces in lines of text stay. */
function minify(html: string): string {
  const block =
    /[ ]?(<\/?(?:!doctype|html|head|body|title|meta|style|table|tbody|tr|td|div|p|h\d|ul|li|br|noscript|xml|o:\w+)\b[^>]*>|<!--[^>]*>|<!\[endif\]-->)[ ]?/gi;
  return html
    .replace(/[ \t\r\n]+/g, " ")
    .replace(
      /(<style\b[^>]*>)(.*?)<\/style>/g,
      (_, open, css) => `${open}${css.replace(/ ?([{};:,]) ?/g, "$1")}</style>`,
    )
    .replace(/ style="([^"]*)"/g, (_, css) => ` style="${css.replace(/([;:,]) /g, "$1").replace(/;$/, "")}"`)
    .replace(block, "$1")
    .trim();
}

type Written = (value: unknown) => string;
type Scope = { value: unknown; outer: Scope | undefined };
type Part = (scope: Scope, pieces: string[]) => void;
type Token = [type: string, value: string, start: number, end: number, inner?: Token[]];

/**
 * A mustache template as a function: tags, sections and inverted sections, and names with dots. Mustache itself goes through its
 * tokens anew for each mail, which takes longer than all the rest of it.
 */
function prepare(template: string, written: Written): (view: object) => string {
  const fill = inOrder(mustache.parse(template) as Token[], written);
  return (view) => {
    const pieces: string[] = [];
    fill({ value: view, outer: undefined }, pieces);
    return pieces.join("");
  };
}

function inOrder(tokens: Token[], written: Written): Part {
  const parts = tokens.map((token) => prepareToken(token, written));
  return (scope, pieces) => {
    for (const part of parts) part(scope, pieces);
  };
}

function prepareToken([type, value, , , inner = []]: Token, written: Written): Part {
  if (type === "text") {
    // Mustache cuts it out of the template, and joining cut strings takes twice the time of whole ones.
    const flat = Buffer.from(value).toString();
    return (_, pieces) => void pieces.push(flat);
  }
  const find = finder(value);
  if (type === "name") {
    return (scope, pieces) => {
      const found = find(scope);
      if (found !== undefined && found !== null) pieces.push(written(found));
    };
  }
  const body = inOrder(inner, written);
  if (type === "^") {
    return (scope, pieces) => {
      if (isEmpty(find(scope))) body(scope, pieces);
    };
  }
  if (type !== "#") throw new Error(`{{${type}${value}}} is not for mails`);
  return (scope, pieces) => {
    const found = find(scope);
    // A single value only says that its section is there: the names in it are those of the view around.
    if (Array.isArray(found)) for (const item of found) body({ value: item, outer: scope }, pieces);
    else if (found) body(scope, pieces);
  };
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

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escapeHtml(value: unknown): string {
  const text = String(value);
  return /[&<>"']/.test(text) ? text.replace(/[&<>"']/g, (sign) => entities[sign] as string) : text;
}

/** A value can't begin a line of its own, which could pass for one of ours. */
function oneLine(value: unknown): string {
  const text = String(value);
  return /[\r\n\v\f\u0085\u2028\u2029]/.test(text) ? text.replace(/[\r\n\v\f\u0085\u2028\u2029]+/g, " ") : text;
}

/**
 * Folds lines at 72 columns between words, so never inside an address, and leaves one blank line where there are more. What is
 * right already is kept in one piece, as most of it is.
 */
function wrap(text: string): string {
  const pieces: string[] = [];
  let kept = 0;
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    end = text.indexOf("\n", start);
    if (end < 0) end = text.length;
    if (end - start > textWidth) {
      pieces.push(text.slice(kept, start), fold(text.slice(start, end)));
      kept = end;
    } else if (end === start && text.startsWith("\n\n", start - 2)) {
      pieces.push(text.slice(kept, start));
      kept = end + 1;
    }
  }
  return pieces.join("") + text.slice(kept);
}

/** What continues a line stands under its beginning, and that of an item behind its star. */
function fold(line: string): string {
  const { length } = /^ *(?:\* )?/.exec(line)?.[0] ?? "";
  const indent = " ".repeat(length);
  const lines: string[] = [];
  let rest = line;
  while (rest.length > textWidth) {
    const before = rest.lastIndexOf(" ", textWidth);
    const at = before > length ? before : rest.indexOf(" ", textWidth);
    if (at < 0) break;
    lines.push(rest.slice(0, at));
    rest = indent + rest.slice(at + 1);
  }
  return [...lines, rest].join("\n");
}
