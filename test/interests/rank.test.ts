import fc from "fast-check";
import { expect, test } from "vitest";
import { Batch } from "../../src/interests/batch.ts";
import { compile, type Program } from "../../src/interests/program.ts";
import { QuerySet } from "../../src/interests/query_set.ts";

const shares: Record<string, number> = { model: 0.5, world: 0.1, large: 0.3, languag: 0.3 };
const rarity = { papers: 1000, frequency: (lexeme: string) => shares[lexeme] ?? 0.01 };

/** The ranks of papers, by what `tsvector::text` says of them, for a query. */
function ranks(query: string, vectors: string[], lengths?: number[]): number[] {
  const set = new QuerySet();
  set.add(1, compile(query) as Program);
  const { papers, ranks } = new Batch(vectors, set, rarity, lengths).rank(0, vectors.length);
  return vectors.map((_, paper) => ranks[papers.indexOf(paper)] as number);
}

function rank(query: string, vector: string, length?: number): number {
  return ranks(query, [vector], length === undefined ? undefined : [length])[0] as number;
}

test("a mention in the title says more than one in the abstract, and each further mention less than the one before", () => {
  const one = rank("'boat'", "'boat':20");
  const two = rank("'boat'", "'boat':20,30");
  const three = rank("'boat'", "'boat':20,30,40");
  expect(rank("'boat'", "'boat':3A")).toBeGreaterThan(one);
  expect(two - one).toBeGreaterThan(three - two);
  expect(three).toBeGreaterThan(two);
});

test("the same mentions say more in a short paper than in a long one", () => {
  expect(rank("'boat'", "'boat':20", 400)).toBeGreaterThan(rank("'boat'", "'boat':20", 4000));
});

test("a rare word ranks above a common one, and what several words share above what one of them has", () => {
  expect(rank("'boat'", "'boat':20")).toBeGreaterThan(rank("'model'", "'model':20"));
  expect(rank("'boat' & 'model'", "'boat':20 'model':50")).toBeGreaterThan(rank("'boat'", "'boat':20"));
});

test("two words rank the higher the closer they stand, in either order", () => {
  const place = fc.integer({ min: 1, max: 400 });
  fc.assert(
    fc.property(place, place, place, (at, one, other) => {
      fc.pre(one !== other);
      const near = rank("'boat' & 'world'", `'boat':${at} 'world':${at + Math.min(one, other)}`);
      const far = rank("'boat' & 'world'", `'boat':${at + Math.max(one, other)} 'world':${at}`);
      expect(near).toBeGreaterThan(far);
    }),
  );
});

test("words that stand together often rank above words that do so once", () => {
  const once = rank("'boat' & 'world'", "'boat':10,20,30 'world':11,120,130");
  const often = rank("'boat' & 'world'", "'boat':10,20,30 'world':11,21,31");
  expect(often).toBeGreaterThan(once);
});

test("other names of one thing rank alike, and it is as common as the commonest of them", () => {
  const query = "'llm' | 'large' <-> 'languag' <-> 'model'";
  const [short, long] = ranks(query, ["'llm':20", "'large':20 'languag':21 'model':22"]);
  expect(short).toBe(long);
  expect(rank("'boat' | 'model'", "'boat':20")).toBe(rank("'boat' | 'model'", "'model':20"));
  expect(rank("'boat' | 'model'", "'boat':20")).toBe(rank("'model'", "'model':20"));
});

test("a place counts once, however many names are found there", () => {
  expect(rank("'tune' | 'finetun'", "'finetun':20,21 'tune':21")).toBe(rank("'tune' | 'finetun'", "'tune':20,21"));
});

test("places of several names stand in the order of the text when closeness is told", () => {
  const apart = rank("('sea' | 'lake') & 'boat'", "'sea':5,90 'lake':40 'boat':60");
  const beside = rank("('sea' | 'lake') & 'boat'", "'sea':5,90 'lake':59 'boat':60");
  expect(beside).toBeGreaterThan(apart);
});

test("what is left out adds nothing and takes nothing away", () => {
  expect(rank("'boat' & !'quay'", "'boat':20")).toBe(rank("'boat'", "'boat':20"));
  expect(rank("'boat' & 'world' & !'quay'", "'boat':20 'world':21")).toBe(
    rank("'boat' & 'world'", "'boat':20 'world':21"),
  );
});

test("a part that is missing counts nothing, and more parts rank above fewer", () => {
  const query = "'boat' & 'world' & 'sea' & 'quay'";
  const [none, one, two, all] = ranks(query, [
    "'model':1",
    "'boat':20",
    "'boat':20 'sea':50",
    "'boat':20 'quay':90 'sea':50 'world':70",
  ]) as [number, number, number, number];
  expect(none).toBe(0);
  expect(one).toBe(rank("'boat'", "'boat':20"));
  expect(two).toBeGreaterThan(one);
  expect(all).toBeGreaterThan(two);
});

test("more parts than there is room for at first are ranked as well, and so are more places", () => {
  const words = Array.from({ length: 150 }, (_, at) => `'w${at}'`);
  const places = Array.from({ length: 40 }, (_, at) => at * 151);
  const vector = words.map((word, at) => `${word}:${places.map((place) => place + at + 1)}`).join(" ");
  const found = rank(words.join(" & "), vector);
  expect(found).toBeGreaterThan(rank(words.slice(0, 149).join(" & "), vector));
  expect(Number.isFinite(found)).toBe(true);
});

test("parts within parts are ranked without disturbing one another", () => {
  const inner = "('boat' & 'world' | 'boatworld')";
  const vector = "'boat':20 'quay':40 'sea':41 'world':21";
  const whole = rank(`${inner} & 'quay' & 'sea'`, vector);
  expect(whole).toBeGreaterThan(rank("'quay' & 'sea'", vector));
  expect(whole).toBeGreaterThan(rank(inner, vector));
});
