import { expect, test } from "vitest";
import { plan } from "../../src/digests/plan.ts";
import { match } from "../../src/interests/match.ts";
import { deriveToken } from "../../src/token.ts";
import { createApp } from "../../src/web/app.ts";
import { createContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";

test("a reader is told why a paper came, or did not, by its number or any address of it", async () => {
  const context = await createContext({}, "2026-11-20T10:00:00Z");
  const app = createApp(context);
  const get = async (path: string) => (await app.request(path)).text();
  await addPapers(
    context,
    paper({ arxivId: "2611.00001", title: "Speech in harbours" }),
    paper({ arxivId: "2611.00002", title: "Boats" }),
  );
  const reader = await addReader(context, { interests: "speech\nsubmarines", trending: "off" });
  await match(context);
  await plan(context);
  const here = `/preferences/${deriveToken(context.config.secret, "preferences", reader)}`;
  const why = async (asked: string) => get(`${here}/why?paper=${encodeURIComponent(asked)}`);
  for (const asked of [
    "2611.00001",
    "arXiv:2611.00001v2",
    "https://arxiv.org/pdf/2611.00001v1",
    "https://huggingface.co/papers/2611.00001",
  ]) {
    const body = await why(asked);
    expect(body, asked).toMatch(/role="status"><p><b>Speech in harbours<\/b><\/p><p>[^<]*No\. 1/);
    expect(body).toMatch(/<code>speech<\/code> <span class="details">hits it.*?is in the title/s);
  }
  expect(await why("2611.00002")).toContain("None of your interests hits it.");
  expect(await why("2611.99999")).toMatch(/role="alert">There is no paper 2611\.99999 here/);
  expect(await why("  ")).not.toContain('role="alert"');
  expect(await get(`${here}/why?paper=%ED%A0%80`)).toMatch(/role="alert">There is no paper/);
  expect(await why("\0")).not.toContain('role="alert"');
  for (const hostile of ["'; drop table papers", "<script>", "x".repeat(9000)])
    expect(await why(hostile), hostile.slice(0, 20)).toMatch(/role="alert">There is no paper/);
});
