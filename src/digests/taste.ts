import type { Features } from "./features.ts";

/** A paper that a reader voted on. */
export type Judged = { features: Features; liked: boolean };

/** What a reader's votes say about each feature, by its number: above 0 for what they like, below for what they don't. */
export type Taste = Float64Array;

/** How sure it is beforehand that a feature says nothing: the greater, the more votes it takes to be moved. */
const restraint = 1;
/** Papers on one subject have little more than a tenth in common, and so much of it is to be felt. */
const gain = 6;
const mostSweeps = 100;
const settled = 1e-5;

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
 *
 * `taste` is what is filled and answered, all 0 before, with room for every feature.
 */
export function learnTaste(judged: Judged[], taste: Taste = new Float64Array(sizeFor(judged))): Taste {
  const shares = findShares(judged, likenesses(judged, taste));
  for (const [at, { features }] of judged.entries()) add(taste, features, shares[at] as number);
  return taste;
}

function findShares(judged: Judged[], alike: Float64Array): Float64Array {
  const count = judged.length;
  const shares = new Float64Array(count);
  for (let sweep = 0, change = 1; sweep < mostSweeps && change > settled; sweep++) {
    change = 0;
    for (let at = 0; at < count; at++) {
      const sign = judged[at]?.liked ? 1 : -1;
      let says = 0;
      for (let other = 0; other < count; other++)
        says += (alike[at * count + other] as number) * (shares[other] as number);
      const wanted = sign / (1 + Math.exp(sign * says)) / restraint;
      const step = (wanted - (shares[at] as number)) / (1 + (alike[at * count + at] as number) / (4 * restraint));
      shares[at] = (shares[at] as number) + step;
      change = Math.max(change, Math.abs(step));
    }
  }
  return shares;
}

/** How much each paper has in common with each, by means of an array of zeros, which it is again at the end. */
function likenesses(judged: Judged[], scratch: Float64Array): Float64Array {
  const count = judged.length;
  const alike = new Float64Array(count * count);
  for (const [at, { features }] of judged.entries()) {
    add(scratch, features, 1);
    for (let other = at; other < count; other++) {
      const likeness = product(scratch, (judged[other] as Judged).features);
      alike[at * count + other] = likeness;
      alike[other * count + at] = likeness;
    }
    for (const id of features.ids) scratch[id] = 0;
  }
  return alike;
}

function sizeFor(judged: Judged[]): number {
  return judged.reduce((size, { features }) => Math.max(size, 1 + (features.ids.at(-1) ?? 0)), 0);
}

function add(sum: Float64Array, { ids, weights }: Features, share: number): void {
  for (let at = 0; at < ids.length; at++) {
    const id = ids[at] as number;
    sum[id] = (sum[id] as number) + share * (weights[at] as number);
  }
}

function product(dense: Float64Array, { ids, weights }: Features): number {
  let sum = 0;
  for (let at = 0; at < ids.length; at++) sum += (dense[ids[at] as number] ?? 0) * (weights[at] as number);
  return sum;
}

/**
 * By how much a paper's score is multiplied: 2 ^ tanh(6 w.x), which is never less than 0.5 or more than 2 whatever was voted, 1
 * where nothing is known, and still puts what lies near a bound in order.
 */
export function tasteFactor(taste: Taste, features: Features | undefined): number {
  return features ? 2 ** Math.tanh(gain * product(taste, features)) : 1;
}

/** The features that speak most for a paper, or against it: the numbers of at most so many, the strongest first. */
export function strongest(taste: Taste, { ids, weights }: Features, isLiked: boolean, most: number): number[] {
  const sign = isLiked ? 1 : -1;
  const found: { id: number; says: number }[] = [];
  for (let at = 0; at < ids.length; at++) {
    const id = ids[at] as number;
    const says = sign * (taste[id] ?? 0) * (weights[at] as number);
    if (says > 0) found.push({ id, says });
  }
  found.sort((one, other) => other.says - one.says);
  return found.slice(0, most).map(({ id }) => id);
}
