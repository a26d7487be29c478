import type { Sql } from "../db.ts";

export type Piece = { text: string; hit: boolean };

/** Signs of the private use area: no paper has them, and they are taken out if one does. */
const opening = "\ue000";
const closing = "\ue001";

/** Marks the words of each text that its query hits. Answers the texts in pieces, in order. */
export async function markHits(sql: Sql, texts: { text: string; queryId: number | null }[]): Promise<Piece[][]> {
  const clean = texts.map((it) => it.text.replace(/[\ue000\ue001]/g, ""));
  const marked = await sql<{ ordinal: number; marked: string }[]>`
    select t.ordinal, ts_headline('paper_words', t.text, q.expression,
      ${`HighlightAll=true, StartSel=${opening}, StopSel=${closing}`}) as marked
    from unnest(${clean}::text[], ${texts.map((it) => it.queryId)}::bigint[]) with ordinality as t (text, query_id, ordinal)
    join queries q on q.id = t.query_id`;
  const byOrdinal = new Map(marked.map((row) => [row.ordinal, row.marked]));
  return clean.map((text, index) => pieces(byOrdinal.get(index + 1) ?? text));
}

/** The sentence with the most hits, and the next where it is short: what a reader needs to see why. */
export function excerpt(marked: Piece[], shortest = 160, longest = 420): Piece[] {
  const text = marked.map((piece) => (piece.hit ? `${opening}${piece.text}${closing}` : piece.text)).join("");
  const sentences = [...new Intl.Segmenter("en", { granularity: "sentence" }).segment(text)].map((it) => it.segment);
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
