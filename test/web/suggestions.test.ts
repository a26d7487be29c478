import { expect, test } from "vitest";
import { applyChange } from "../../src/web/suggestions.ts";

test.each([
  ["b", "boats\nb\nharbours", "boats\nship\nharbours"],
  ["b c", "boats\n  b\tc \nharbours", "boats\nship\nharbours"],
  ["gone", "boats\n\nharbours", "boats\nharbours\nship"],
  ["", "boats", "boats\nship"],
])("a change of %j stands in its place, or behind the others", (from, interests, changed) => {
  expect(applyChange(interests, JSON.stringify([from, "ship"]))).toBe(changed);
});

test("what is no button of ours changes nothing", () => {
  for (const change of ["", "{", "[1,2]", "null", '["b",""]']) expect(applyChange("b", change)).toBe("b");
});
