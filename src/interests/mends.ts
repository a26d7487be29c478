import type { Sql } from "../db.ts";
import { print } from "./canonical.ts";
import { toExpressions } from "./expression.ts";
import { findHits } from "./hits.ts";
import { countByDay, type Period } from "./hits_by_day.ts";
import { type Interest, type Node, tryInterest, type Words } from "./language.ts";
import { isLinking } from "./tokens.ts";

/** Another interest in place of one that hits too much or nothing, and how many papers of the month it hits. */
export type Mend = { typed: string; why: string; lastMonth: number };

const mostMends = 3;
/** So many words and phrases of an interest are looked at, and so many mends tried on the corpus, the likeliest first. */
const mostLeaves = 8;
const mostTried = 12;
/** How many of the best hits are read for the words that most of them share. */
const readTitles = 200;

/** Narrower interests: the words as a phrase, in titles only, with or without what many of the hits are about. */
export async function mendsForBroad(
  sql: Sql,
  interest: Interest & { typed: string },
  period: Period,
  lastMonth: number,
): Promise<Mend[]> {
  const { typed, tree } = interest;
  const plain = /^[^"()|:=*]+$/.test(typed) && !/(?:^|\s)(?:[-‐‑‒–—−]|(?:OR|AND|NOT)\s)/.test(typed);
  const candidates: Candidate[] = [];
  if (plain && /\S\s+\S/.test(typed.trim())) candidates.push({ typed: `"${typed}"`, why: "as a phrase" });
  if (tree.type === "words" && !tree.field)
    candidates.push({ typed: `title:${print(tree, "all")}`, why: "in titles only" });
  const whole = tree.type === "either" ? `(${typed})` : typed;
  for (const word of await commonWords(sql, interest, period)) {
    candidates.push({ typed: `${whole} ${word}`, why: `only with “${word}”` });
    candidates.push({ typed: `${whole} -${word}`, why: `without “${word}”` });
  }
  const tried = await tryMends(sql, candidates, period);
  return tried.filter((mend) => mend.lastMonth > 0 && mend.lastMonth <= 0.7 * lastMonth).slice(0, mostMends);
}

/** Wider interests: the words of a phrase apart, one part less, the beginning of a word, another spelling of it. */
export async function mendsForNothing(sql: Sql, { tree }: Interest, period: Period): Promise<Mend[]> {
  const candidates: Candidate[] = [];
  const leaves = wantedLeaves(tree).slice(0, mostLeaves);
  const replaced = (from: Node, to: Node[]) => print(replace(tree, from, to), "either");
  for (const leaf of leaves) {
    const words = leaf.text.split(/[ -]/).filter((word) => !isLinking(word));
    if (words.length > 1 && !leaf.field)
      candidates.push({
        typed: replaced(
          leaf,
          words.map((text) => ({ ...leaf, text })),
        ),
        why: "the words apart",
      });
    if (leaf.field) candidates.push({ typed: replaced(leaf, [{ ...leaf, field: undefined }]), why: "in any field" });
    if (leaf.exact) candidates.push({ typed: replaced(leaf, [{ ...leaf, exact: false }]), why: "in any form" });
  }
  for (const spelling of await knownSpellings(
    sql,
    leaves.map((leaf) => leaf.text),
  )) {
    const leaf = leaves.find((it) => it.text === spelling.typed) as Words;
    candidates.push({ typed: replaced(leaf, [{ ...leaf, text: spelling.known }]), why: `“${spelling.known}”` });
  }
  if (tree.type === "all")
    for (const part of tree.nodes)
      candidates.push({ typed: print(replace(tree, part, []), "either"), why: `leaving out ${print(part, "all")}` });
  for (const leaf of leaves)
    if (!leaf.prefix && /^\p{L}{6,}$/u.test(leaf.text))
      candidates.push({
        typed: replaced(leaf, [{ ...leaf, text: leaf.text.slice(0, -2), prefix: true }]),
        why: "words that begin so",
      });
  for (const leaf of leaves)
    for (const word of leaf.text.split(" "))
      if (leaf.text.includes(" ") && !isLinking(word))
        candidates.push({ typed: replaced(leaf, [{ ...leaf, text: word }]), why: `only “${word}” of the phrase` });
  const tried = await tryMends(sql, candidates, period);
  return tried.filter((mend) => mend.lastMonth > 0).slice(0, mostMends);
}

type Candidate = Omit<Mend, "lastMonth">;

async function tryMends(sql: Sql, candidates: Candidate[], period: Period): Promise<Mend[]> {
  const different = [...new Map(candidates.map((it) => [it.typed, it])).values()].slice(0, mostTried);
  const readable = different.flatMap((candidate) => {
    const interest = tryInterest(candidate.typed);
    return interest ? [{ candidate, interest }] : [];
  });
  const expressions = await toExpressions(
    sql,
    readable.map((it) => it.interest),
  );
  const asked = readable
    .map((it, at) => ({ ...it, tsquery: expressions[at]?.tsquery ?? "" }))
    .filter((it) => it.tsquery);
  const counts = await countByDay(
    sql,
    asked.map((it) => it.tsquery),
    period,
  );
  return asked.map(({ candidate }, at) => ({
    ...candidate,
    lastMonth: (counts[at] ?? []).reduce((total, day) => total + day.hits, 0),
  }));
}

/** Words that many titles of the hits have, but by no means all. */
async function commonWords(sql: Sql, { tree }: Interest, { from, to }: Period): Promise<string[]> {
  const [expression] = await toExpressions(sql, [{ tree }]);
  const { papers } = await findHits(sql, expression?.tsquery ?? "", {
    where: sql`p.day between ${from} and ${to}`,
    most: readTitles,
    among: readTitles,
  });
  const rows = await sql<{ title: string }[]>`
    select title from papers where id = any(${papers.map((it) => it.id)}::bigint[])`;
  const asked = wantedLeaves(tree)
    .map((leaf) => leaf.text)
    .join(" ");
  const counts = new Map<string, number>();
  for (const { title } of rows)
    for (const word of new Set(title.toLowerCase().match(/\p{L}{5,}/gu)))
      if (!isLinking(word) && !asked.includes(word.slice(0, 5))) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count >= 0.08 * rows.length && count <= 0.7 * rows.length)
    .sort(([, one], [, other]) => other - one)
    .slice(0, 2)
    .map(([word]) => word);
}

