import { expect, test } from "vitest";
import { excerpt } from "../../src/interests/excerpt.ts";
import type { Piece } from "../../src/interests/marks.ts";

const text = (pieces: Piece[]) => pieces.map((piece) => piece.text).join("");

test("the sentence with the most hits is chosen, and the next one where it is short", () => {
  const marked = [
    { text: "A first sentence about nothing. Then ", hit: false },
    { text: "speech", hit: true },
    { text: " and ", hit: false },
    { text: "robots", hit: true },
    { text: ". And what follows it.", hit: false },
  ];
  const pieces = excerpt(marked);
  expect(text(pieces)).toBe("Then speech and robots. And what follows it.");
  expect(pieces.filter((piece) => piece.hit).map((piece) => piece.text)).toEqual(["speech", "robots"]);
});

test("a text without spaces or sentences is cut at the limit, and a mark that the cut goes through stays closed", () => {
  expect(text(excerpt([{ text: "语".repeat(3000), hit: false }]))).toBe(`${"语".repeat(420)}…`);
  const pieces = excerpt([{ text: "语".repeat(3000), hit: true }]);
  expect(pieces.every((piece) => !/[\ue000\ue001]/.test(piece.text))).toBe(true);
});
