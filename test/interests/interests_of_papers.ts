import { parseInterest } from "../../src/interests/language.ts";
import { InterestError } from "../../src/interests/tokens.ts";
import type { Written } from "./placed_paper.ts";

/** A number from 0 to 1. */
type Random = () => number;

/**
 * Interests of every kind that the language has, of the words, phrases, TeX, authors, categories and organisations of papers, in
 * the forms that readers give them: whole or changed a little, so that some hit and some only nearly do.
 */
export class InterestMaker {
  private readonly papers: Written[];
  private readonly random: Random;
  constructor(papers: Written[], random: Random) {
    this.papers = papers;
    this.random = random;
  }

  /** One that can be read. */
  make(): string {
    for (;;) {
      const line = this.either(0);
      try {
        parseInterest(line);
        return line;
      } catch (error) {
        if (!(error instanceof InterestError)) throw error;
      }
    }
  }

  private either(depth: number): string {
    const parts = Array.from({ length: this.oneOf([1, 1, 1, 1, 2, 2, 3]) }, () => this.all(depth));
    return parts.join(" OR ");
  }

  private all(depth: number): string {
    const paper = this.oneOf(this.papers);
    const parts = [this.part(paper, depth)];
    for (let more = this.oneOf([0, 0, 0, 1, 1, 2, 3]); more > 0; more--) {
      // Words of one paper hit it together; those of another mostly do not.
      const other = this.random() < 0.8 ? paper : this.oneOf(this.papers);
      const sign = this.random() < 0.2 ? "-" : "";
      parts.push(`${sign}${this.part(other, depth)}`);
    }
    return parts.join(" ");
  }

  private part(paper: Written, depth: number): string {
    const share = this.random();
    if (share < 0.07 && depth < 3)
      return `${this.oneOf(["", "", "title:", "author:", "org:"])}(${this.either(depth + 1)})`;
    if (share < 0.12) return `author:${this.author(paper)}`;
    if (share < 0.16) return `cat:${this.category(paper)}`;
    if (share < 0.19) return `org:${this.atom(paper.organization || paper.title)}`;
    if (share < 0.27) return `title:${this.atom(this.random() < 0.7 ? paper.title : paper.abstract)}`;
    if (share < 0.29) return this.author(paper);
    return this.atom(this.random() < 0.3 ? paper.title : paper.abstract || paper.title);
  }

  private author(paper: Written): string {
    return this.atom(this.oneOf(paper.authors.length > 0 ? paper.authors : ["Nobody"]));
  }

  private category(paper: Written): string {
    const category = this.oneOf(paper.categories.length > 0 ? paper.categories : ["cs.CL"]);
    const archive = category.split(".")[0] as string;
    return this.oneOf([category, category.toLowerCase(), archive, `${archive}.*`, `${category.slice(0, -1)}*`]);
  }

  private atom(text: string): string {
    const written = text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
    if (written.length === 0) return "nothing";
    const at = Math.floor(this.random() * written.length);
    const word = written[at] as string;
    const share = this.random();
    if (share < 0.5) return this.change(word);
    if (share < 0.58) return `${word.replace(/^[^\p{L}\p{N}]+/u, "").slice(0, 2 + Math.floor(this.random() * 5))}*`;
    if (share < 0.63) return `=${word}`;
    const phrase = written.slice(at, at + this.oneOf([1, 2, 2, 2, 3, 3, 4, 6]));
    if (this.random() < 0.1 && phrase.length > 2) phrase.splice(1, 1);
    const inside = phrase.join(" ").replaceAll('"', " ");
    if (share < 0.67) return `="${inside}"`;
    if (share < 0.8) return `"${inside}"`;
    return `"${this.change(inside)}"`;
  }

  /** Another way to write it; or what is not quite the same. */
  private change(text: string): string {
    const space = text.indexOf(" ");
    const middle = Math.floor(text.length / 2);
    return this.oneOf<() => string>([
      () => text,
      () => text,
      () => text.toUpperCase(),
      () => text.normalize("NFD"),
      () => text.normalize("NFD").replace(/\p{M}/gu, ""),
      () => text.replace(/[-‐–]/, ""),
      () => text.replace(/[-‐–]/, " "),
      () => text.replaceAll("-", "–"),
      () => (space < 0 ? `${text}s` : text.slice(0, space) + text.slice(space + 1)),
      () => (space < 0 ? text.replace(/s$/, "") : `${text.slice(0, space)}-${text.slice(space + 1)}`),
      () => text.replaceAll(/[$\\{}^_]/g, ""),
      () => text.replaceAll(/[^\p{L}\p{N}\s]/gu, ""),
      () => `${text.slice(0, middle)}${text.length > 7 ? "-" : ""}${text.slice(middle)}`,
      () => text.replace(/['’]s?/, ""),
    ])();
  }

  private oneOf<T>(list: T[]): T {
    return list[Math.floor(this.random() * list.length)] as T;
  }
}
