import type { Other, Others } from "./acronyms.ts";
import type { Field, Node, Words } from "./language.ts";
import { type Lexemes, mostJoined } from "./lexemes.ts";
import { isLinking } from "./tokens.ts";
import { all, either, phrase, quote } from "./tsquery.ts";

/** Weight labels name the fields; organisation and categories have lexemes of their own (see `sql/0005_lexemes.sql`). */
const labels: Record<Field, string> = { title: "A", author: "B", org: "", cat: "" };
/** Another name is looked for in titles and abstracts: somebody is called Ma, and `cs.CV` is on every third paper. */
const named = "AD";

/** Makes a tsquery of one tree. */
export class Builder {
  /** What each node looks for where it stands: a loose word also joined with others beside it, or under a name that they share. */
  readonly parts = new Map<Node, string>();
  /** Other names that are looked for too, by the words that they stand for. */
  readonly names = new Map<Words, Set<string>>();
  private readonly lexemes: Lexemes;
  private readonly others: Others;
  constructor(lexemes: Lexemes, others: Others) {
    this.lexemes = lexemes;
    this.others = others;
  }

  build(node: Node): string {
    const made = this.make(node);
    this.parts.set(node, made);
    return made;
  }

  private make(node: Node): string {
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
        const found = [...this.looseWords(leaves, versions), ...wanted.map((child) => this.build(child))];
        // What has no word in it after all leaves nothing to look for.
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
    const joins = joinings(words, (one, other) => this.joint(one, other) !== "");
    const forms = [words, ...joins, ...partings(words), ...(joined && words.length > 2 ? [[joined]] : [])];
    const names = mayHaveOtherNames(leaf) ? this.namesOf(words, joined) : [];
    for (const name of names) this.tell(leaf, name);
    return either([
      ...forms.map((form) => phrase(form.map(term))),
      ...names.flatMap((name) => formsOf(name, label || named)),
    ]);
  }

  /**
   * Words in any order: each as it is, or joined with another of them, or named by an acronym of several. Versions, such as 2.5,
   * follow any of the words, for `Qwen 2.5` is mostly written in one.
   */
  private looseWords(leaves: Words[], versions: Words[]): string[] {
    if (leaves.length + versions.length < 2) return [...leaves, ...versions].map((leaf) => this.build(leaf));
    const lists = leaves.map((leaf) => this.lexemes.words(leaf.text));
    const words = lists.filter((list) => list.length === 1).flat();
    const mayJoin = (count: number) => count <= mostJoined;
    const names = this.namesOfSeveral(lists);
    const withVersion = (word: string, version: Words) => {
      const [head, ...rest] = this.lexemes.words(version.text);
      return mayJoin(words.length + versions.length)
        ? phrase([word + head, ...rest].map((part) => term(this.stem(part))))
        : "";
    };
    const parts = leaves.map((leaf, at) => {
      const list = lists[at] as string[];
      const single = list.length === 1 ? list : [];
      const joins = mayJoin(words.length)
        ? single.flatMap((one) =>
            words.filter((it) => it !== one).flatMap((it) => [this.joint(one, it), this.joint(it, one)]),
          )
        : [];
      const covering = names.filter((name) => this.isNamed(list, name));
      for (const name of covering) this.tell(leaf, name);
      return either([
        this.words(leaf),
        ...joins,
        ...covering.flatMap((name) => formsOf(name, named)),
        ...single.flatMap((one) => versions.map((version) => withVersion(one, version))),
      ]);
    });
    parts.push(
      ...versions.map((version) => either([this.words(version), ...words.map((word) => withVersion(word, version))])),
    );
    for (const [at, leaf] of [...leaves, ...versions].entries()) this.parts.set(leaf, parts[at] as string);
    const [first, second] = words as [string, string];
    const isPair = leaves.length === 2 && words.length === 2 && versions.length === 0;
    if (!isPair || leaves.some((leaf) => this.names.has(leaf))) return parts;
    // The same in fewer terms, for what most interests are.
    const both = all(words.map((word) => term(this.stem(word))));
    return [either([both, this.joint(first, second), this.joint(second, first)])];
  }

  /** Two words in one; empty where that is no more than one of them: `Model S` would find all models. */
  private joint(one: string, other: string): string {
    const stem = this.stem(one + other);
    return stem === this.stem(one) || stem === this.stem(other) ? "" : term(stem);
  }

  /** Other names of what stands in this order; `k-NN` is one word and two. */
  private namesOf(words: string[], joined: string | undefined): Other[] {
    const inOne = joined ? this.others.forName(this.stem(joined), joined) : [];
    return [...this.others.forName(words.map((word) => this.stem(word)).join(" "), words.join("")), ...inOne];
  }

  /** Acronyms of several words. One stands for all of `vision-language`, or for none of it. */
  private namesOfSeveral(lists: string[][]): Other[] {
    return this.others
      .forWords(lists.flat().map((word) => this.stem(word)))
      .filter((name) =>
        name.covers.every((lexeme) =>
          lists.some((list) => this.isNamed(list, name) && list.some((word) => this.stem(word) === lexeme)),
        ),
      );
  }

  private isNamed(words: string[], { covers }: Other): boolean {
    return words.length > 0 && words.every((word) => covers.includes(this.stem(word)));
  }

  private tell(leaf: Words, { words }: Other): void {
    this.names.set(leaf, (this.names.get(leaf) ?? new Set()).add(words));
  }

  private stem(word: string): string {
    return this.lexemes.stem(word);
  }
}

/** `["fine", "tuning", "models"]`: with two neighbours that may be as one word, in turn. */
function joinings(words: string[], mayJoin: (one: string, other: string) => boolean): string[][] {
  if (words.length > mostJoined) return [];
  return words.slice(1).flatMap((next, at) => {
    const word = words[at] as string;
    return mayJoin(word, next) ? [[...words.slice(0, at), word + next, ...words.slice(at + 2)]] : [];
  });
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

function term(lexeme: string): string {
  return quote(lexeme, false, "");
}

function formsOf({ forms }: Other, label: string): string[] {
  return forms.map((form) => phrase(form.map((lexeme) => quote(lexeme, false, label))));
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

/** The words among parts that may be joined with one another: plain, and in no field of their own. */
export function looseWords(nodes: Node[]): Words[] {
  return nodes.filter(
    (node): node is Words => node.type === "words" && !node.prefix && !node.exact && node.field === undefined,
  );
}

/** What is asked for just so, or by how it begins, or is a name itself, has no other names. */
export function mayHaveOtherNames({ exact, prefix, field }: Words): boolean {
  return !exact && !prefix && (field === undefined || field === "title");
}
