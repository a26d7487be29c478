import { isLinking } from "../../src/interests/tokens.ts";
import type { PaperRecord } from "../../src/sources/source.ts";

/** Shares of the interests that readers type; equal ones are taken for the next kind, so that all are distinct. */
export const mix = "40% single words, 25% pairs, 15% phrases, 8% OR, 6% exclusions, 4% fields, 2% prefixes";

/** `count` distinct interests of the words and phrases of papers, chosen by Zipf's law; the same in every run. */
export function* generateInterests(papers: PaperRecord[], count: number): Generator<string> {
  const random = generator(7);
  const words = commonWords(papers);
  const word = () => words[Math.floor(words.length ** random()) - 1] ?? "model";
  const phrase = () => {
    for (;;) {
      const { title, abstract } = papers[Math.floor(random() * papers.length)] as PaperRecord;
      const parts = `${title} ${abstract}`.toLowerCase().match(/[a-z]+/g) ?? [];
      const at = Math.floor(random() * (parts.length - 1));
      const two = parts.slice(at, at + 2);
      if (two.length === 2 && two.every((it) => it.length > 2 && !isLinking(it))) return `"${two.join(" ")}"`;
    }
  };
  const kinds: [number, () => string][] = [
    [0.4, word],
    [0.65, () => `${word()} ${word()}`],
    [0.8, phrase],
    [0.88, () => `${word()} OR ${phrase()}`],
    [0.94, () => `${word()} -${word()}`],
    [0.98, () => `title:${word()}`],
    [1, () => `${word().slice(0, 4)}*`],
  ];
  const seen = new Set<string>();
  while (seen.size < count) {
    const share = random();
    let kind = kinds.findIndex(([limit]) => share < limit);
    let interest = (kinds[kind] as [number, () => string])[1]();
    for (; seen.has(interest); kind = (kind + 1) % kinds.length)
      interest = (kinds[kind] as [number, () => string])[1]();
    seen.add(interest);
    yield interest;
  }
}

function commonWords(papers: PaperRecord[]): string[] {
  const counts = new Map<string, number>();
  for (const { title, abstract } of papers)
    for (const word of new Set(`${title} ${abstract}`.toLowerCase().match(/(?<![a-z])[a-z]{4,}(?![a-z])/g)))
      counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .filter(([word]) => !isLinking(word))
    .sort(([, one], [, other]) => other - one)
    .map(([word]) => word);
}

/** Papers of made-up words by Zipf's law, where no corpus is given: as many in each as an abstract has besides those that stop. */
export function generateCorpus(count: number): PaperRecord[] {
  const random = generator(3);
  const vocabulary = Array.from({ length: 20_000 }, (_, index) => syllables(100 + index));
  const text = (length: number) =>
    Array.from({ length }, () => vocabulary[Math.floor(vocabulary.length ** random()) - 1]).join(" ");
  return Array.from({ length: count }, () => ({
    title: text(9),
    abstract: text(100),
    authors: [],
    categories: ["cs.CL"],
    authority: 0,
    listings: [],
  }));
}

/** A number's name, so that words begin alike as words do: "bibo", "bibu". */
function syllables(number: number): string {
  const ends = `${"bcdfghjklmnpqrstvwxz"[Math.floor((number % 100) / 5)]}${"aeiou"[number % 5]}`;
  return number < 100 ? ends : syllables(Math.floor(number / 100)) + ends;
}

/** The same numbers from 0 to 1 in every run (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
