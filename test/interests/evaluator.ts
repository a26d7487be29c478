import type { Sql } from "../../src/db.ts";
import type { Node, Words } from "../../src/interests/language.ts";
import { isLinking } from "../../src/interests/tokens.ts";
import { readChunks } from "./folding.ts";
import {
  formsInPaper,
  type Place,
  type Placed,
  placePaper,
  readPaper,
  type Text,
  type Written,
} from "./placed_paper.ts";

/** A short form and what it stands for, both in stems, as the database has them, and the short form as it is written, in lower case. */
export type Name = { short: string; long: string; written: string };

/**
 * A second opinion, slow and plain, on which papers each interest hits: texts are folded and parted here, and words looked for
 * place by place. The database is asked for stems and for linking words alone, word by word. `names` are the acronyms that count.
 */
export async function evaluate(sql: Sql, papers: Written[], trees: Node[], names: Name[] = []): Promise<boolean[][]> {
  const read = papers.map(readPaper);
  const asked = new Set([...read.flatMap(formsInPaper), ...trees.flatMap(formsInTree)]);
  const rows = await sql<{ word: string; stem: string; linking: boolean }[]>`
    select word, lexeme(word) as stem, is_linking(word) as linking from unnest(${[...asked]}::text[]) as word`;
  const stems = new Map(rows.map((row) => [row.word, row.stem]));
  const linking = new Set(rows.filter((row) => row.linking).map((row) => row.word));
  const placed = read.map((paper) => placePaper(paper, stems, linking));
  const chunks = new Map<string, string[][]>();
  const readOnce = (text: string) => chunks.getOrInsertComputed(text, readChunks);
  return trees.map((tree) => placed.map((paper) => new Evaluator(paper, stems, readOnce, names).answer(tree) === true));
}

function formsInTree(node: Node): string[] {
  if (node.type === "not") return formsInTree(node.node);
  if (node.type === "words") {
    const words = readChunks(node.text).flat();
    return [words.join(""), ...words, ...words.slice(1).map((word, at) => words[at] + word)];
  }
  const words = node.nodes.filter(isLoose).flatMap((leaf) => readChunks(leaf.text).flat());
  const pairs = words.length > 32 ? [] : words.flatMap((one) => words.map((other) => one + other));
  return [...pairs, ...node.nodes.flatMap(formsInTree)];
}

/** What a place must have. */
type Wanted = (place: Place) => boolean;

class Evaluator {
  private readonly paper: Placed;
  private readonly stems: Map<string, string>;
  private readonly read: (text: string) => string[][];
  private readonly names: Name[];
  constructor(paper: Placed, stems: Map<string, string>, read: (text: string) => string[][], names: Name[]) {
    this.paper = paper;
    this.stems = stems;
    this.read = read;
    this.names = names;
  }

  /** Undefined where nothing is left to look for, as with `'s`. */
  answer(node: Node): boolean | undefined {
    if (node.type === "words") return this.leaf(node);
    if (node.type === "not") {
      const answer = this.answer(node.node);
      return answer === undefined ? undefined : !answer;
    }
    if (node.type === "either") return anyOf(node.nodes.map((child) => this.answer(child)));
    const loose = node.nodes.filter(isLoose);
    const positive = node.nodes
      .filter((child) => child.type !== "not")
      .map(
        (child) =>
          this.answer(child) ||
          (isLoose(child) &&
            (this.isJoined(child, loose) ||
              this.isNamedWithVersion(child, loose) ||
              this.isNamedTogether(child, loose))) ||
          this.answer(child),
      )
      .filter((answer) => answer !== undefined);
    if (positive.length === 0) return undefined;
    const negative = node.nodes.filter((child) => child.type === "not").map((child) => this.answer(child));
    return ![...positive, ...negative].includes(false);
  }

  /** Whether a loose word is there as one with another. Among more than eight nobody means a compound. */
  private isJoined(leaf: Words, loose: Words[]): boolean {
    const words = loose
      .map((it) => this.read(it.text).flat())
      .filter((it) => it.length === 1)
      .flat();
    const [word, more] = this.read(leaf.text).flat();
    if (word === undefined || more !== undefined || words.length > 8) return false;
    return words
      .filter((other) => other !== word)
      .some(
        (other) =>
          (this.mayBeOne(word, other) && this.finds([this.stemmed(word + other)])) ||
          (this.mayBeOne(other, word) && this.finds([this.stemmed(other + word)])),
      );
  }

  /** Whether there is a short form of several loose words, of which this is one. */
  private isNamedTogether(leaf: Words, loose: Words[]): boolean {
    const single = loose.map((it) => this.read(it.text).flat()).filter((words) => words.length === 1);
    const held = single.map(([word]) => this.stem(word as string));
    const own = this.read(leaf.text).flat();
    return this.names.some((name) => {
      const { long } = name;
      const covered = long.split(" ").filter((stem) => !isLinking(stem));
      const names = covered.length > 1 && covered.every((stem) => held.includes(stem));
      return names && own.length === 1 && covered.includes(this.stem(own[0] as string)) && this.hasShort(name);
    });
  }

