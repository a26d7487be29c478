import type { Sql } from "../db.ts";
import { joinNames } from "../papers/words.ts";
import { print } from "./canonical.ts";
import { type PartExpression, toPartExpressions } from "./expression.ts";
import type { Field, Node, Words } from "./language.ts";

/** An interest as a reader typed it, and what it means. */
export type Asked = { typed: string; tree: Node };

/**
 * What decided about interests and a paper, a sentence for each: the parts that are there and where, or those that are missing or
 * left out, and what stands instead. Four statements for all of them, and as many again for what is missing.
 */
export async function explainTrees(sql: Sql, asked: Asked[], paperId: number): Promise<string[]> {
  const trees = asked.map((it) => it.tree);
  const found = await findParts(sql, trees, paperId);
  const missing = [...found].flatMap(([node, part]) => (node.type === "words" && !part.hit ? [node] : []));
  const instead = new Map(missing.map((leaf) => [leaf, looser(leaf)]));
  const nearly = await findParts(sql, [...instead.values()].flat(), paperId);
  return asked.map(({ typed, tree }) => `${new Teller(typed, found, instead, nearly).tell(tree)}.`);
}

type Found = PartExpression & {
  hit: boolean;
  hitWithoutNames: boolean;
  /** Weight labels of the fields that it is in; where it is there by another name only, that name is in. */
  fields: (keyof typeof fieldNames)[];
};

const fieldNames = { A: "the title", B: "the authors", C: "the categories or the organisation", D: "the abstract" };
const ownFields: Record<Field, string> = { title: "title", author: "authors", org: "organisation", cat: "categories" };

async function findParts(sql: Sql, trees: Node[], paperId: number): Promise<Map<Node, Found>> {
  const parts = await toPartExpressions(sql, trees);
  const asked = [...parts.values()];
  const rows = await sql<Pick<Found, "hit" | "hitWithoutNames" | "fields">[]>`
    select p.vector @@ q.tsquery::tsquery as hit, p.vector @@ q.without_names::tsquery as "hitWithoutNames",
      array(select label from unnest('{A,B,C,D}'::"char"[]) as label
        where ts_filter(p.vector, array[lower(label::text)::"char"])
          @@ case when p.vector @@ q.without_names::tsquery then q.without_names else q.tsquery end::tsquery)::text[] as fields
    from unnest(${asked.map((it) => it.tsquery)}::text[], ${asked.map((it) => it.withoutNames)}::text[])
      with ordinality as q (tsquery, without_names, place)
    join papers p on p.id = ${paperId} order by q.place`;
  return new Map([...parts].map(([node, part], at) => [node, { ...part, ...(rows[at] as Found) }]));
}

/** What a word or phrase that is missing may be there as: in another field, in another form, its words apart. */
function looser(leaf: Words): Words[] {
  const words = leaf.text.split(/[ -]+/).filter(Boolean);
  if (leaf.field === "cat") return [];
  return [
    ...(leaf.field ? [{ ...leaf, field: undefined }] : []),
    ...(leaf.exact ? [{ ...leaf, exact: false }] : []),
    ...(words.length > 1 ? words.map((text) => ({ ...leaf, text, prefix: false })) : []),
  ];
}

class Teller {
  private readonly typed: string;
  private readonly found: Map<Node, Found>;
  private readonly instead: Map<Words, Words[]>;
  private readonly nearly: Map<Node, Found>;
  constructor(typed: string, found: Map<Node, Found>, instead: Map<Words, Words[]>, nearly: Map<Node, Found>) {
    this.typed = typed.toLowerCase();
    this.found = found;
    this.instead = instead;
    this.nearly = nearly;
  }

