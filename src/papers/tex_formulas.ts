/** A formula with its signs: `from` and `to` hold what is inside, `end` is behind the closing sign. */
export type Formula = { from: number; to: number; end: number; display: boolean };

/** Where the groups and formulas of a text are, each by the place where it opens. */
export type Structure = { closing: Map<number, number>; formulas: Map<number, Formula> };

/** How deep groups are followed. Deeper, braces are only signs: nobody writes that, and it would cost time and stack. */
export const deepest = 50;

/** A formula in a title or an abstract is shorter. */
const longest = 5000;

/** Finds the braces that are closed, and what stands in `$...$`, `$$...$$`, `\(...\)` and `\[...\]`. */
export function structureOf(text: string): Structure {
  const structure: Structure = { closing: new Map(), formulas: new Map() };
  const open: number[] = [];
  // Dollars belong together within their group: `$\mbox{\boldmath $Y$}$` is a formula in a formula.
  const dollars: number[][] = [[]];
  const bracket = { at: 0, depth: 0, closing: "" };
  for (const { 0: sign, index } of text.matchAll(/[{}$]|\\[\s\S]/g)) {
    if (sign === "{") open.push(index);
    else if (sign === "}" && open.length > 0) {
      const inside = dollars[open.length];
      if (inside) pairDollars(text, inside, structure.formulas);
      dollars.length = Math.min(dollars.length, open.length);
      structure.closing.set(open.pop() as number, index);
    } else if (sign === "$" && open.length <= deepest) {
      while (dollars.length <= open.length) dollars.push([]);
      dollars[open.length]?.push(index);
    } else if (sign === "\\(" || sign === "\\[")
      Object.assign(bracket, { at: index, depth: open.length, closing: sign === "\\(" ? "\\)" : "\\]" });
    else if (sign === bracket.closing && bracket.depth === open.length && index - bracket.at < longest) {
      const display = sign === "\\]";
      structure.formulas.set(bracket.at, { from: bracket.at + 2, to: index, end: index + 2, display });
      bracket.closing = "";
    }
  }
  // What is left stands in no group, or in groups that nobody closed, which are none.
  pairDollars(text, dollars.flat(), structure.formulas);
  return structure;
}

/**
 * Dollars are signs of formulas and of money, and some were forgotten. Of all the ways to pair neighbours or leave them
 * alone, the one is taken that looks least odd altogether, so that one stray dollar doesn't turn a text inside out.
 */
function pairDollars(text: string, dollars: number[], formulas: Map<number, Formula>): void {
  const place = (index: number) => dollars[index] ?? Number.POSITIVE_INFINITY;
  const doubled = (index: number) => place(index + 1) === place(index) + 1;
  const cost = new Float64Array(dollars.length + 4);
  const taken = new Uint8Array(dollars.length);
  for (let index = dollars.length - 1; index >= 0; index--) {
    const alone = oddnessAlone(text, place(index)) + (cost[index + 1] as number);
    const paired = oddness(text, place(index) + 1, place(index + 1)) + (cost[index + 2] as number);
    const display = doubled(index) && doubled(index + 2);
    const displayed = display
      ? oddness(text, place(index + 1) + 1, place(index + 2)) + (cost[index + 4] as number)
      : Number.POSITIVE_INFINITY;
    cost[index] = Math.min(alone, paired, displayed);
    taken[index] = cost[index] === alone ? 1 : cost[index] === paired ? 2 : 4;
  }
  for (let index = 0; index < dollars.length; index += taken[index] as number) {
    const size = taken[index] === 4 ? 2 : 1;
    const to = place(index + size);
    if (taken[index] !== 1)
      formulas.set(place(index), { from: place(index) + size, to, end: to + size, display: size === 2 });
  }
}

/** A price is nothing odd, a currency or a variable a little. Anything else is a sign whose partner is missing. */
function oddnessAlone(text: string, at: number): number {
  const around = text.slice(Math.max(0, at - 1), at + 3);
  if (/\$\s?\d/.test(around)) return 0;
  if (/[A-Za-z]\$[A-Za-z]/.test(around)) return 0.5;
  if (/\$[A-Za-z]/.test(around)) return 1;
  return /^\d/.test(around) ? 1.5 : 3;
}

function oddness(text: string, from: number, to: number): number {
  if (to - from > longest) return Number.POSITIVE_INFINITY;
  if (to === from) return 2;
  const inside = text.slice(from, to);
  const [before = "", after = ""] = [text[from - 2], text[to + 1]];
  let odd = 0;
  // Spaces are inside where the dollar was meant to close, or to open, another formula.
  if (/^\s/.test(inside)) odd += /[\p{L}\p{N}]/u.test(before) ? 2 : 0.5;
  if (/\s$/.test(inside)) odd += /[\p{L}\p{N}]/u.test(after) ? 2 : 0.5;
  if (/[.;:]\s+\p{Lu}\p{Ll}/u.test(inside)) odd += 2;
  const price = /^\s?\d/.test(inside);
  if (price && /\d/.test(after)) odd += 2;
  const words = /[A-Za-z]{3}/.test(inside) ? countWords(inside) : 0;
  const mathematical = /[\\^_<>=]/.test(inside);
  const inWord = /\p{L}/u.test(after) && (price || /\p{L}/u.test(before));
  if (!mathematical && ((price && words > 0) || (inWord && /\S\s+\S/.test(inside)))) odd += 2;
  return odd + words * (mathematical ? 1.5 : /\s/.test(inside) ? 2 : 0.5);
}

/** Words of prose, neither names of functions nor in a command. */
function countWords(inside: string): number {
  const bare = inside.replace(/\\[A-Za-z]+|\{[^{}]*\}/g, " ");
  return bare.match(/(?<![\p{L}\p{N}_^])\p{L}{3,}(?![\p{L}\p{N}(_^])/gu)?.length ?? 0;
}

const relations = "∼≈≤≥≠≡≃≅∈∉∋⊂⊆⊃⊇→←↔↦⇒⇔⟹⟺≪≫≲≳∝±×⋅∪∩∧∨⊕⊗∣";
const afterRelation = new RegExp(`(?<=[^\\s=<>,([{])([${relations}]) (?=[^\\s/])`, "g");
const beforeRelation = new RegExp(` ([${relations}])(?=[^\\s)\\]}])`, "g");

/** Spaces in a formula only part commands from letters. Signs of relation have them on both sides, or on none. */
export function tidy(formula: string): string {
  return formula
    .replace(/\s+/g, " ")
    .trim()
    .replace(/(?<=^|[=<>,([{])([∼≈≤≥<>±≲≳≪≫×]) (?=\S)/g, "$1")
    .replace(afterRelation, " $1 ")
    .replace(beforeRelation, " $1 ")
    .replaceAll("∣", "|");
}
