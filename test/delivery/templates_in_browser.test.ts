import axeCore from "axe-core";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import * as digest from "../../emails/digest.ts";
import { compileTemplates, type Filled, inOnePiece, mails } from "../../src/delivery/templates.ts";
import { hasBrowser, openBrowser } from "../support/browser.ts";

const templates = await compileTemplates();
const filled = Object.entries(mails).flatMap(([name, { examples }]) => {
  const fill = templates[name as keyof typeof mails] as (view: object) => Filled;
  return examples.map((example) => ({ name, html: inOnePiece(fill(example)).html }));
});
/** What a client shows that drops `<style>`. */
const bare = (html: string) => html.replace(/<style\b.*?<\/style>/gs, "");

describe.skipIf(!hasBrowser)("mails in a browser", () => {
  let page: Page;

  beforeAll(async () => {
    page = await (await openBrowser()).newPage();
  });

  /** The faults that axe finds in what `html` shows, each with its element. */
  async function axe(html: string): Promise<string[]> {
    await page.setContent(html);
    const { violations } = (await page.evaluate(`${axeCore.source}; axe.run(${JSON.stringify({ rules })})`)) as {
      violations: { id: string; nodes: { html: string }[] }[];
    };
    const faults = violations.flatMap(({ id, nodes }) => nodes.map((node) => ({ id, html: node.html })));
    // The accent is for links, which are few words: 4.5 to one does for them, as axe has checked under another name.
    return faults
      .filter((it) => !(it.id === "color-contrast-enhanced" && it.html.startsWith("<a ")))
      .map((it) => `${it.id}: ${it.html}`);
  }

  const rules = {
    // Text is to have seven to one.
    "color-contrast-enhanced": { enabled: true },
    // A mail has no landmarks: it is shown inside a page that has them.
    region: { enabled: false },
    "landmark-one-main": { enabled: false },
  };

  test.each(["light", "dark"] as const)(
    "axe finds no fault in any mail in the %s, and contrasts of seven to one",
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      for (const { name, html } of filled) expect([name, ...(await axe(html))]).toEqual([name]);
    },
  );

  test("axe finds no fault either where the styles of the head are dropped", async () => {
    await page.emulateMedia({ colorScheme: "light" });
    for (const { name, html } of filled) expect([name, ...(await axe(bare(html)))]).toEqual([name]);
  });

  test("no mail is wider than the narrowest phone, with words of any length and with large text", async () => {
    const view = digest.examples[0] as digest.DigestView;
    const title = "x".repeat(500);
    const papers = view.papers.map((entry) => ({
      ...entry,
      paper: { ...entry.paper, title, excerptText: title, excerpt: [{ text: title, hit: true }] },
    }));
    const nearMisses = [{ title, url: title, why: title }];
    const long = inOnePiece(templates.digest({ ...view, papers, nearMisses, receipt: title }));
    await page.setViewportSize({ width: 320, height: 640 });
    for (const { name, html } of [...filled, { name: "long words", html: long.html }]) {
      for (const shown of [html, bare(html)]) {
        for (const zoom of [1, 2]) {
          await page.setContent(shown);
          await page.evaluate(`for (const it of document.querySelectorAll("*")) it.dataset.size = parseFloat(getComputedStyle(it).fontSize) * ${zoom};
            for (const it of document.querySelectorAll("*")) it.style.fontSize = it.dataset.size + "px"`);
          const over = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
          expect([name, zoom, over]).toEqual([name, zoom, 0]);
          // Nothing that is wrapped is indented by the space before it.
          const left = await page.evaluate(`[...document.querySelectorAll(".links")].flatMap((line) =>
            [...Map.groupBy(line.querySelectorAll("a"), (a) => Math.round(a.getBoundingClientRect().top)).values()].map(([a]) =>
              Math.round(a.getBoundingClientRect().left - line.getBoundingClientRect().left))).filter((it) => it !== 0)`);
          expect([name, zoom, left]).toEqual([name, zoom, []]);
        }
      }
    }
  });

  test("links are large enough for a thumb", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    for (const { name, html } of filled) {
      await page.setContent(html);
      const heights = (await page.evaluate(
        `[...document.querySelectorAll(".top a, .links a, .button a")].map((it) => it.getBoundingClientRect().height)`,
      )) as number[];
      expect([name, heights.filter((height) => height < 43)]).toEqual([name, []]);
    }
  });
});
