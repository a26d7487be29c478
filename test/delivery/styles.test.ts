import { expect, test } from "vitest";
import { compileTemplates, type Filled, inOnePiece, mails } from "../../src/delivery/templates.ts";

/** How Gmail, Apple Mail, Outlook for Windows (Word's engine) and Yahoo take it: `y` yes, `p` in part, `n` no, as caniemail.com tells. */
type Support = `${Letter}${Letter}${Letter}${Letter}`;
type Letter = "y" | "p" | "n";

/**
 * What the styles of mails may use. Where a client lacks something, the reason says what its reader sees instead; it must be as
 * easy to read. What is not here is to be looked up first.
 */
const allowed: Record<string, Support | [Support, string]> = {
  color: "yyyy",
  "background-color": ["yypy", "Word: not on body, but the cells and words that have it are drawn"],
  background: ["yypp", "only a colour is given, which all of them take"],
  "font-family": "yyyy",
  "font-size": "yyyy",
  "font-style": "yyyy",
  "font-weight": ["pyyy", "only normal and bold are given"],
  "line-height": ["yypy", "Word: measured from its own letters, so lines stand a little wider or closer"],
  "text-align": "yyyy",
  "text-decoration": "yyyy",
  "text-transform": "yyyy",
  "text-wrap": ["nynn", "a title may leave one word on its last line"],
  "word-break": [
    "ppyn",
    "a word longer than a phone is wide makes the mail scroll, or is broken by the client's own rule",
  ],
  direction: "yyyy",
  "vertical-align": "yyyy",
  margin: ["pypy", "none is negative; Word has no auto, so a sheet narrower than the window stands at its left"],
  padding: ["yypy", "Word: in cells alone; borders of headings stand closer to their words"],
  border: ["yypy", "Word: may leave out hairlines of a div, beside which there is white space"],
  "border-top": ["yypy", "as border"],
  "border-bottom": ["yypy", "as border"],
  "border-color": ["yypy", "as border"],
  "border-radius": ["yyny", "Word: the button has square corners"],
  "border-collapse": "yyyy",
  display: [
    "pypp",
    "only none, block and inline-block; Word lays links out in the line, which wraps wherever there is room",
  ],
  width: ["yypy", "Word: the width stands in an attribute, too"],
  "max-width": ["yyny", "Word: the comments for it set the width in a table"],
  height: ["yypy", "only auto, of pictures; there is none"],
  "max-height": ["yyny", "of the hidden line alone, which mso-hide hides from Word"],
  overflow: ["yyny", "as max-height"],
  outline: ["pnnn", "only of pictures; there is none"],
  "word-spacing": ["pppp", "only normal, as it is anyway"],
  cursor: ["pynn", "the arrow stays an arrow"],
  "color-scheme": ["nynn", "the client's own dark mode, or none"],
};

/** For one engine each; the others pass them over. */
const ownOfOne = /^(mso-[a-z-]+|-ms-[a-z-]+|-webkit-text-size-adjust)$/;

const templates = await compileTemplates();
const filled = Object.entries(mails).flatMap(([name, { examples }]) => {
  const fill = templates[name as keyof typeof mails] as (view: object) => Filled;
  return examples.map((example) => ({ name, ...inOnePiece(fill(example)) }));
});

/** Every declaration of a mail, those for Word alone included. */
function declarations(html: string): { property: string; value: string; selector: string }[] {
  const inline = html
    .matchAll(/<(\w+)[^>]* style="([^"]*)"/g)
    .map(([, tag = "", css = ""]) => ({ selector: tag, css }));
  const inHead = html
    .matchAll(/<style[^>]*>(.*?)<\/style>/gs)
    .flatMap(([, css = ""]) => css.matchAll(/([^{}]*)\{([^{}]*)\}/g))
    .map(([, selector = "", css = ""]) => ({ selector, css }));
  return [...inline, ...inHead].flatMap(({ selector, css }) =>
    css
      .split(";")
      .filter((it) => it.includes(":"))
      .map((it) => {
        const colon = it.indexOf(":");
        return { selector, property: it.slice(0, colon).trim(), value: it.slice(colon + 1).trim() };
      }),
  );
}

const all = filled.flatMap(({ html }) => declarations(html));

test("mails use no style but those whose support is known, and the list has none that is not used", () => {
  const used = new Set(all.map((it) => it.property).filter((property) => !ownOfOne.test(property)));
  expect([...used].sort()).toEqual(Object.keys(allowed).sort());
});

test("where a client lacks a style, it is said what its reader sees instead", () => {
  for (const [property, known] of Object.entries(allowed)) {
    const [support, without] = typeof known === "string" ? [known, ""] : known;
    expect([property, without !== "" || support === "yyyy"]).toEqual([property, true]);
  }
});

test("values are those that the clients take", () => {
  for (const { property, value, selector } of all) {
    const it = `${selector} { ${property}: ${value} }`;
    expect(it).not.toMatch(/url\(|var\(|calc\(|expression|position:|float:/);
    if (property === "display") expect(it).toMatch(/: (none|block|inline-block)( !important)? }$/);
    if (property.startsWith("margin")) expect(it).not.toMatch(/: .*-\d/);
    if (property.startsWith("background")) expect(it).toMatch(/: #[0-9a-f]{6}( !important)? }$/);
    if (property === "font-weight") expect(it).toMatch(/: (normal|bold) }$/);
    for (const [, width] of property.startsWith("border") ? value.matchAll(/(\d+)px/g) : [])
      expect(Number(width), it).toBeLessThanOrEqual(8);
  }
});

test("rules of the head only add to what every element says itself: Gmail drops a whole sheet over one fault or 16 KB of it", () => {
  for (const { name, html } of filled) {
    const sheets = [...html.matchAll(/<style[^>]*>(.*?)<\/style>/gs)].map(([, css = ""]) => css);
    expect(sheets.join("").length, name).toBeLessThan(16_000);
    for (const css of sheets) {
      expect(css.split("{").length, name).toBe(css.split("}").length);
      expect(css, name).not.toMatch(/@(import|font-face|charset|supports)/);
    }
  }
});
