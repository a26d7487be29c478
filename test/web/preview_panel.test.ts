import { expect, test } from "vitest";
import type { InterestPreview } from "../../src/interests/preview.ts";
import { previewPanel } from "../../src/web/preview_panel.ts";

const day = { date: Temporal.PlainDate.from("2026-11-20"), hits: 3 };
const interest: InterestPreview = {
  ...{ typed: "speech", also: [], lastWeek: 3, lastMonth: 3, days: [day], best: [], mends: [] },
  ...{ trouble: undefined, cutShort: false },
};

test.each([true, false])("whether an interest was looked at to the end is told (cut short: %s)", async (cutShort) => {
  const counts = { errors: [], lastWeek: 3, lastMonth: 3, days: [day], papers: 90 };
  const page = await previewPanel({ ...counts, interests: [{ ...interest, cutShort }] }, "/subscribe");
  expect(page.toString().includes("took too long")).toBe(cutShort);
  expect(page.toString().includes("3 in 30 days")).toBe(cutShort);
});