  tell(node: Node): string {
    if (node.type === "words") return this.hits(node) ? this.place([node]) : this.missing(node);
    if (node.type === "not") return `${this.tell(node.node)}, which the interest leaves out`;
    const inOrder = node.nodes.toSorted((one, other) => this.placeInLine(one) - this.placeInLine(other));
    if (node.type === "either") {
      const there = inOrder.find((child) => this.hits(child));
      return there ? this.tell(there) : inOrder.map((child) => this.tell(child)).join("; ");
    }
    if (!this.hits(node)) return inOrder.flatMap((child) => (this.hits(child) ? [] : this.tell(child))).join("; ");
    const [byName, others] = [inOrder.filter((it) => this.viaName(it)), inOrder.filter((it) => !this.viaName(it))];
    const wanted = Map.groupBy(
      others.filter((child) => child.type !== "not"),
      (child, at) => (child.type === "words" ? this.fieldsOf(child) : at),
    );
    return [
      ...[...Map.groupBy(byName, (child) => this.viaName(child)).values()].map((group) => this.place(group)),
      ...[...wanted.values()].map((group) => (group.length > 1 ? this.places(group) : this.tell(group[0] as Node))),
    ].join("; ");
  }

  /** Where a word or phrase is, or several that have one name, and what that is when their own are not there. */
  private place(nodes: Node[]): string {
    const [first] = nodes as [Node];
    const name = this.viaName(first);
    return `“${nodes.map(nameOf).join(" ")}” is in ${this.fieldsOf(first)}${name && `, as ${name}`}`;
  }

  /** The same for several that are in the same fields, each by itself. */
  private places(nodes: Node[]): string {
    const names = nodes.map((node) => `“${nameOf(node)}”`);
    return `${joinNames(names)} are in ${this.fieldsOf(nodes[0] as Node)}`;
  }

  private fieldsOf(node: Node): string {
    if (node.type === "words" && node.field) return `the ${ownFields[node.field]}`;
    return joinNames((this.found.get(node)?.fields ?? []).map((it) => fieldNames[it]));
  }

  private viaName(node: Node): string {
    const { hit, hitWithoutNames, names } = this.found.get(node) as Found;
    return hit && !hitWithoutNames ? names.map((name) => `“${name}”`).join(" or ") : "";
  }

  private missing(leaf: Words): string {
    const name = `“${nameOf(leaf)}”`;
    const where = leaf.field ? `in the ${ownFields[leaf.field]}` : "in it";
    const nearly = this.instead.get(leaf) ?? [];
    const hit = (it: Words) => this.nearly.get(it)?.hit ?? false;
    const elsewhere = nearly.find((it) => it.field !== leaf.field && hit(it));
    const fields = elsewhere ? (this.nearly.get(elsewhere)?.fields ?? []) : [];
    const others = fields.filter((it) => leaf.field !== "org" || it !== "C").map((it) => fieldNames[it]);
    if (others.length > 0) return `${name} is in ${others.join(" and ")}, not ${where}`;
    if (nearly.some((it) => it.exact !== leaf.exact && hit(it)))
      return `${name} is ${where} in another form, not just so`;
    const words = nearly.filter((it) => it.field === leaf.field && it.exact === leaf.exact);
    const absent = words.filter((word) => !hit(word)).map((word) => `“${word.text}”`);
    if (words.length > 0 && absent.length === 0) return `the words ${name} do not stand together ${where}`;
    if (absent.length > 0) return `${absent.join(" and ")} of ${name} ${absent.length > 1 ? "are" : "is"} not ${where}`;
    return leaf.prefix ? `no word ${where} begins with “${leaf.text}”` : `${name} is not ${where}`;
  }

  /** Whether the node is as the interest wants it; of what is left out, whether it is. */
  private hits(node: Node): boolean {
    return this.found.get(node)?.hit ?? false;
  }

  /** Where a part stands in the line that was typed: a tree has them in the order of the alphabet. */
  private placeInLine(node: Node): number {
    const at = node.type === "words" ? this.typed.indexOf(node.text) : -1;
    return at < 0 ? Number.MAX_SAFE_INTEGER : at;
  }
}

/** A part as it stands in quotation marks, without its field, which is told. */
function nameOf(node: Node): string {
  const plain = node.type === "words" ? { ...node, field: undefined, exact: false } : node;
  return print(plain, "either").replace(/^"([^"]*)"$/, "$1");
}
