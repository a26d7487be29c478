import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mails } from "../../src/delivery/templates.ts";
import { temporaryFolder } from "../support/folder.ts";
import { runProgram } from "../support/program.ts";

test("preview writes every mail from its examples, as HTML and text, and a page with all of them; it needs no settings", async () => {
  const folder = join(temporaryFolder(), "mails");
  const { code, output } = await runProgram(["preview", "--folder", folder]);
  expect(code, output).toBe(0);
  expect(output).toContain(`file://${folder}/index.html`);
  const files = Object.entries(mails).flatMap(([name, { examples }]) =>
    examples.flatMap((_, at) => [`${name}-${at + 1}.html`, `${name}-${at + 1}.txt`]),
  );
  expect((await readdir(folder)).sort()).toEqual([...files, "index.html"].sort());
  const index = await readFile(join(folder, "index.html"), "utf8");
  for (const file of files) {
    expect(index).toContain(`"${file}"`);
    expect((await readFile(join(folder, file), "utf8")).length).toBeGreaterThan(200);
  }
});
