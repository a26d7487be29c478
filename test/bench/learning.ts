import type { Features, FeatureTable } from "../../src/digests/features.ts";
import { learnTaste, tasteFactor } from "../../src/digests/taste.ts";
import { type HiddenTaste, hiddenTastes, type SimulatedPaper } from "./hidden_tastes.ts";
import { generator } from "./interests.ts";
import { benchTasteCosts } from "./learning_costs.ts";
import { broadInterests, makeWorld, type World } from "./learning_world.ts";
import { benchConfig } from "./planning_world.ts";
import { printTable, readCorpus, withDatabase } from "./setup.ts";
import {
  castVotes,
  type Day,
  edition,
  type Factor,
  papersOf,
  precision,
  type SimulatedVote,
} from "./simulated_readers.ts";

const voteCounts = [1, 5, 20];
/** Readers of a taste: each casts other votes. */
const readersOfATaste = 3;

/**
 * How much better the first ten papers of a digest are for a reader with a hidden taste, after some votes. Each second interest
 * is for trying settings on (`dev`), the others only for telling how good they are (`test`).
 */
export async function benchLearning({ corpus }: { corpus: string | undefined }): Promise<void> {
  if (!corpus) return console.log("learning: needs --corpus, a file of papers of many days\n");
  const papers = await readCorpus(corpus, 0);
  await withDatabase(async (sql) => {
    const world = await makeWorld(sql, benchConfig(), papers);
    const readers = simulateReaders(world);
    console.log(
      `learning: ${papers.length} papers of ${corpus}; precision at 10 of ${readers.length} simulated readers\n`,
    );
    printTable([
      [
        "half",
        "taste",
        "readers",
        "no votes",
        ...voteCounts.map((count) => `after ${count}`),
        "better",
        "worse",
        "told all",
      ],
      ...["dev", "test"].flatMap((half) =>
        ["all", "phrase", "category"].map((kind) =>
          rowOf(
            half,
            kind,
            readers.filter((it) => it.half === half && (kind === "all" || it.taste.kind === kind)),
            world,
          ),
        ),
      ),
    ]);
    console.log(`\nafter 20 votes at random: ${keptOf(readers, world)} of the first ten papers stay among them\n`);
    await benchTasteCosts(sql);
  });
}

type SimulatedReader = { half: "dev" | "test"; taste: HiddenTaste; votes: SimulatedVote[]; after: Day[] };

/** Readers vote on what the first half of the days showed them, and are looked at in the second. */
function simulateReaders({ papers, days }: World): SimulatedReader[] {
  const taken = new Set<string>();
  return broadInterests.flatMap((interest, at) => {
    const own = days[at] ?? [];
    const hits = [...new Set(own.flatMap(papersOf))].map(({ id }) => papers.get(id) as SimulatedPaper);
    const middle = Math.floor(own.length / 2);
    const half = at % 2 === 0 ? "dev" : "test";
    return hiddenTastes(interest, hits, taken).flatMap((taste, number) =>
      Array.from({ length: readersOfATaste }, (_, reader): SimulatedReader => {
        const random = generator(1000 * at + 10 * number + reader);
        const votes = castVotes(own.slice(0, middle), taste, Math.max(...voteCounts), random);
        return { half, taste, votes, after: own.slice(middle) };
      }).filter(({ votes }) => votes.length === Math.max(...voteCounts)),
    );
  });
}

function rowOf(half: string, kind: string, readers: SimulatedReader[], { features }: World): (string | number)[] {
  const before = readers.map(({ after, taste }) => precision(after, taste));
  const learnt = voteCounts.map((count) =>
    readers.map((reader) => precision(reader.after, reader.taste, factorAfter(reader, count, features))),
  );
  const told = readers.map(({ after, taste }) =>
    precision(after, taste, (paper) => (taste.likes.has(paper) ? 2 : 0.5)),
  );
  const last = learnt.at(-1) as number[];
  const count = (sign: number) => last.filter((share, at) => Math.sign(share - (before[at] as number)) === sign).length;
  const figures = [before, ...learnt].map((shares) => mean(shares).toFixed(3));
  return [half, kind, readers.length, ...figures, count(1), count(-1), mean(told).toFixed(3)];
}

/** As planning has it, but without the features that the taste is made from. */
function factorAfter({ votes, taste }: SimulatedReader, count: number, table: FeatureTable): Factor {
  const known = seenBy.getOrInsertComputed(taste, () => new Map<number, Features>());
  const seen = (paper: number) =>
    known.getOrInsertComputed(paper, () => withoutHeldOut(taste, table, table.papers.get(paper) as Features));
  const learnt = learnTaste(
    votes.slice(0, count).map(({ paper, liked }) => ({ features: seen(paper), liked })),
    new Float64Array(table.names.length),
  );
  return (paper) => tasteFactor(learnt, seen(paper));
}

const seenBy = new WeakMap<HiddenTaste, Map<number, Features>>();

function withoutHeldOut({ isHeldOut }: HiddenTaste, { names }: FeatureTable, { ids, weights }: Features): Features {
  const kept = Array.from(ids, (id) => !isHeldOut(names[id] as string));
  return { ids: ids.filter((_, at) => kept[at]), weights: weights.filter((_, at) => kept[at]) };
}

/** The share of the first ten papers that is among them still when the votes of a reader have nothing in common. */
function keptOf(readers: SimulatedReader[], { features }: World): string {
  const shares = readers.flatMap((reader, at) => {
    const random = generator(at);
    const votes = reader.votes.map(({ paper }) => ({ paper, liked: random() < 0.5 }));
    const factor = factorAfter({ ...reader, votes }, votes.length, features);
    return reader.after.map((day) => {
      const before = new Set(edition(day));
      return edition(day, factor).filter((paper) => before.has(paper)).length / before.size;
    });
  });
  return `${(100 * mean(shares)).toFixed(0)} %`;
}

function mean(numbers: number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / Math.max(1, numbers.length);
}
