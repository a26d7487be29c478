import { html, raw } from "hono/html";
import temml from "temml";
import type { Piece } from "../interests/marks.ts";
import { texToUnicode } from "../papers/tex.ts";
import { structureOf } from "../papers/tex_formulas.ts";
import type { Html } from "./page.ts";

/**
 * A title or an abstract as it is shown. Each formula stands in `text` as one sign of the private use area, so that words can be
 * marked and sentences cut out without cutting a formula; `formulas` has the mathematics for each sign.
 */
export type PaperText = { text: string; formulas: Html[] };

const firstSign = 0xe100;
const formulaSigns = /([\ue100-\uf4ff])/;

/** What is set as mathematics in one text, at most: beyond that it stays as plain letters. */
const most = { formulas: 200, letters: 4000, lettersOfOne: 1000 };

/** Reads a text with TeX. Whatever can't be set is Unicode, as in mails. */
export function readPaperText(source: string): PaperText {
  const clean = source.replace(/[\ue000-\uf8ff]/g, "");
  if (!/\$|\\[([]/.test(clean)) return { text: texToUnicode(clean), formulas: [] };
  const formulas: Html[] = [];
  let letters = 0;
  let text = "";
  let at = 0;
  for (const [start, { from, to, end, display }] of [...structureOf(clean).formulas].sort(
    ([one], [other]) => one - other,
  )) {
    if (start < at) continue;
    letters += to - from;
    const isBounded = formulas.length < most.formulas && letters <= most.letters && to - from <= most.lettersOfOne;
    const mathematics = isBounded ? toMathematics(clean.slice(from, to), clean.slice(start, end), display) : undefined;
    if (!mathematics) continue;
    text += clean.slice(at, start) + String.fromCharCode(firstSign + formulas.length);
    formulas.push(mathematics);
    at = end;
  }
  return { text: texToUnicode(text + clean.slice(at)), formulas };
}

/** Numbers and signs look best in the letters of the text around them. */
const plain = /^[\d.,%×+\-−–~≈<>=±/ ]*$/;

function toMathematics(inside: string, whole: string, display: boolean): Html | undefined {
  if (plain.test(texToUnicode(whole))) return undefined;
  try {
    const set = temml.renderToString(inside, {
      throwOnError: true,
      maxExpand: 100,
      maxSize: [5, 5],
      displayMode: display,
    });
    // The site's policy lets no style stand in an attribute.
    return raw(set.replace(/ style="[^"]*"/g, ""));
  } catch {
    return undefined;
  }
}

/** The text with its mathematics, without marks. */
export function showText({ text, formulas }: PaperText): Html {
  return showPieces([{ text, hit: false }], formulas);
}

/** Pieces of a text, with what hit marked. */
export function showPieces(pieces: Piece[], formulas: Html[]): Html {
  return html`${pieces.map((piece) => (piece.hit ? html`<mark>${withFormulas(piece.text, formulas)}</mark>` : withFormulas(piece.text, formulas)))}`;
}

function withFormulas(text: string, formulas: Html[]): Html | string {
  if (!formulaSigns.test(text)) return text;
  return html`${text.split(formulaSigns).map((part, at) => (at % 2 === 1 ? (formulas[part.charCodeAt(0) - firstSign] ?? "") : part))}`;
}
