import { readFileSync } from "node:fs";
import fc from "fast-check";
import mustache from "mustache";
import { expect, test } from "vitest";
import { textOf } from "../../src/delivery/content.ts";
import { prepare } from "../../src/delivery/fill.ts";
import { wrap } from "../../src/delivery/wrap.ts";

const template = (type: string) => readFileSync(new URL(`../../emails/digest.${type}`, import.meta.url), "utf8");
const write = (value: unknown) => `«${value}»`;

/** One line of a value, as the text's values are. */
const line = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", "é", " ", "{{title}}", "{{/paper}}", "=", "word ", ".", "*"), minLength: 1 }),
  fc.constant("some words that go on ".repeat(9)),
);
const maybe = fc.option(line, { nil: undefined });
const paper = fc.record({
  title: line,
  url: line,
  authors: fc.oneof(line, fc.constant("")),
  details: fc.oneof(line, fc.constant("")),
  interest: maybe,
  also: maybe,
  excerpt: fc.array(fc.record({ text: line, hit: fc.boolean() })),
  excerptText: fc.oneof(line, fc.constant("")),
  links: fc.array(fc.record({ label: line, url: line }), { maxLength: 3 }),
});

/** Digests of a few papers that they have in common, each with what is its reader's own. */
const digests = fc.array(paper, { minLength: 1, maxLength: 3 }).chain((papers) => {
  const entry = fc.record({
    paper: fc.constantFrom(...papers),
    taste: maybe,
    moreLikeUrl: maybe,
    lessLikeUrl: maybe,
  });
  const entries = fc.array(entry, { maxLength: 4 });
  const list = <Item>(item: fc.Arbitrary<Item>) => fc.option(fc.array(item, { maxLength: 2 }), { nil: undefined });
  const view = fc.record({
    introduction: maybe,
    papers: entries,
    trending: entries,
    nearMisses: list(fc.record({ title: line, url: line, why: line })),
    notes: list(fc.record({ text: line, title: line, url: line })),
    more: maybe,
    moreUrl: line,
    receipt: line,
    problems: list(line),
  });
  return fc.array(view, { minLength: 1, maxLength: 4 });
});

test("whatever digests share, each says what mustache makes of its own view", () => {
  const [plain, html] = [template("txt"), template("mjml")];
  const text = prepare(plain, { value: write, lines: wrap });
  const page = prepare(html, { value: write, lines: (it) => it });
  fc.assert(
    fc.property(digests, (views) => {
      for (const view of views) {
        const expected = (source: string) => mustache.render(source, view, {}, { escape: write });
        expect(textOf(text(view))).toBe(wrap(expected(plain)));
        expect(textOf(page(view)).replace(/\s+/g, "")).toBe(expected(html).replace(/\s+/g, ""));
      }
    }),
    { numRuns: 500 },
  );
});
