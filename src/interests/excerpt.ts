import type { Piece } from "./marks.ts";

/** Signs of the private use area, which stand for the ends of a hit while sentences are counted out. */
const opening = "\ue000";
const closing = "\ue001";

const sentencesOf = new Intl.Segmenter("en", { granularity: "sentence" });

/** The sentence with the most hits, and the next where it is short: what a reader needs to see why. */
export function excerpt(marked: Piece[], shortest = 160, longest = 420): Piece[] {
  const text = marked.map((piece) => (piece.hit ? `${opening}${piece.text}${closing}` : piece.text)).join("");
  const sentences = [...sentencesOf.segment(text)].map((it) => it.segment);
  const hits = sentences.map((sentence) => sentence.split(opening).length - 1);
  const best = Math.max(0, hits.indexOf(Math.max(...hits, 0)));
  let chosen = "";
  for (let at = best; at < sentences.length && chosen.length < shortest; at++) chosen += sentences[at];
  return pieces(cut(chosen.replace(/\s+/g, " ").trim(), longest));
}

function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const space = text.lastIndexOf(" ", longest);
  const short = text.slice(0, space > longest / 2 ? space : longest).toWellFormed();
  const open = short.lastIndexOf(opening) > short.lastIndexOf(closing);
  return `${short}${open ? closing : ""}…`;
}

function pieces(text: string): Piece[] {
  return text
    .split(/(\ue000[^\ue001]*\ue001)/)
    .map((part) => ({ text: part.replace(/[\ue000\ue001]/g, ""), hit: part.startsWith(opening) }))
    .filter((piece) => piece.text);
}
