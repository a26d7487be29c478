import type { Features } from "./features.ts";

/** A paper that a reader voted on. */
export type Judged = { features: Features; liked: boolean };

/** What a reader's votes say about features, by their numbers: above 0 for what they like, below for what they don't. */
export type Taste = Map<number, number>;

const restraint = 2;
const gain = 12;

export function learnTaste(judged: Judged[]): Taste {
  const taste: Taste = new Map();
  for (const { features, liked } of judged) {
    const share = (liked ? 1 : -1) / (judged.length + restraint);
    for (const [at, id] of features.ids.entries())
      taste.set(id, (taste.get(id) ?? 0) + share * (features.weights[at] as number));
  }
  return taste;
}

/** By how much a paper's score is multiplied, from 0.5 to 2; 1 where nothing is known. */
export function tasteFactor(taste: Taste, features: Features | undefined): number {
  if (!features || taste.size === 0) return 1;
  let sum = 0;
  for (let at = 0; at < features.ids.length; at++)
    sum += (taste.get(features.ids[at] as number) ?? 0) * (features.weights[at] as number);
  return 2 ** Math.max(-1, Math.min(1, gain * sum));
}

/** The features that speak most for a paper, or against it: their numbers, the strongest first. */
export function strongest(taste: Taste, { ids, weights }: Features, isLiked: boolean): number[] {
  const sign = isLiked ? 1 : -1;
  return [...ids]
    .map((id, at) => ({ id, says: sign * (taste.get(id) ?? 0) * (weights[at] as number) }))
    .filter(({ says }) => says > 0)
    .sort((one, other) => other.says - one.says)
    .map(({ id }) => id);
}
