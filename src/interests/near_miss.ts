import type { Batch } from "./batch.ts";
import { type QuerySet, sign } from "./query_set.ts";

/** A paper of a batch, by its place there, and a lexeme of the part of the query that it lacks. */
export type NearMiss = { paper: number; rank: number; missing: string };

/** Of what a query asks for, measured by rarity, a near miss has at least so much: what it lacks is the lesser part. */
const leastShare = 0.6;
/** More parts are a list that somebody pasted, and each costs. */
const mostParts = 12;

/**
 * The paper that comes nearest to a query of a set which hits no paper of the batch: it has all the parts that are asked for but
 * one, and nothing that is left out. Only what asks for several things together can be missed so; a word or a phrase alone is
 * there or not.
 */
export function findNearMiss(batch: Batch, set: QuerySet, slot: number): NearMiss | undefined {
  const start = allOf(set, set.starts[slot] as number);
  if (start === undefined) return undefined;
  const { wanted, excluded } = partsOf(set, start);
  if (wanted.length > mostParts) return undefined;
  const rarities = wanted.map((part) => batch.rarityAt(part));
  const spare = (1 - leastShare) * rarities.reduce((sum, rarity) => sum + rarity, 0);
  if (!rarities.some((rarity) => rarity <= spare)) return undefined;
  const found = wanted.map((part) => batch.findAt(part));
  const absent = found.flatMap((bits, part) => (bits ? [] : [part]));
  if (absent.length > 1) return undefined;
  let best: NearMiss | undefined;
  for (const [missing, rarity] of rarities.entries()) {
    if (rarity > spare || (absent.length === 1 && missing !== absent[0])) continue;
    const others = found.filter((_, part) => part !== missing).concat(excluded.map((part) => batch.findAt(part)));
    const papers = intersection(others);
    if (!papers) continue;
    const { papers: nearest, ranks } = batch.rank(slot, 1, papers);
    if (nearest.length === 0 || (best && best.rank >= (ranks[0] as number))) continue;
    const [paper, rank] = [nearest[0] as number, ranks[0] as number];
    best = { paper, rank, missing: set.firstLexeme(wanted[missing] as number) };
  }
  return best;
}

/** Where `all` begins at a node: two words are looked for as `all` of them, or joined. */
function allOf(set: QuerySet, start: number): number | undefined {
  if (set.code[start] === sign.and) return start;
  return set.code[start] === sign.or && set.code[start + 3] === sign.and ? start + 3 : undefined;
}

/** Where the parts of `all` begin in the code of a set. */
function partsOf(set: QuerySet, start: number): { wanted: number[]; excluded: number[] } {
  const wanted: number[] = [];
  const excluded: number[] = [];
  const parts = set.code[start + 1] as number;
  let at = start + 3;
  for (let part = 0; part < parts; part++) {
    const deeper = allOf(set, at);
    if (set.code[at] === sign.not) excluded.push(at);
    else if (deeper === undefined) wanted.push(at);
    else {
      const of = partsOf(set, deeper);
      wanted.push(...of.wanted);
      excluded.push(...of.excluded);
    }
    at = set.behind(at);
  }
  return { wanted, excluded };
}

/** Undefined: no paper is in all of them. */
function intersection(sets: (Uint32Array | null)[]): Uint32Array | undefined {
  const common = sets[0]?.slice();
  if (!common) return undefined;
  for (const bits of sets.slice(1)) {
    if (!bits) return undefined;
    for (let word = 0; word < common.length; word++) common[word] = (common[word] as number) & (bits[word] as number);
  }
  return common.some((word) => word !== 0) ? common : undefined;
}
