import { expect, test } from "vitest";
import * as confirm from "../../emails/confirm.ts";
import * as digest from "../../emails/digest.ts";
import { compileTemplates } from "../../src/delivery/templates.ts";

const templates = await compileTemplates();

test("every template fills from each of its examples, with nothing left to fill", () => {
  const filled = [...digest.examples.map(templates.digest), ...confirm.examples.map(templates.confirm)];
  for (const { subject, html, text } of filled) {
    expect(subject.length).toBeGreaterThan(10);
    expect(`${subject}${html}${text}`).not.toMatch(/\{\{|\}\}|undefined|\[object/);
    for (const line of text.split("\n")) if (!line.includes("http")) expect(line.length).toBeLessThanOrEqual(72);
  }
});

test("a subject is at most sixty characters and cut between words", () => {
  const view = digest.examples[0] as digest.DigestView;
  const long = {
    ...view.papers[0],
    title: "A rather long title about speech in small harbours and the boats that leave them",
  } as digest.PaperView;
  const subject = digest.subject({ ...view, papers: [long, long] });
  expect(subject).toBe("A rather long title about speech in small… +2 more");
  expect(digest.subject({ ...view, papers: [long], trending: [] }).length).toBeLessThanOrEqual(60);
});

test("an emoji at the cut is kept whole or left out", () => {
  const view = digest.examples[0] as digest.DigestView;
  const title = `${"👩‍🔬".repeat(70)}`;
  const subject = digest.subject({ ...view, papers: [{ ...view.papers[0], title } as digest.PaperView], trending: [] });
  expect(subject.isWellFormed()).toBe(true);
  expect(subject.replaceAll("👩‍🔬", "")).toBe("…");
});
