import { isLinking } from "../../src/interests/tokens.ts";

/** A paper as the simulation knows it. */
export type SimulatedPaper = { id: number; title: string; abstract: string; authors: string[]; categories: string[] };

/**
 * What a simulated reader likes among the papers of a broad interest, and never says. What it is made from is kept from the model:
 * `isHeldOut` names the features that it must not see, so that nothing can be learnt by just finding the definition.
 */
export type HiddenTaste = {
  kind: "phrase" | "category";
  name: string;
  likes: Set<number>;
  isHeldOut: (feature: string) => boolean;
};

/** A taste is for such a share of an interest's papers: neither nearly all nor nearly none. */
const leastShare = 0.05;
const greatestShare = 0.25;
const tastesOfAKind = 3;
/** What stands in titles less often, for all that have it, is a way of speaking and no subject. */
const leastInTitles = 0.2;
/** Added to nearly any paper, so that they name no subject. */
const saysNothing = ["cs.AI", "cs.LG"];

/**
 * Tastes for sub-topics of an interest: a phrase, or a second category. `taken` are phrases of other interests, for which there are
 * tastes already: so no two interests have the same.
 */
export function hiddenTastes(interest: string, papers: SimulatedPaper[], taken: Set<string>): HiddenTaste[] {
  const phrases = phraseTastes(interest, papers, taken);
  for (const { name } of phrases) taken.add(name);
  return [...phrases, ...categoryTastes(interest, papers)];
}

function isFitting(count: number, papers: SimulatedPaper[]): boolean {
  return count >= leastShare * papers.length && count <= greatestShare * papers.length;
}

/** Those that stand in titles most, for all the papers that have them. */
function phraseTastes(interest: string, papers: SimulatedPaper[], taken: Set<string>): HiddenTaste[] {
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
    .map(([phrase, { likes, titles }]) => ({ phrase, likes, share: titles / likes.size }))
    .filter(({ phrase, likes, share }) => share >= leastInTitles && isFitting(likes.size, papers) && !taken.has(phrase))
    .filter(({ phrase }) => !phrase.split(" ").some((word) => asked.has(word)))
    .sort((one, other) => other.share - one.share);
  const chosen: HiddenTaste[] = [];
  for (const { phrase: name, likes } of found) {
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
    .filter(([name, likes]) => isFitting(likes.size, papers) && !interest.includes(name) && !saysNothing.includes(name))
    .sort(([, one], [, other]) => one.size - other.size)
    .slice(0, tastesOfAKind)
    .map(([name, likes]) => ({ kind: "category", name, likes, isHeldOut: (it) => it.startsWith("category ") }));
}
