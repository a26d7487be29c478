import { HtmlValidate } from "html-validate";
import { expect, test } from "vitest";
import { compileTemplates, type Filled, inOnePiece, mails } from "../../src/delivery/templates.ts";
import { plan } from "../../src/digests/plan.ts";
import { match } from "../../src/interests/match.ts";
import { deriveToken, issueTokens } from "../../src/token.ts";
import { createApp } from "../../src/web/app.ts";
import { createContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";

/** What the standard says, and no taste: how a tag is written is the formatter's matter. */
const validator = new HtmlValidate({
  extends: ["html-validate:standard"],
  rules: {
    "no-inline-style": "off",
    "long-title": "off",
    // "x" is a title as good as another: it is somebody's.
    "empty-title": "error",
  },
});

async function faultsOf(html: string): Promise<string[]> {
  const report = await validator.validateString(html);
  return report.results.flatMap((result) =>
    result.messages.map((it) => `${it.line}:${it.column} ${it.ruleId}: ${it.message} (${it.selector})`),
  );
}

test("what is not HTML as the standard has it is found", async () => {
  for (const wrong of [
    "<p><ul><li>x</li></ul></p>",
    '<a href="/"><button>x</button></a>',
    '<p id="a"></p><p id="a"></p>',
    "<b><i>x</b></i>",
  ])
    expect(
      (await faultsOf(`<!DOCTYPE html><html lang="en"><head><title>x</title></head><body>${wrong}</body></html>`))
        .length,
      wrong,
    ).toBeGreaterThan(0);
});

test("every page is HTML as the standard has it, whatever stands in papers and searches", async () => {
  const context = await createContext({}, "2026-11-20T10:00:00Z");
  const app = createApp(context);
  const nasty = `Speech <b>bold</b> & "quotes" 'x' $\\frac{a}{b} < c$ \\(x_{1}\\) </p></details>`;
  const listings = [{ source: "huggingface", section: "", kind: "daily" as const, date: "2026-11-20" }];
  const long = { abstract: `${nasty} `.repeat(12), authors: Array(9).fill(nasty), organization: nasty, listings };
  await addPapers(
    context,
    paper({ arxivId: "2611.10001", title: nasty, upvotes: 3, comments: 2, categories: ["cs.CL", "a<b"], ...long }),
    ...Array.from({ length: 30 }, (_, at) => paper({ title: `Speech & boats ${at}`, listings })),
  );
  const reader = await addReader(context, { email: "ada@example.org", interests: 'speech\n"a <b> & c"\nboats' });
  await match(context);
  await plan(context);
  const token = (purpose: "preferences" | "unsubscribe" | "fewer" | "resubscribe") =>
    deriveToken(context.config.secret, purpose, reader);
  const [digest] = await context.sql<{ id: number }[]>`select id from digests`;
  const digestToken = deriveToken(context.config.secret, "digest", digest?.id as number);
  await issueTokens(context.sql, context.clock(), [
    { token: digestToken, purpose: "digest", subscriberId: reader, subjectId: digest?.id as number },
  ]);
  const pages = [
    ...[
      "/",
      "/papers",
      "/papers?q=speech",
      "/papers?q=%28speech",
      "/papers?q=xylophone",
      "/papers?date=2026-11-20",
      "/papers?page=2",
    ],
    ...[
      "/papers/2611.10001",
      "/papers/nothing",
      "/subscribe",
      "/subscribe?interests=speech%0Axylophone%0A%28quay",
      "/preferences",
    ],
    ...["/docs", "/mailbox", "/nowhere", `/digests/${digestToken}`, `/preferences/${token("preferences")}`],
    ...[
      `/preferences/${token("preferences")}/why?paper=2611.10001`,
      `/preferences/${token("preferences")}/why?paper=nothing`,
      `/preferences/${token("preferences")}/erase`,
      `/unsubscribe/${token("unsubscribe")}`,
      `/fewer/${token("fewer")}`,
    ],
    ...[`/resubscribe/${token("resubscribe")}`, "/confirm/nothing"],
  ];
  for (const path of pages) expect([path, ...(await faultsOf(await (await app.request(path)).text()))]).toEqual([path]);
  const posts: [string, Record<string, string>][] = [
    ["/subscribe", { email: "<nobody>", interests: "(x\nspeech", hour: "99" }],
    ["/preview", { interests: "speech\nxylophone zebra" }],
    ["/preferences", { email: "x" }],
    [`/preferences/${token("preferences")}`, { interests: "(x", hour: "x" }],
    [`/preferences/${token("preferences")}/pause`, { until: "x" }],
    [`/preferences/${token("preferences")}/address`, { email: "x" }],
    [`/unsubscribe/${token("unsubscribe")}`, { by: "page" }],
  ];
  for (const [path, form] of posts) {
    const response = await app.request(path, { method: "POST", body: new URLSearchParams(form) });
    expect([path, ...(await faultsOf(await response.text()))]).toEqual([path]);
  }
});

test("every mail is HTML as the standard has it, but for what mail programs need", async () => {
  const templates = await compileTemplates();
  for (const [name, { examples }] of Object.entries(mails))
    for (const example of examples) {
      const { html } = inOnePiece((templates[name as keyof typeof mails] as (view: object) => Filled)(example));
      // Tables that lay out, and attributes for programs that know no styles.
      const faults = (await faultsOf(html)).filter(
        (it) => !/ (no-deprecated-attr|attribute-allowed-values|deprecated): /.test(it),
      );
      expect([name, ...faults]).toEqual([name]);
    }
});
