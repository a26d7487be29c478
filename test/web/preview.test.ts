import { expect, test } from "vitest";
import { createApp } from "../../src/web/app.ts";
import { Gate } from "../../src/web/gate.ts";
import { createContext } from "../support/context.ts";
import { addPapers, paper } from "../support/make.ts";

async function site() {
  const context = await createContext({}, "2026-11-20T10:00:00Z");
  const app = createApp(context);
  const preview = async (form: Record<string, string>, headers: Record<string, string> = {}) =>
    (await app.request("/preview", { method: "POST", body: new URLSearchParams(form), headers })).text();
  return { context, app, preview };
}

const speech = (publishedOn = "2026-11-19") =>
  paper({ title: "Speech & boats", abstract: "Nothing. We hear speech from a quay.", publishedOn });

test("the plain button brings the form as it was filled in, and what it would have brought", async () => {
  const { context, preview } = await site();
  await addPapers(context, speech(), speech("2026-11-01"));
  const body = await preview({ email: "ada@example.org", interests: "speech", hour: "18", timezone: "Asia/Tokyo" });
  expect(body).toContain("1 paper last week would have matched, 2 in the last 30 days.");
  expect(body).toContain('value="ada@example.org"');
  expect(body).toContain('<option value="18" selected>');
  expect(body).toContain('aria-label="2 papers in 30 days, at most 1 on one day"');
  expect(body).toContain("<mark>Speech</mark> &amp; boats");
  expect(body).toContain("We hear <mark>speech</mark> from a quay.");
  expect(body).toContain(
    "The next three: Saturday 21 November at 18:00; Sunday 22 November at 18:00; Monday 23 November at 18:00.",
  );
  const [row] = await context.sql`select count(*)::int as subscribers from subscribers`;
  expect(row?.subscribers).toBe(0);
});

test("the site's script is sent the parts alone", async () => {
  const { context, preview } = await site();
  await addPapers(context, speech());
  const body = await preview({ interests: "speech" }, { "x-parts": "1" });
  expect(body).toMatch(/^<p id="preview-count" role="status" data-part>1 paper last week/);
  expect(body).not.toContain("<form");
});

test("one tap puts a mend in the place of the line it is for, keeps the others, and adds a suggestion", async () => {
  const { preview } = await site();
  const change = (from: string, to: string) => JSON.stringify([from, to]);
  const mended = await preview({
    interests: "boats\r\nsubmarines quay \r\nharbours",
    change: change("submarines quay", "quay"),
  });
  expect(mended).toContain(">\nboats\nquay\nharbours</textarea>");
  expect(await preview({ interests: "boats\n", change: change("", '"fold laundry"') })).toContain(
    ">\nboats\n&quot;fold laundry&quot;</textarea>",
  );
  expect(await preview({ interests: "boats", change: "nonsense" })).toContain(">\nboats</textarea>");
});

test("what finds nothing comes with buttons that mend it, and what can't be read with its place", async () => {
  const { context, preview } = await site();
  await addPapers(context, speech());
  const body = await preview({ interests: 'boats submarines\n(speech OR "quay' });
  expect(body).toContain("It found nothing in 30 days. These would have:");
  expect(body).toContain('value="[&quot;boats submarines&quot;,&quot;boats&quot;]"');
  expect(body).toContain("<b>Line 2:</b> This quotation mark is not closed.");
  expect(body).toContain("(speech OR <mark>&quot;quay</mark>");
});

test("suggestions are what recent papers are about, and go on with the line that is typed", async () => {
  const { context, preview } = await site();
  const titled = (title: string) => paper({ title, publishedOn: "2026-11-18" });
  await addPapers(
    context,
    ...Array.from({ length: 5 }, () => titled("Speculative decoding")),
    ...Array.from({ length: 5 }, () => titled("Laundry folding")),
    ...Array.from({ length: 500 }, (_, at) => titled(`Paper ${at}`)),
  );
  const suggested = (body: string) => [...body.matchAll(/class="chip"[^>]*value="([^"]*)"/g)].map((it) => it[1]);
  expect(suggested(await preview({ interests: "spec" }, { "x-parts": "1" }))[0]).toBe(
    "[&quot;spec&quot;,&quot;\\&quot;speculative decoding\\&quot;&quot;]",
  );
  const typedBefore = await preview({ interests: "laundry folding\nspec", line: "0" }, { "x-parts": "1" });
  expect(suggested(typedBefore).join()).not.toContain("laundry");
});

test("who types nothing is told what they would get instead", async () => {
  const { context, app } = await site();
  await addPapers(context, paper({ title: "What others read", upvotes: 9 }));
  const body = await (await app.request("/subscribe")).text();
  expect(body).toContain("Without interests you get what others read");
  expect(body).toContain("What others read</a>");
});

test("a search or a paper fills the form in, and what it would bring is there at once", async () => {
  const { context, app } = await site();
  await addPapers(context, speech());
  const body = await (await app.request("/subscribe?interests=speech%0A%3C%2Ftextarea%3E")).text();
  expect(body).toContain(">\nspeech\n&lt;/textarea&gt;</textarea>");
  expect(body).toContain("1 paper last week would have matched");
});

test("so many previews run at a time, the others wait, and too many are sent away", async () => {
  const gate = new Gate(2);
  const ends: (() => void)[] = [];
  let running = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => ends.push(resolve));
    running--;
  };
  const runs = Array.from({ length: 53 }, () => gate.run(work));
  await expect(runs[52]).rejects.toThrow("Try again in a moment");
  for (let ended = 0; ended < 52; ended++) {
    await expect.poll(() => ends.length, { interval: 1 }).toBeGreaterThan(ended);
    ends[ended]?.();
  }
  await Promise.all(runs.slice(0, 52));
  expect(most).toBe(2);
});
