import { chmod, readdir } from "node:fs/promises";
import AxeBuilder from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasBrowser, openBrowser } from "../support/browser.ts";
import { temporaryFolder } from "../support/folder.ts";
import { type Program, runProgram, startProgram } from "../support/program.ts";
import { startUpstream } from "../support/upstream.ts";

const day = "2026-11-20";
const dailyPapers = JSON.stringify(
  ["Speech recognition in small harbours", "Robots that fold laundry", "Diffusion models for weather"].map(
    (title, index) => ({
      title,
      numComments: 2,
      paper: {
        id: `2611.9700${index}`,
        title,
        summary: `${title}: we show that it can be done. It is done with care and at length.`,
        authors: [{ name: "Ada Okafor", hidden: false }],
        upvotes: 10 + index,
        publishedAt: `${day}T00:00:00.000Z`,
        submittedOnDailyAt: `${day}T00:00:00.000Z`,
      },
    }),
  ),
);

describe.skipIf(!hasBrowser)("the whole loop, on the real program with a real browser", () => {
  let page: Page;
  let program: Program;
  let url = "";
  let environment: Record<string, string> = {};
  const folder = temporaryFolder();

  beforeAll(async () => {
    const upstream = await startUpstream((path) => (path.includes("daily_papers") ? dailyPapers : "[]"));
    environment = { DATA_DIR: folder, SOURCES: "huggingface", HF_URL: upstream.url, PORT: "0", ADMIN_PORT: "0" };
    program = startProgram(["start"], environment);
    url = (await program.printed(/Paper Round is at (\S+)/))[1] as string;
    const browser = await openBrowser();
    page = await browser.newPage({ timezoneId: "Asia/Tokyo" });
  });

  afterAll(async () => {
    program.process.kill("SIGTERM");
    expect(await program.ended()).toBe(0);
  });

  async function mail(subject: RegExp): Promise<void> {
    await expect
      .poll(
        async () => {
          await page.goto(`${url}/mailbox`);
          return page.getByRole("link", { name: subject }).count();
        },
        { timeout: 30_000, interval: 250 },
      )
      .toBeGreaterThan(0);
    await page.getByRole("link", { name: subject }).first().click();
  }

  async function axe(): Promise<unknown[]> {
    // The script is put in through the driver: the page's own policy lets no foreign script in.
    const results = (await page.evaluate(`${AxeBuilder.source}; axe.run()`)) as {
      violations: { id: string; nodes: unknown[] }[];
    };
    return results.violations.map((it) => [it.id, it.nodes]);
  }

  test("papers are read from the source and shown", async () => {
    await expect
      .poll(
        async () => {
          await page.goto(url);
          return page.locator(".paper").count();
        },
        { timeout: 60_000, interval: 250 },
      )
      .toBe(3);
    expect(await axe()).toEqual([]);
  });

  test("a reader subscribes, with the browser's own time zone in the form", async () => {
    expect(await page.inputValue("#timezone")).toBe("Asia/Tokyo");
    await page.fill("#email", "ada@example.org");
    await page.fill("#interests", 'speech\n"fold laundry"\nunlearning -survey');
    await page.getByRole("button", { name: "Send me papers" }).click();
    expect(await page.textContent("h1")).toBe("Look into your mail");
    expect(await axe()).toEqual([]);
  });

  test("the mail's link opens a page with a button, the button brings the first digest", async () => {
    await mail(/Confirm your Paper Round/);
    await page.frameLocator("iframe").getByRole("link", { name: "Send me papers" }).click();
    await page.getByRole("button", { name: "Send me papers" }).click();
    expect(await page.textContent("h1")).toBe("Your first papers are on their way");
    await mail(/\+1 more|\+2 more/);
    const digest = await page.locator("pre").textContent();
    expect(digest).toContain("Speech recognition in small harbours");
    expect(digest).toContain("Robots that fold laundry");
    expect(await axe()).toEqual([]);
  });

  test("the footer's link ends it, and offers to take it back", async () => {
    await page.frameLocator("iframe").getByRole("link", { name: "Stop these mails" }).last().click();
    expect(await axe()).toEqual([]);
    await page.getByRole("button", { name: "Stop these mails" }).click();
    expect(await page.textContent("h1")).toBe("You get no more mails");
    expect(await page.getByRole("button", { name: /take it back/ }).count()).toBe(1);
  });

  test("the days after bring no more mail, and the command line works beside the running program", async () => {
    // It is good for an hour, and would not go any more in the days after.
    await mail(/You get no more papers/);
    for (const next of ["2027-01-01", "2027-01-02", "2027-01-03"]) {
      const { code, output } = await runProgram(["tick", "--now", `${next}T12:00:00Z`, "--until-idle"], environment);
      expect(code, output).toBe(0);
    }
    await page.goto(`${url}/mailbox`);
    const subjects = await page.locator(".mails li a").allTextContents();
    expect(subjects.map((it) => it.replace(/^.* \+\d more$/, "digest")).sort()).toEqual([
      "Confirm your Paper Round digest",
      "Welcome to Paper Round",
      "You get no more papers from Paper Round",
      "digest",
    ]);
  });

  test("a second start on the same data and ports says so", async () => {
    const { code, output } = await runProgram(["start"], { ...environment, PORT: new URL(url).port });
    expect(code).toBe(1);
    expect(output).toMatch(/^Port \d+ on 0\.0\.0\.0 is taken by another program\. Set PORT to another/m);
  });
});

describe("the demo", () => {
  test("it prints where to look, has a digest in the mailbox, and leaves nothing behind, even when it is killed", async () => {
    const home = temporaryFolder();
    await chmod(home, 0o1777); // as /tmp is
    const program = startProgram(["demo"], { PORT: "0", ADMIN_PORT: "0", TMPDIR: home });
    const [, address] = await program.printed(/papers, and the form\s+(\S+)/);
    await program.printed(/Ctrl-C/);
    const mailbox = await (await fetch(`${address}/mailbox`)).text();
    expect(mailbox).toContain("ada@example.org");
    expect(mailbox).toMatch(/\+\d+ more<\/a>/);
    expect(await readdir(home)).toHaveLength(1);
    program.process.kill("SIGKILL");
    await program.ended();
    await expect.poll(() => readdir(home), { timeout: 20_000 }).toEqual([]);
  });
});
