import { isLinking } from "../../src/interests/tokens.ts";

/** A paper as the simulation knows it. */
export type SimulatedPaper = { id: number; title: string; abstract: string; authors: string[]; categories: string[] };

/**
 * What a simulated reader likes among the papers of a broad interest, and never says. What it is made from is kept from the model:
 * `isHeldOut` names the features that it must not see, so that nothing can be learnt by just finding the definition.
 */
export type HiddenTaste = {
  kind: "phrase" | "category" | "authors";
  name: string;
  likes: Set<number>;
  isHeldOut: (feature: string) => boolean;
};

/** A taste is for such a share of an interest's papers: neither nearly all nor nearly none. */
const leastShare = 0.06;
const greatestShare = 0.25;
const tastesOfAKind = 2;

/** Tastes for sub-topics of an interest: a phrase, a second category, a circle of authors who write together. */
export function hiddenTastes(interest: string, papers: SimulatedPaper[]): HiddenTaste[] {
  return [...phraseTastes(interest, papers), ...categoryTastes(interest, papers), ...authorTastes(papers)];
}

function isFitting(count: number, papers: SimulatedPaper[]): boolean {
  return count >= leastShare * papers.length && count <= greatestShare * papers.length;
}

/** Phrases that stand in titles as well: what stands in abstracts alone is a way of speaking, no subject. */
function phraseTastes(interest: string, papers: SimulatedPaper[]): HiddenTaste[] {
  const carriers = new Map<string, { likes: Set<number>; titles: number }>();
  for (const { id, title, abstract } of papers) {
    const inTitle = new Set(phrasesOf(title));
    for (const phrase of new Set([...inTitle, ...phrasesOf(abstract)])) {
      const it = carriers.getOrInsertComputed(phrase, () => ({ likes: new Set<number>(), titles: 0 }));
      it.likes.add(id);
      if (inTitle.has(phrase)) it.titles++;
    }
  }
  const asked = new Set(interest.toLowerCase().match(/[a-z]+/g));
  const found = [...carriers]
    .filter(
      ([phrase, { likes }]) => isFitting(likes.size, papers) && !phrase.split(" ").some((word) => asked.has(word)),
    )
    .sort(([, one], [, other]) => other.titles / other.likes.size - one.titles / one.likes.size);
  const chosen: HiddenTaste[] = [];
  for (const [name, { likes }] of found) {
    const stems = name.split(" ").map((word) => word.slice(0, Math.max(4, word.length - 3)));
    const isHeldOut = (feature: string) => feature.startsWith("word ") && stems.some((stem) => feature.includes(stem));
    if (chosen.length < tastesOfAKind && !chosen.some((it) => name.split(" ").some((word) => it.name.includes(word))))
      chosen.push({ kind: "phrase", name, likes, isHeldOut });
  }
  return chosen;
}

function phrasesOf(text: string): string[] {
  const words = text.toLowerCase().match(/[a-z]+|[^a-z\s-]/g) ?? [];
  return words.flatMap((word, at) => {
    const next = words[at + 1] ?? "";
    const fits = [word, next].every((it) => it.length > 3 && !isLinking(it));
    return fits ? [`${word} ${next}`] : [];
  });
}

/** Each paper's first category is where it belongs; the others say what else it is about. */
function categoryTastes(interest: string, papers: SimulatedPaper[]): HiddenTaste[] {
  const carriers = new Map<string, Set<number>>();
  for (const { id, categories } of papers)
    for (const name of categories.slice(1)) carriers.getOrInsertComputed(name, () => new Set<number>()).add(id);
  return [...carriers]
    .filter(([name, likes]) => isFitting(likes.size, papers) && !interest.includes(name))
    .sort(([, one], [, other]) => one.size - other.size)
    .slice(0, tastesOfAKind)
    .map(([name, likes]) => ({ kind: "category", name, likes, isHeldOut: (it) => it.startsWith("category ") }));
}

/** From whoever writes most, on to whom they write with, until the circle has enough papers. */
function authorTastes(papers: SimulatedPaper[]): HiddenTaste[] {
  const byAuthor = new Map<string, SimulatedPaper[]>();
  for (const paper of papers)
    for (const author of paper.authors.slice(0, 30)) byAuthor.getOrInsertComputed(author, () => []).push(paper);
  const first = [...byAuthor].sort(([, one], [, other]) => other.length - one.length)[0]?.[0] ?? "";
  const likes = new Set<number>();
  const circle = new Set([first]);
  for (const author of circle) {
    if (likes.size >= 1.3 * leastShare * papers.length) break;
    for (const paper of byAuthor.get(author) ?? []) {
      likes.add(paper.id);
      for (const other of paper.authors.slice(0, 30)) circle.add(other);
    }
  }
  if (!isFitting(likes.size, papers)) return [];
  return [{ kind: "authors", name: first, likes, isHeldOut: (it) => it.startsWith("author ") }];
}
