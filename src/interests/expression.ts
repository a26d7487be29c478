import type { Sql } from "../db.ts";
import { findAcronyms, type Other, type Others } from "./acronyms.ts";
import type { Field, Interest, Node, Words } from "./language.ts";
import { mostJoined, readLexemes } from "./lexemes.ts";
import { isLinking } from "./tokens.ts";

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
  const leaves = interests.flatMap((interest) => leavesOf(interest.tree));
  const lexemes = await readLexemes(
    sql,
    leaves.filter((leaf) => leaf.field !== "cat").map((leaf) => leaf.text),
    interests.flatMap((interest) => looseGroups(interest.tree)).map((group) => group.map((leaf) => leaf.text)),
  );
  const names = interests.map(({ tree }) => namesIn(tree, (leaf) => stems(lexemes, leaf)));
  const acronyms = await findAcronyms(sql, names.flat());
  return interests.map(({ tree }, index) => {
    const builder = new Builder(lexemes, acronyms);
    return {
      tsquery: builder.build(tree),
      also: [...builder.also],
      lexemes: [...new Set((names[index] ?? []).flat())],
    };
  });
}

type Lexemes = Awaited<ReturnType<typeof readLexemes>>;

/** Weight labels name the fields; organisation and categories have lexemes of their own (see `sql/0005_lexemes.sql`). */
const labels: Record<Field, string> = { title: "A", author: "B", org: "", cat: "" };

class Builder {
  readonly also = new Set<string>();
  private readonly lexemes: Lexemes;
  private readonly others: Others;
  constructor(lexemes: Lexemes, others: Others) {
    this.lexemes = lexemes;
    this.others = others;
  }

  build(node: Node): string {
    switch (node.type) {
      case "words":
        return this.words(node);
      case "not": {
        const inner = this.build(node.node);
        return inner && `!(${inner})`;
      }
      case "either":
        return either(node.nodes.map((child) => this.build(child)));
      case "all": {
        const loose = looseWords(node.nodes);
        const versions = loose.filter((leaf) => isVersion(this.lexemes.words(leaf.text)));
        const others = node.nodes.filter((child) => !loose.includes(child as Words));
        const [excluded, wanted] = [others.filter(isNot), others.filter((child) => !isNot(child))];
        const leaves = loose.filter((leaf) => !versions.includes(leaf));
        const found = [this.looseWords(leaves, versions), ...wanted.map((child) => this.build(child))];
        // What has no word in it after all, such as `'s`, leaves nothing to look for.
        return found.some(Boolean) ? all([...found, ...excluded.map((child) => this.build(child))]) : "";
      }
    }
  }

  private words(leaf: Words): string {
    if (leaf.field === "cat") return category(leaf);
    const words = this.lexemes.words(leaf.text);
    if (words.length === 0) return "";
    // Names are looked for as they are written: Jianing is not Jian.
    const asWritten = leaf.exact || leaf.field === "author";
    const label = leaf.field ? labels[leaf.field] : "";
    const sign = leaf.field === "org" ? "@" : "";
    const term = (word: string) => quote(`${sign}${asWritten ? `=${word}` : this.stem(word)}`, false, label);
    if (leaf.exact) return phrase(words.map(term));
    const joined = this.lexemes.joined(leaf.text);
    if (leaf.prefix) {
      const begins = (word: string) => quote(`${sign}=${word}`, true, label);
      const written = [...words.slice(0, -1).map(term), begins(words.at(-1) as string)];
      return either([phrase(written), ...(joined ? [begins(joined)] : [])]);
    }
    const forms = [words, ...joinings(words), ...partings(words), ...(joined && words.length > 2 ? [[joined]] : [])];
    const names = mayHaveOtherNames(leaf) ? this.otherNames([words.map((word) => this.stem(word)).join(" ")]) : [];
    return either([
      ...forms.map((form) => phrase(form.map(term))),
      ...names.map((name) => phrase(name.map((lexeme) => quote(lexeme, false, label)))),
    ]);
  }

  /**
   * Words in any order: each as it is, or joined with another of them, or named by an acronym of several. Versions, such as 2.5,
   * follow any of the words, for `Qwen 2.5` is mostly written in one.
   */
  private looseWords(leaves: Words[], versions: Words[]): string {
    if (leaves.length + versions.length < 2) return all([...leaves, ...versions].map((leaf) => this.words(leaf)));
    const lists = leaves.map((leaf) => this.lexemes.words(leaf.text));
    const words = lists.filter((list) => list.length === 1).flat();
    const mayJoin = (count: number) => count <= mostJoined;
    const names = this.namesOfSeveral(lists);
    const [first, second] = words as [string, string];
    if (leaves.length === 2 && words.length === 2 && versions.length + names.length === 0 && this.plain(words))
      return either([
        all(words.map((word) => term(this.stem(word)))),
        term(this.stem(first + second)),
        term(this.stem(second + first)),
      ]);
    const withVersion = (word: string, version: Words) => {
      const [head, ...rest] = this.lexemes.words(version.text);
      return mayJoin(words.length + versions.length)
        ? phrase([word + head, ...rest].map((part) => term(this.stem(part))))
        : "";
    };
    return all([
      ...leaves.map((leaf, at) => {
        const [word, ...more] = lists[at] as string[];
        const single = word !== undefined && more.length === 0 ? [word] : [];
        const joins = mayJoin(words.length)
          ? single.flatMap((one) => words.filter((it) => it !== one).flatMap((it) => [one + it, it + one]))
          : [];
        return either([
          this.words(leaf),
          ...joins.map((join) => term(this.stem(join))),
          ...names
            .filter((name) => this.isNamed(lists[at] as string[], name))
            .map((name) => phrase(name.lexemes.map(term))),
          ...single.flatMap((one) => versions.map((version) => withVersion(one, version))),
        ]);
      }),
      ...versions.map((version) => either([this.words(version), ...words.map((word) => withVersion(word, version))])),
    ]);
  }

