import type { Sql } from "../db.ts";
import { findAcronyms, type Others } from "./acronyms.ts";
import { Builder, looseWords, mayHaveOtherNames } from "./builder.ts";
import type { Interest, Node, Words } from "./language.ts";
import { type Lexemes, readLexemes } from "./lexemes.ts";

export type Expression = {
  /** `tsquery` as text, in lexemes; empty when the interest has no word in it after all. */
  tsquery: string;
  /** Other names of what was asked for that are looked for too, in words for the reader. */
  also: string[];
  /** The lexemes it was made from, to find the queries that a new acronym touches. */
  lexemes: string[];
};

/** What each interest looks for, in the lexemes of the database: three statements, however many interests. */
export async function toExpressions(sql: Sql, interests: Pick<Interest, "tree">[]): Promise<Expression[]> {
  const { lexemes, names, others } = await readAll(
    sql,
    interests.map((it) => it.tree),
  );
  return interests.map(({ tree }, index) => {
    const builder = new Builder(lexemes, others);
    return {
      tsquery: builder.build(tree),
      also: [...new Set([...builder.names.values()].flatMap((written) => [...written]))],
      lexemes: [...new Set((names[index] ?? []).flat())],
    };
  });
}

/** What a node looks for where it stands in its tree, and that without other names, which are told. */
export type PartExpression = { tsquery: string; withoutNames: string; names: string[] };

/** The same for every node of every tree, to tell which of them decided. */
export async function toPartExpressions(sql: Sql, trees: Node[]): Promise<Map<Node, PartExpression>> {
  const { lexemes, others } = await readAll(sql, trees);
  const parts = new Map<Node, PartExpression>();
  for (const tree of trees) {
    const [builder, plainly] = [new Builder(lexemes, others), new Builder(lexemes, noOthers)];
    builder.build(tree);
    plainly.build(tree);
    for (const [node, tsquery] of builder.parts)
      parts.set(node, {
        tsquery,
        withoutNames: plainly.parts.get(node) ?? "",
        names: [...(builder.names.get(node as Words) ?? [])],
      });
  }
  return parts;
}

const noOthers: Others = { forName: () => [], forWords: () => [] };

async function readAll(sql: Sql, trees: Node[]): Promise<{ lexemes: Lexemes; names: string[][][]; others: Others }> {
  const lexemes = await readLexemes(
    sql,
    trees.flatMap(leavesOf).flatMap((leaf) => (leaf.field === "cat" ? [] : leaf.text)),
    trees.flatMap(looseGroups).map((group) => group.map((leaf) => leaf.text)),
  );
  const names = trees.map((tree) => namesIn(tree, lexemes));
  return { lexemes, names, others: await findAcronyms(sql, names.flat()) };
}

/** The words and phrases of a tree, those that are left out included. */
export function leavesOf(node: Node): Words[] {
  if (node.type === "words") return [node];
  return node.type === "not" ? leavesOf(node.node) : node.nodes.flatMap(leavesOf);
}

/** Groups of loose words that stand together, at every depth. */
function looseGroups(node: Node): Words[][] {
  if (node.type === "words") return [];
  if (node.type === "not") return looseGroups(node.node);
  const deeper = node.nodes.flatMap(looseGroups);
  return node.type === "all" ? [looseWords(node.nodes), ...deeper] : deeper;
}

/** What may have another name: each word or phrase, a hyphenated word also in one, and each group of loose words. */
function namesIn(node: Node, lexemes: Lexemes): string[][] {
  const leaves = leavesOf(node).filter(mayHaveOtherNames);
  const stemsOf = ({ text }: Words) => lexemes.words(text).map(lexemes.stem);
  const inOne = leaves.flatMap(({ text }) => lexemes.joined(text) ?? []).map((joined) => [lexemes.stem(joined)]);
  const groups = looseGroups(node).map((group) => group.flatMap(stemsOf));
  return [...leaves.map(stemsOf), ...inOne, ...groups].filter((name) => name.length > 0);
}
