import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { html } from "hono/html";
import { compileTemplates, type Filled, inOnePiece, mails, type Whole } from "../delivery/templates.ts";
import type { Options } from "./options.ts";

type Previewed = Whole & { file: string };

/** `preview`: needs no database and no settings, only the templates. */
export async function previewCommand(_operands: string[], values: Options): Promise<void> {
  const folder = resolve(values.folder ?? ".data/preview");
  const previews = await fillExamples();
  await mkdir(folder, { recursive: true });
  for (const preview of previews) {
    await writeFile(join(folder, `${preview.file}.html`), preview.html);
    await writeFile(join(folder, `${preview.file}.txt`), preview.text);
  }
  await writeFile(join(folder, "index.html"), String(await overview(previews)));
  console.log(
    `${previews.length} mails of ${Object.keys(mails).length} kinds: ${pathToFileURL(join(folder, "index.html"))}`,
  );
}

/** Every mail with each of its examples, in files named after the template: `digest-1`, `digest-2`. */
async function fillExamples(): Promise<Previewed[]> {
  const templates = await compileTemplates();
  return Object.entries(mails).flatMap(([name, { examples }]) => {
    // Each fills its own kind of view, as its examples are.
    const fill = templates[name as keyof typeof mails] as (view: object) => Filled;
    return examples.map((example, at) => ({ file: `${name}-${at + 1}`, ...inOnePiece(fill(example)) }));
  });
}

/** All of them on one page, each as wide as a desk and as a phone shows it, with its text beside. */
function overview(previews: Previewed[]) {
  return html`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>Mails</title>
<style>body { font-family: system-ui; } iframe { height: 40rem; border: 1px solid; }</style>
<h1>Mails</h1>
${previews.map(
  ({ file, subject }) => html`<h2>${file}: ${subject}</h2>
<p><a href="${file}.html">HTML</a>, <a href="${file}.txt">text</a></p>
<iframe title="${file}" src="${file}.html" width="640"></iframe>
<iframe title="${file} on a phone" src="${file}.html" width="320"></iframe>
<iframe title="${file} as text" src="${file}.txt" width="640"></iframe>`,
)}
</html>
`;
}
