import AxeBuilder from "axe-core";
import type { Browser, Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { listen } from "../../src/serve.ts";
import { deriveToken } from "../../src/token.ts";
import { createApp } from "../../src/web/app.ts";
import { hasBrowser, openBrowser } from "../support/browser.ts";
import { whenFileEnds } from "../support/cleanup.ts";
import { createContext, type TestContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";

const day = "2026-11-19";
const abstract =
  "We hear speech from a quay at $O(n \\log n)$ cost. It is done with care and at length, so that the abstract is longer than what a card shows of it. Boats drift by all the while, and nobody minds. Then night falls over the harbour and the recordings end, one after the other, as they must in such a place. We thank the crew.";

describe.skipIf(!hasBrowser)("the site in a real browser", () => {
  let context: TestContext;
  let browser: Browser;
  let url = "";
  let reader = 0;

  beforeAll(async () => {
    context = await createContext({}, "2026-11-20T10:00:00Z");
    const authors = Array.from({ length: 12 }, (_, at) => `Author ${at}`);
    const listings = [{ source: "huggingface", section: "", kind: "daily" as const, date: "2026-11-20" }];
    const shared = { abstract, authors, listings, publishedOn: day, comments: 2, organization: "Northgate" };
    await addPapers(
      context,
      paper({ arxivId: "2611.97001", title: "Speech in small harbours", upvotes: 12, ...shared }),
      ...Array.from({ length: 30 }, (_, at) => paper({ title: `Speech & boats, part ${at}`, upvotes: at, ...shared })),
    );
    reader = await addReader(context, { email: "ada@example.org", interests: "speech\nboats -harbours" });
    const site = await listen(createApp(context), "127.0.0.1", 0, "PORT");
    whenFileEnds(site.close);
    url = `http://127.0.0.1:${site.port}`;
    browser = await openBrowser();
  });

  async function open(options: Parameters<Browser["newPage"]>[0] = {}): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser.newPage(options);
    const complaints: string[] = [];
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    return { page, complaints };
  }

  async function axe(page: Page, options = {}): Promise<unknown[]> {
    // Papers behind the third of a list are made like the first ones.
    const context = { exclude: [[".paper ~ .paper ~ .paper ~ .paper"]] };
    // The script is put in through the driver: the page's own policy lets no foreign script in.
    const script = `${AxeBuilder.source}; axe.run(${JSON.stringify(context)}, ${JSON.stringify(options)})`;
    const results = (await page.evaluate(script)) as {
      violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
    };
    return results.violations.map((it) => [it.id, it.nodes.map((node) => [node.html, node.failureSummary])]);
  }

  const token = (purpose: "preferences" | "unsubscribe") => deriveToken(context.config.secret, purpose, reader);
  const paths = () => [
    "/",
    "/papers",
    "/papers?q=speech",
    "/papers?q=submarines",
    "/papers?q=%28speech",
    "/papers?date=2026-11-20",
    "/papers/2611.97001",
    "/subscribe",
    "/subscribe?interests=speech%0Asubmarines%0A%28quay",
    "/preferences",
    `/preferences/${token("preferences")}/why?paper=2611.97001`,
    `/preferences/${token("preferences")}/erase`,
    `/unsubscribe/${token("unsubscribe")}`,
    "/docs",
    "/nowhere",
  ];

  test("every page is accessible in the light and in the dark, fits phones and desks, and breaks no rule of its own policy", async () => {
    const { page, complaints } = await open({ viewport: { width: 320, height: 800 } });
    for (const path of paths()) {
      await page.emulateMedia({ colorScheme: "light" });
      await page.goto(url + path);
      expect(await axe(page), path).toEqual([]);
      // What the dark changes is colours.
      await page.emulateMedia({ colorScheme: "dark" });
      expect(await axe(page, { runOnly: ["color-contrast"] }), `${path} in the dark`).toEqual([]);
      for (const width of [320, 768, 1440]) {
        await page.setViewportSize({ width, height: 800 });
        expect(await page.evaluate("document.documentElement.scrollWidth"), `${path} at ${width}`).toBe(width);
      }
    }
    expect(complaints.filter((it) => !it.includes("404"))).toEqual([]);
  });

  test("what is typed is tried at once, said to screen readers, and mended by one tap", async () => {
    const { page, complaints } = await open();
    await page.goto(`${url}/subscribe`);
    await page.locator("#interests").pressSequentially("speech");
    const status = page.getByRole("status");
    await expect.poll(() => status.textContent()).toMatch(/^31 papers last week would have matched/);
    await page.locator("#interests").fill("speech submarines");
    await expect.poll(() => status.textContent()).toMatch(/^No paper last week would have matched/);
    await page.locator("#preview-panel button.chip").first().click();
    expect(await page.inputValue("#interests")).toBe("speech");
    await expect.poll(() => status.textContent()).toMatch(/^31 papers/);
    expect(await page.locator(".best li").count()).toBe(5);
    expect(await page.locator(".best mark").first().textContent()).toMatch(/speech/i);
    expect(page.url()).toBe(`${url}/subscribe`);
    expect(complaints).toEqual([]);
  });

  test("the same goes without script, by a button", async () => {
    const { page } = await open({ javaScriptEnabled: false });
    await page.goto(`${url}/subscribe`);
    await page.fill("#email", "bob@example.org");
    await page.fill("#interests", "speech submarines");
    await page.getByRole("button", { name: "Preview" }).click();
    expect(await page.textContent("#preview-count")).toMatch(/^No paper last week/);
    await page.locator("#preview-panel button.chip").first().click();
    expect(await page.inputValue("#interests")).toBe("speech");
    expect(await page.inputValue("#email")).toBe("bob@example.org");
    await page.getByRole("button", { name: "Send me papers" }).click();
    expect(await page.textContent("h1")).toBe("Look into your mail");
  });

  test("what was marked is marked no more once it is mended", async () => {
    const { page } = await open();
    await page.goto(`${url}/subscribe`);
    await page.fill("#email", "ada@lab");
    await page.fill("#interests", '"speech');
    await page.getByRole("button", { name: "Send me papers" }).click();
    expect(await page.locator("[aria-invalid=true]").count()).toBe(2);
    await page.fill("#email", "ada@lab.example");
    expect(await page.locator("#email-error").count()).toBe(0);
    expect(await page.getByRole("alert").count()).toBe(1);
    await page.fill("#interests", "speech");
    expect(await page.locator("[aria-invalid=true], #interests-error").count()).toBe(0);
    expect(await page.getByRole("alert").count()).toBe(0);
  });

  test("an address and the Enter key are enough", async () => {
    const { page } = await open();
    await page.goto(url);
    await page.fill("#email", "carla@example.org");
    await page.keyboard.press("Enter");
    await page.waitForURL(`${url}/subscribe`);
    expect(await page.textContent("h1")).toBe("Look into your mail");
  });

  test("an abstract and the names open in place by the keyboard alone, without script", async () => {
    const { page } = await open({ javaScriptEnabled: false });
    await page.goto(`${url}/papers`);
    const card = page.locator(".paper").first();
    await card.locator(".names summary").focus();
    await page.keyboard.press("Enter");
    expect(await card.getByRole("link", { name: "Author 11" }).isVisible()).toBe(true);
    await card.locator("summary", { hasText: "Whole abstract" }).focus();
    await page.keyboard.press("Enter");
    expect(await card.getByText("We thank the crew").isVisible()).toBe(true);
    expect(page.url()).toBe(`${url}/papers`);
  });

  test("the first view of the front page is small, and comes from nowhere else", async () => {
    const { page } = await open();
    const client = await page.context().newCDPSession(page);
    await client.send("Network.enable");
    let bytes = 0;
    let script = 0;
    const scripts = new Set<string>();
    const hosts = new Set<string>();
    client.on("Network.responseReceived", ({ requestId, response, type }) => {
      if (response.url.startsWith("http")) hosts.add(new URL(response.url).host);
      if (type === "Script") scripts.add(requestId);
    });
    client.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      bytes += encodedDataLength;
      if (scripts.has(requestId)) script += encodedDataLength;
    });
    await page.goto(url, { waitUntil: "networkidle" });
    expect([...hosts]).toEqual([new URL(url).host]);
    expect(bytes).toBeLessThan(60_000);
    expect(scripts.size).toBeGreaterThan(0);
    expect(script).toBeLessThan(15_000);
  });
});
