import type { Features } from "./features.ts";

/** A paper that a reader voted on. */
export type Judged = { features: Features; liked: boolean };

/** What a reader's votes say about features, by their numbers: above 0 for what they like, below for what they don't. */
export type Taste = Map<number, number>;

/** How sure it is beforehand that a feature says nothing: the greater, the more votes it takes to be moved. */
const restraint = 1;
/** Papers on one subject have little more than a tenth in common, and so much of it is to be felt. */
const gain = 6;
const mostSweeps = 100;
const settled = 1e-6;

/**
 * What there is to learn from votes, whatever their order: logistic regression on the features of papers, held back (L2), which is
 * what Scholar Inbox ranks by, where arxiv-sanity has its near relative, the linear SVM. It is the w with the least
 *
 *     sum of ln(1 + exp(-y w.x)) + restraint / 2 |w|^2
 *
 * over the votes, x being a paper's features and y 1 or -1. The reasons: with one vote it is a small step towards that paper;
 * what liked and disliked papers share cancels out, so that the words of the interest itself, which all have, say nothing; a vote
 * that the others foretell adds little, and one that goes against many does not overturn them. There is no constant: whoever only
 * likes would else be taken for liking everything. `w` is a sum of the papers with a share of each, at most 1 / restraint, which
 * is found share by share; the bound of the curve makes each step safe (Böhning and Lindsay).
 */
export function learnTaste(judged: Judged[]): Taste {
  const alike = judged.map((one) => Float64Array.from(judged, (other) => product(one.features, other.features)));
  const shares = new Float64Array(judged.length);
  for (let sweep = 0, change = 1; sweep < mostSweeps && change > settled; sweep++) {
    change = 0;
    for (const [at, { liked }] of judged.entries()) {
      const row = alike[at] as Float64Array;
      const sign = liked ? 1 : -1;
      const says = row.reduce((sum, likeness, other) => sum + likeness * (shares[other] as number), 0);
      const wanted = sign / (1 + Math.exp(sign * says)) / restraint;
      const step = (wanted - (shares[at] as number)) / (1 + (row[at] as number) / (4 * restraint));
      shares[at] = (shares[at] as number) + step;
      change = Math.max(change, Math.abs(step));
    }
  }
  const taste: Taste = new Map();
  for (const [at, { features }] of judged.entries())
    for (let index = 0; index < features.ids.length; index++) {
      const id = features.ids[index] as number;
      taste.set(id, (taste.get(id) ?? 0) + (shares[at] as number) * (features.weights[index] as number));
    }
  return taste;
}

/** How much two papers have in common. Their features stand in the order of their numbers. */
function product(one: Features, other: Features): number {
  let sum = 0;
  for (let at = 0, to = 0; at < one.ids.length && to < other.ids.length; ) {
    const difference = (one.ids[at] as number) - (other.ids[to] as number);
    if (difference === 0) sum += (one.weights[at] as number) * (other.weights[to] as number);
    if (difference <= 0) at++;
    if (difference >= 0) to++;
  }
  return sum;
}

/**
 * By how much a paper's score is multiplied: 2 ^ tanh(6 w.x), which is more than 0.5 and less than 2 whatever was voted, 1 where
 * nothing is known, and still puts what lies near a bound in order.
 */
export function tasteFactor(taste: Taste, features: Features | undefined): number {
  if (!features || taste.size === 0) return 1;
  let sum = 0;
  for (let at = 0; at < features.ids.length; at++)
    sum += (taste.get(features.ids[at] as number) ?? 0) * (features.weights[at] as number);
  return 2 ** Math.tanh(gain * sum);
}

/** The features that speak most for a paper, or against it: their numbers, the strongest first. */
export function strongest(taste: Taste, { ids, weights }: Features, isLiked: boolean): number[] {
  const sign = isLiked ? 1 : -1;
  return Array.from(ids, (id, at) => ({ id, says: sign * (taste.get(id) ?? 0) * (weights[at] as number) }))
    .filter(({ says }) => says > 0)
    .sort((one, other) => other.says - one.says)
    .map(({ id }) => id);
}
