import type { Field, Node, Words } from "./language.ts";
import { endsInStar, isLinking } from "./tokens.ts";

/** Flattens, sorts and takes out repetition, so that equivalent trees are equal. */
export function normalize(node: Node): Node {
  if (node.type === "words") return node;
  if (node.type === "not") return { type: "not", node: normalize(node.node) };
  const flat = node.nodes.map(normalize).flatMap((child) => (child.type === node.type ? child.nodes : [child]));
  const unique = new Map(flat.map((child) => [print(child, "all"), child]));
  const sorted = [...unique.keys()].sort().map((key) => unique.get(key) as Node);
  return sorted.length === 1 ? (sorted[0] as Node) : { type: node.type, nodes: sorted };
}

/** The form of a normalised tree in the language itself; it parses to the same tree. */
export function print(node: Node, inside: "all" | "either"): string {
  if (node.type === "not") return `-${print(node.node, "all")}`;
  if (node.type === "words") return printWords(node);
  if (node.type === "either") {
    const joined = node.nodes.map((child) => print(child, "either")).join(" OR ");
    return inside === "all" ? `(${joined})` : joined;
  }
  const joined = node.nodes.map((child) => print(child, "all")).join(" ");
  return inside === "all" ? `(${joined})` : joined;
}

function printWords({ text, prefix, exact, field }: Words): string {
  return `${field ? `${field}:` : ""}${exact ? "=" : ""}${prefix ? `${text.replaceAll(" ", ",")}*` : quoted(text, field)}`;
}

function quoted(text: string, field: Field | undefined): string {
  return text.includes(" ") || isLinking(text) || endsInStar(text, field) ? `"${text}"` : text;
}
