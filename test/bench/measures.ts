/** How well an answer to a question agrees with what is relevant to it, each from 0 to 1. */
export type Measures = { recall: number; recallOfFirst: number; precision: number; gain: number; hits: number };

/**
 * `found` is all that hits, `best` the first hundred of the answer in order. Recall is the share of the relevant that is found;
 * precision that of the relevant among the first 10; gain is nDCG@10: a place counts less the lower it is, and 1 is the best
 * order that there could be.
 */
export function measure(relevant: Set<number>, found: Set<number>, best: number[]): Measures {
  const first = best.slice(0, 10);
  const discount = (place: number) => 1 / Math.log2(place + 2);
  const ideal = sum(Array.from({ length: Math.min(10, relevant.size) }, (_, place) => discount(place)));
  return {
    recall: relevant.intersection(found).size / relevant.size,
    recallOfFirst: relevant.intersection(new Set(best)).size / relevant.size,
    precision: first.filter((document) => relevant.has(document)).length / 10,
    gain: sum(first.map((document, place) => (relevant.has(document) ? discount(place) : 0))) / ideal,
    hits: found.size,
  };
}

/** The mean over questions: each counts the same, however many documents are relevant to it. */
export function mean(measures: Measures[]): Measures {
  const of = (name: keyof Measures) => sum(measures.map((it) => it[name])) / Math.max(1, measures.length);
  return {
    recall: of("recall"),
    recallOfFirst: of("recallOfFirst"),
    precision: of("precision"),
    gain: of("gain"),
    hits: of("hits"),
  };
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
