import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";
import { whenFileEnds } from "./cleanup.ts";

const executablePath = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  process.env.CHROMIUM ?? "",
].find((path) => path && existsSync(path));

/** Browser tests are left out on a machine without Chromium, unless BROWSER_TESTS says that they must run. */
export const hasBrowser = executablePath !== undefined || process.env.BROWSER_TESTS === "required";

/** Debian's Chromium without a window, and without its own traffic. */
export async function openBrowser(): Promise<Browser> {
  if (!executablePath) throw new Error("There is no Chromium: apt-get install -y chromium");
  const browser = await chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  whenFileEnds(() => browser.close());
  return browser;
}
