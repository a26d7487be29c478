import fc from "fast-check";
import { expect, test } from "vitest";
import { addressKey, parseAddress } from "../../src/subscribers/address.ts";

test.each([
  ["ada@example.org", "ada@example.org"],
  ["  Ada.Okafor+papers@Example.ORG ", "Ada.Okafor+papers@example.org"],
  ["o'brien@example.co.uk", "o'brien@example.co.uk"],
  ["josé@exämple.de", "josé@xn--exmple-cua.de"],
  [`${"a".repeat(64)}@example.org`, `${"a".repeat(64)}@example.org`],
])("%s is an address", (typed, expected) => {
  expect(parseAddress(typed)).toBe(expected);
});

test.each([
  ["", /Type the address/],
  ["ada", /name@example\.org/],
  ["ada@", /name@example\.org/],
  ["@example.org", /name@example\.org/],
  ["a@b.com\r\nBcc: x@y.z", /no spaces or line breaks/],
  ["a@b.com,c@d.e", /one address only/],
  ["a@b@c.de", /one address only/],
  [`${"a".repeat(400)}@example.org`, /longer than 64/],
  [`${"a".repeat(60)}@${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(60)}.${"e".repeat(60)}.org`, /longer than 254/],
  ["a..b@example.org", /sign that an address can't have/],
  ['"a b"@example.org', /no spaces/],
  ["<ada@example.org>", /sign that an address can't have/],
  ["ada@example", /no domain/],
  ["ada@-example.org", /no domain/],
  ["ada@[127.0.0.1]", /no domain/],
  ["ada@exam ple.org", /no spaces/],
  ["ada\u0000@example.org", /no spaces/],
])("%j is refused with a message", (typed, message) => {
  expect(() => parseAddress(typed)).toThrow(message);
});

test("what is taken for an address has no sign that could end a header or begin another recipient", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.emailAddress(),
        fc.string(),
        fc.string({ unit: "grapheme" }).map((it) => `${it}@example.org`),
      ),
      (typed) => {
        let address: string;
        try {
          address = parseAddress(typed);
        } catch {
          return;
        }
        expect(address).toMatch(/^[^\s,;<>"()[\]\\:]+@[a-z0-9.-]+$/u);
        expect(address.split("@")).toHaveLength(2);
      },
    ),
    { numRuns: 2000 },
  );
});

test("an address in another case is the same reader", () => {
  expect(addressKey("Ada@example.org")).toBe(addressKey("ADA@example.org"));
});
