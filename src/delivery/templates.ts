import { readFile } from "node:fs/promises";
import mjml from "mjml";
import mustache from "mustache";
import * as confirm from "../../emails/confirm.ts";
import * as digest from "../../emails/digest.ts";

export type Filled = { subject: string; html: string; text: string };
export type Templates = {
  confirm: (view: confirm.ConfirmView) => Filled;
  digest: (view: digest.DigestView) => Filled;
};

const textWidth = 72;

/** Compiles the templates of `emails/`, once for the life of a process; filling one for a reader is only string work. */
export async function compileTemplates(): Promise<Templates> {
  return { confirm: await compile("confirm", confirm), digest: await compile("digest", digest) };
}

async function compile<View extends object>(
  name: string,
  words: { subject: (view: View) => string; preheader: (view: View) => string },
): Promise<(view: View) => Filled> {
  const source = await readFile(new URL(`../../emails/${name}.mjml`, import.meta.url), "utf8");
  const textSource = await readFile(new URL(`../../emails/${name}.txt`, import.meta.url), "utf8");
  const { html, errors } = await mjml(source, { validationLevel: "strict", keepComments: false, fonts: {} });
  if (errors.length > 0) throw new Error(`emails/${name}.mjml: ${errors.map((it) => it.formattedMessage).join("; ")}`);
  // MJML drops what it has no place for without a word: a lost tag would be a lost part of every mail.
  const lost = tagsOf(source).filter((tag) => !html.includes(tag));
  if (lost.length > 0) throw new Error(`emails/${name}.mjml: MJML dropped ${lost.join(" ")}`);
  const page = html.replace(/\n\s+/g, "\n");
  mustache.parse(page);
  mustache.parse(textSource);
  return (view) => {
    const subject = words.subject(view);
    const whole = { ...view, subject, preheader: words.preheader(view) };
    return {
      subject,
      html: mustache.render(page, whole, {}, { escape: escapeHtml }),
      text: wrap(mustache.render(textSource, whole, {}, { escape: String })),
    };
  };
}

function tagsOf(source: string): string[] {
  return source.match(/\{\{[^}]*\}\}/g) ?? [];
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escapeHtml(value: unknown): string {
  return String(value).replace(/[&<>"']/g, (sign) => entities[sign] as string);
}

/** Folds lines at 72 columns, but never an address, which would stop working. */
function wrap(text: string): string {
  return text
    .split("\n")
    .flatMap((line) => (line.length <= textWidth || /https?:\/\//.test(line) ? [line] : fold(line)))
    .join("\n");
}

function fold(line: string): string[] {
  const lines: string[] = [];
  let current = "";
  for (const word of line.split(" ")) {
    if (current && current.length + 1 + word.length > textWidth) {
      lines.push(current);
      current = word;
    } else current = current ? `${current} ${word}` : word;
  }
  return [...lines, current];
}
