import AxeBuilder from "axe-core";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { deliver } from "../../src/delivery/deliver.ts";
import { startMailbox } from "../../src/delivery/mailbox.ts";
import { createMailer } from "../../src/delivery/smtp.ts";
import { compileTemplates } from "../../src/delivery/templates.ts";
import { plan } from "../../src/digests/plan.ts";
import { match } from "../../src/interests/match.ts";
import { freePort } from "../../src/ports.ts";
import { listen } from "../../src/serve.ts";
import { createApp } from "../../src/web/app.ts";
import { hasBrowser, openBrowser } from "../support/browser.ts";
import { whenFileEnds } from "../support/cleanup.ts";
import { createContext, type TestContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";

const harbours = "Tides, quays and pilots of narrow harbours, heard by microphones on the shore.";
const laundry = "Grippers, sleeves and hems of a laundry, seen by cameras over the table.";

describe.skipIf(!hasBrowser)("votes, from the mail to the reader's page, in a real browser", () => {
  let context: TestContext;
  let page: Page;
  let url = "";
  let nextDay: (day: string) => Promise<void>;

  beforeAll(async () => {
    const port = await freePort("127.0.0.1", 4300);
    url = `http://127.0.0.1:${port}`;
    context = await createContext({ BASE_URL: url });
    const site = await listen(createApp(context), "127.0.0.1", port, "PORT");
    whenFileEnds(site.close);
    const mailbox = await startMailbox(context);
    const mailer = createMailer(context.config, mailbox.url);
    whenFileEnds(async () => {
      mailer.close();
      await mailbox.close();
    });
    const templates = await compileTemplates();
    nextDay = async (day) => {
      context.setNow(`2026-11-${day}T09:00:00Z`);
      await match(context);
      await plan(context);
      await deliver(context, mailer, templates);
    };
    await addPapers(
      context,
      paper({ title: "Speech in small harbours", abstract: harbours, authors: ["Ada Okafor"] }),
      paper({ title: "Speech among robots", abstract: laundry, authors: ["Tomás Ibarra"] }),
    );
    await addReader(context, { email: "ada@example.org", interests: "speech" });
    await nextDay("20");
    page = await (await openBrowser()).newPage({ viewport: { width: 390, height: 844 } });
  });

  async function openMail(): Promise<void> {
    await page.goto(`${url}/mailbox`);
    await page.locator(".mails a", { hasText: "Speech" }).first().click();
  }

  const mail = () => page.frameLocator("iframe");
  const title = () => page.textContent("h1");

  async function axe(): Promise<unknown[]> {
    // The script is put in through the driver: the page's own policy lets no foreign script in.
    const results = (await page.evaluate(`${AxeBuilder.source}; axe.run()`)) as {
      violations: { id: string; nodes: { html: string }[] }[];
    };
    return results.violations.map((it) => [it.id, it.nodes.map((node) => node.html)]);
  }

  async function openOwnPage(): Promise<void> {
    await openMail();
    await mail().getByRole("link", { name: "Change what you get" }).click();
    await expect.poll(title).toBe("What you get");
  }

  test("the mail's links lead to a page with a button, and the button says what it did", async () => {
    await openMail();
    await mail().getByRole("link", { name: "More like this" }).last().click();
    await expect.poll(title).toBe("More like this?");
    expect(await page.getByRole("link", { name: "Speech in small harbours" }).count()).toBe(1);
    expect(await axe()).toEqual([]);
    expect(await context.sql`select from votes`).toHaveLength(0);
    await page.getByRole("button", { name: "More like this" }).click();
    await expect.poll(title).toBe("Noted: more like this");
    expect(await axe()).toEqual([]);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
  });

  test("a vote is taken back, and another cast, where it was noted; the digest in the browser shows none", async () => {
    await openMail();
    await mail().getByRole("link", { name: "More like this" }).first().click();
    await expect.poll(title).toBe("More like this?");
    await page.getByRole("button", { name: "More like this" }).click();
    await page.getByRole("button", { name: "Take it back" }).click();
    await expect.poll(title).toBe("Taken back");
    await page.getByRole("button", { name: "Less like this" }).click();
    await expect.poll(title).toBe("Noted: less like this");
    expect(await axe()).toEqual([]);
    await openMail();
    await mail().getByRole("link", { name: "Read on the web" }).click();
    await expect.poll(title).toBe("Your digest");
    expect(await page.getByText("like this").count()).toBe(0);
    expect(await axe()).toEqual([]);
  });

  test("the next mail has the like of it first, and says why", async () => {
    await addPapers(
      context,
      paper({ title: "Speech of pilots", abstract: harbours, authors: ["Ada Okafor"] }),
      paper({ title: "Speech of grippers", abstract: laundry, authors: ["Tomás Ibarra"] }),
    );
    await nextDay("21");
    await openMail();
    expect(await mail().locator("h2.title").first().textContent()).toBe("Speech of pilots");
    expect(
      await mail()
        .getByText(/^Higher because you liked papers on \S+/)
        .count(),
    ).toBe(1);
    expect(
      await mail()
        .getByText(/^Lower because you wanted fewer papers on \S+/)
        .count(),
    ).toBe(1);
    expect(await page.locator("pre").textContent()).toContain("Higher because you liked papers on");
  });

  test("the reader's page shows what was learnt and the votes, takes one back, and forgets all with one button", async () => {
    await openOwnPage();
    const section = page.locator("section", { has: page.getByRole("heading", { name: "What your votes say" }) });
    expect(await section.textContent()).toMatch(/Higher: papers on .*harbours.*by Ada Okafor/s);
    expect(await section.textContent()).toMatch(/Lower: papers on .*laundry.*by Tomás Ibarra/s);
    expect(await axe()).toEqual([]);
    await section.getByRole("button", { name: "Take it back: Speech among robots" }).click();
    await expect.poll(() => section.locator("li").count()).toBe(1);
    expect(await section.textContent()).not.toContain("Lower:");
    await section.getByRole("button", { name: "Forget all my votes" }).click();
    await expect.poll(() => section.textContent()).toContain("Nothing yet.");
    expect(await context.sql`select from votes`).toHaveLength(0);
  });
});