  /** Acronyms of several words. One stands for all of `vision-language`, or for none of it. */
  private namesOfSeveral(lists: string[][]): Other[] {
    const names = this.others
      .forWords(lists.flat().map((word) => this.stem(word)))
      .filter((name) =>
        name.covers.every((lexeme) =>
          lists.some((list) => this.isNamed(list, name) && list.some((word) => this.stem(word) === lexeme)),
        ),
      );
    for (const name of names) this.also.add(name.words);
    return names;
  }

  private isNamed(words: string[], { covers }: Other): boolean {
    return words.length > 0 && words.every((word) => covers.includes(this.stem(word)));
  }

  /** Whether no word is an acronym by itself. */
  private plain(words: string[]): boolean {
    return words.every((word) => this.others.forName(this.stem(word)).length === 0);
  }

  private otherNames(names: string[]): string[][] {
    return names
      .flatMap((name) => this.others.forName(name))
      .map((other: Other) => {
        this.also.add(other.words);
        return other.lexemes;
      });
  }

  private stem(word: string): string {
    return this.lexemes.stem(word);
  }
}

/** `["fine", "tuning", "models"]`: with two neighbours as one word, in turn. */
function joinings(words: string[]): string[][] {
  if (words.length > mostJoined) return [];
  return words.slice(1).map((_, at) => [...words.slice(0, at), `${words[at]}${words[at + 1]}`, ...words.slice(at + 2)]);
}

/**
 * `["on", "finetuning", "models"]`: with a word in the middle, in turn, for two that papers part. What they join stands at the
 * places of both, so it comes twice; at an end of a phrase once is enough.
 */
function partings(words: string[]): string[][] {
  if (words.length > mostJoined) return [];
  return words.flatMap((word, at) =>
    at === 0 || at === words.length - 1 || word.length === 1 || isLinking(word)
      ? []
      : [[...words.slice(0, at + 1), ...words.slice(at)]],
  );
}

/** `["2", "5"]`: what `2.5` is read as. */
function isVersion(words: string[]): boolean {
  return words.length > 1 && words.every((word) => /^[0-9]+[a-z]?$/.test(word));
}

function isNot(node: Node): boolean {
  return node.type === "not";
}

function category({ text, prefix }: Words): string {
  const name = text
    .replace(/\*$/, "")
    .replace(/[^a-z0-9.-]/g, "")
    .replace(/\.$/, "");
  return name && quote(`#${name}`, prefix, "");
}

function term(lexeme: string): string {
  return quote(lexeme, false, "");
}

function quote(lexeme: string, begins: boolean, label: string): string {
  const flags = `${begins ? "*" : ""}${label}`;
  return `'${lexeme.replaceAll("\\", "\\\\").replaceAll("'", "''")}'${flags ? `:${flags}` : ""}`;
}

function phrase(terms: string[]): string {
  return terms.length < 2 ? terms.join("") : `(${terms.join(" <-> ")})`;
}

function either(parts: string[]): string {
  return join(parts, " | ");
}

function all(parts: string[]): string {
  return join(parts, " & ");
}

function join(parts: string[], operator: string): string {
  const unique = [...new Set(parts.filter(Boolean))];
  return unique.length < 2 ? unique.join("") : `(${unique.join(operator)})`;
}

function leavesOf(node: Node): Words[] {
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

/** The words among parts that may be joined with one another: plain, and in no field of their own. */
function looseWords(nodes: Node[]): Words[] {
  return nodes.filter(
    (node): node is Words => node.type === "words" && !node.prefix && !node.exact && node.field === undefined,
  );
}

/** What may have another name: each word or phrase, and each group of loose words. */
function namesIn(node: Node, stemsOf: (leaf: Words) => string[]): string[][] {
  const leaves = leavesOf(node).filter(mayHaveOtherNames);
  return [...leaves.map(stemsOf), ...looseGroups(node).map((group) => group.flatMap(stemsOf))].filter(
    (name) => name.length > 0,
  );
}

function mayHaveOtherNames({ exact, prefix, field }: Words): boolean {
  return !exact && !prefix && (field === undefined || field === "title");
}

function stems(lexemes: Lexemes, leaf: Words): string[] {
  return lexemes.words(leaf.text).map((word) => lexemes.stem(word));
}