  /** Whether it is there under its other name. */
  private isThereByName(words: string[], field: Words["field"]): boolean {
    if (field !== undefined && field !== "title") return false;
    const own = words.map((word) => this.stem(word)).join(" ");
    return this.names.some(
      (name) =>
        (own === name.short &&
          (shortForms(name)?.includes(words.join("")) ?? true) &&
          this.isNamed(name.long.split(" ").map(hasStem), field)) ||
        (own === name.long && this.hasShort(name, field)),
    );
  }

  private hasShort(name: Name, field?: Words["field"]): boolean {
    const forms = shortForms(name)?.map(isWritten) ?? [hasStem(name.short)];
    return forms.some((form) => this.isNamed([form], field));
  }

  /** Other names count in titles and abstracts alone. */
  private isNamed(wanted: Wanted[], field?: Words["field"]): boolean {
    return this.finds(wanted, "title") || (field === undefined && this.finds(wanted, "abstract"));
  }

  /** Whether two words in one are more than one of them. */
  private mayBeOne(one: string, other: string): boolean {
    return ![this.stem(one), this.stem(other)].includes(this.stem(one + other));
  }

  /** Whether `Qwen` and `2.5`, one of which this is, are there as `Qwen2.5`. */
  private isNamedWithVersion(leaf: Words, loose: Words[]): boolean {
    const all = loose.map((it) => this.read(it.text).flat());
    const own = this.read(leaf.text).flat();
    const names = all.filter((words) => words.length === 1);
    const versions = all.filter((words) => words.length > 1 && words.every((word) => /^\d+[a-z]?$/.test(word)));
    if (names.length + versions.length > 8) return false;
    const stands = (name: string[], version: string[]) =>
      this.finds([`${name[0]}${version[0]}`, ...version.slice(1)].map((word) => this.stemmed(word)));
    if (own.length === 1) return versions.some((version) => stands(own, version));
    return versions.some((it) => it.join(".") === own.join(".")) && names.some((name) => stands(name, own));
  }

  private leaf({ text, prefix, exact, field }: Words): boolean | undefined {
    if (field === "cat") return this.isIn(text, prefix);
    const chunks = this.read(text);
    const words = chunks.flat();
    const last = words.at(-1);
    if (last === undefined) return undefined;
    const whole = chunks.length === 1 && words.length > 1 ? words.join("") : undefined;
    const wanted = words.map((word) => this.wanted(word, field));
    if (exact) return this.finds(words.map(isWritten), field);
    if (prefix)
      return (
        this.finds([...wanted.slice(0, -1), begins(last)], field) ||
        (whole !== undefined && this.finds([begins(whole)], field))
      );
    return (
      this.finds(wanted, field) ||
      (whole !== undefined && this.finds([this.wanted(whole, field)], field)) ||
      (words.length <= 8 && words.some((_, at) => this.isThereButForAJoin(words, at, field))) ||
      this.isThereByName(words, field)
    );
  }

  /** Whether the words are there with one of them parted in two, or written as one with the next. */
  private isThereButForAJoin(words: string[], at: number, field: Words["field"]): boolean {
    const [word, next] = [words[at] as string, words[at + 1]];
    if (next === undefined) return false;
    const wanted = (list: string[]) => list.map((it) => this.wanted(it, field));
    const before = words.slice(0, at);
    if (this.mayBeOne(word, next) && this.finds(wanted([...before, word + next, ...words.slice(at + 2)]), field))
      return true;
    // `On` is no compound of O and n, though papers write "O(n log n)".
    const mayBeParted = at > 0 && word.length > 1 && !isLinking(word);
    return mayBeParted && this.finds(wanted([...before, word, word, ...words.slice(at + 1)]), field);
  }

  private isIn(text: string, prefix: boolean): boolean {
    const name = text.replace(/[.*]+$/, "").replace(/ /g, "");
    return prefix
      ? [...this.paper.categories].some((category) => category.startsWith(name))
      : this.paper.categories.has(name);
  }

  private stem(word: string): string {
    return this.stems.get(word) as string;
  }

  /** Names are looked for as they are written. */
  private wanted(word: string, field: Words["field"]): Wanted {
    return field === "author" ? isWritten(word) : this.stemmed(word);
  }

  private stemmed(word: string): Wanted {
    return hasStem(this.stem(word));
  }

  /** Whether what is wanted stands somewhere, one behind the other. */
  private finds(wanted: Wanted[], field?: Text["field"] | "cat"): boolean {
    return this.paper.texts
      .filter((text) => field === undefined || text.field === field)
      .some(({ places }) => places.some((_, start) => wanted.every((it, at) => it(places[start + at] ?? nowhere))));
  }
}

function shortForms({ written }: Name): string[] | undefined {
  return /^[a-z]+$/.test(written) ? [written, `${written}s`] : undefined;
}

const nowhere: Place = { words: new Set(), stems: new Set() };

function hasStem(stem: string): Wanted {
  return ({ stems }) => stems.has(stem);
}

function isWritten(word: string): Wanted {
  return ({ words }) => words.has(word);
}

function begins(beginning: string): Wanted {
  return ({ words }) => [...words].some((word) => word.startsWith(beginning));
}

function isLoose(node: Node): node is Words {
  return node.type === "words" && !node.prefix && !node.exact && node.field === undefined;
}

/** True if one is, false if one is false and none true. */
function anyOf(answers: (boolean | undefined)[]): boolean | undefined {
  return answers.includes(true) || (answers.includes(false) ? false : undefined);
}
