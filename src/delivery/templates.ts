import { readFile } from "node:fs/promises";
import * as addressChange from "../../emails/address-change.ts";
import * as addressChanged from "../../emails/address-changed.ts";
import * as allIsWell from "../../emails/all-is-well.ts";
import * as confirm from "../../emails/confirm.ts";
import * as digest from "../../emails/digest.ts";
import * as goodbye from "../../emails/goodbye.ts";
import * as preferencesLink from "../../emails/preferences-link.ts";
import * as welcome from "../../emails/welcome.ts";
import { type Content, textOf } from "./content.ts";
import { prepare } from "./fill.ts";
import { renderPages } from "./mjml.ts";
import { wrap } from "./wrap.ts";

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

export type Filled = { subject: string; html: Content; text: Content };
/** The same with each part in one piece, as it is read. */
export type Whole = { subject: string; html: string; text: string };
export type Templates = { [Name in keyof Mails]: (view: Parameters<Mails[Name]["subject"]>[0]) => Filled };

/** Compiles the templates of `emails/`, once for the life of a process; filling one for a reader is only string work. */
export async function compileTemplates(): Promise<Templates> {
  const layout = await readEmail("layout");
  const sources = new Map<string, Sources>();
  for (const name of Object.keys(mails)) {
    const own = await readEmail(name);
    sources.set(name, {
      mjml: layout.mjml.replace("[[body]]", () => own.mjml),
      text: layout.text.replace("[[body]]\n", () => own.text),
    });
  }
  const pages = await renderPages([...sources].map(([name, { mjml }]) => ({ name, source: mjml })));
  const compiled = Object.entries(mails).map(([name, words], at) => [
    name,
    // Each fills its own kind of view, as `Templates` says; here they are all alike.
    compile(pages[at] as string, sources.get(name)?.text as string, words as Words<object>),
  ]);
  return Object.fromEntries(compiled);
}

export function inOnePiece({ subject, html, text }: Filled): Whole {
  return { subject, html: textOf(html), text: textOf(text) };
}

type Words<View> = { subject: (view: View) => string; preheader: (view: View) => string };
type Sources = { mjml: string; text: string };

async function readEmail(name: string): Promise<Sources> {
  const read = (type: string) => readFile(new URL(`../../emails/${name}.${type}`, import.meta.url), "utf8");
  return { mjml: await read("mjml"), text: await read("txt") };
}

function compile<View extends object>(html: string, plain: string, words: Words<View>): (view: View) => Filled {
  const page = prepare(html, { value: escapeHtml, lines: (it) => it });
  const text = prepare(plain, { value: oneLine, lines: wrap });
  return (view) => {
    const subject = words.subject(view);
    const whole = { ...view, subject, preheader: words.preheader(view) };
    return { subject, html: page(whole), text: text(whole) };
  };
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