/** Words of papers that differ from a word by one letter, or by two where it is long. */
async function knownSpellings(sql: Sql, words: string[]): Promise<{ typed: string; known: string }[]> {
  const [row] = await sql<{ known: string[] | null }[]>`
    select most_common_elems::text::text[] as known from pg_stats
    where schemaname = current_schema and tablename = 'papers' and attname = 'vector'`;
  const known = (row?.known ?? []).filter((lexeme) => /^=\p{L}{4,}$/u.test(lexeme)).map((lexeme) => lexeme.slice(1));
  return words.flatMap((typed) => {
    if (!/^\p{L}{4,40}$/u.test(typed) || known.includes(typed)) return [];
    const most = typed.length > 7 ? 2 : 1;
    const near = known
      .filter((word) => Math.abs(word.length - typed.length) <= most)
      .map((word) => ({ word, letters: lettersApart(typed, word) }))
      .filter(({ letters }) => letters <= most)
      .sort((one, other) => one.letters - other.letters)[0];
    return near ? [{ typed, known: near.word }] : [];
  });
}

/** How many letters must be added, taken out or changed to make one word of the other (Levenshtein). */
function lettersApart(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [at, letter] of [...one].entries()) {
    const next = [at + 1];
    for (let index = 1; index <= other.length; index++)
      next.push(
        Math.min(
          (row[index] as number) + 1,
          (next[index - 1] as number) + 1,
          (row[index - 1] as number) + (other[index - 1] === letter ? 0 : 1),
        ),
      );
    row = next;
  }
  return row[other.length] as number;
}

/** What is to be there, exclusions left out. */
function wantedLeaves(node: Node): Words[] {
  if (node.type === "words") return [node];
  return node.type === "not" ? [] : node.nodes.flatMap(wantedLeaves);
}

/** The tree with other nodes in the place of one. */
function replace(node: Node, from: Node, to: Node[]): Node {
  if (node === from) return to.length === 1 ? (to[0] as Node) : { type: "all", nodes: to };
  if (node.type === "words") return node;
  if (node.type === "not") return { type: "not", node: replace(node.node, from, to) };
  const nodes = node.nodes.flatMap((child) =>
    child === from && node.type === "all" ? to : [replace(child, from, to)],
  );
  return nodes.length === 1 ? (nodes[0] as Node) : { type: node.type, nodes };
}
