import { fork } from "node:child_process";
import { once } from "node:events";

/** What the process makes of a source. */
export type Rendered = { html: string; errors: string[] };

/**
 * Follows the preheader, so that a mail list that has room for more shows nothing of the body: letters without width and spaces,
 * which no client folds into one. In a line of its own, as all fixed lines are written once for all mails.
 */
const padding = `\n${"\u034f\u200c\u00a0".repeat(90)}\n`;

/**
 * The pages that templates in MJML make, in order. In a process of its own, which takes with it what MJML needs: a hundred megabytes,
 * once. Throws where MJML finds a mistake or drops a tag.
 */
export async function renderPages(templates: { name: string; source: string }[]): Promise<string[]> {
  const sources = templates.map(({ source }) => source);
  const child = fork(new URL("mjml_process.ts", import.meta.url), { execArgv: [] });
  child.send(sources);
  const [rendered] = (await Promise.race([once(child, "message"), once(child, "exit")])) as [
    Rendered[] | number | null,
  ];
  if (!Array.isArray(rendered)) throw new Error(`MJML ended with ${rendered} before it had made the mails`);
  return templates.map(({ name, source }, at) => pageOf(name, source, rendered[at] as Rendered));
}

function pageOf(name: string, source: string, { html, errors }: Rendered): string {
  if (errors.length > 0) throw new Error(`emails/${name}.mjml: ${errors.join("; ")}`);
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

/**
 * Takes out the white space that nobody sees: between blocks, and in styles. Spaces in lines of text stay. The styles of the head, which
 * are fixed, stand in lines of their own.
 */
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
    .replace("</title>", "$&\n")
    .replace("<body", "\n$&")
    .trim();
}
