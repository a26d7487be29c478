import { parseArgs } from "node:util";
import { benchBounces } from "./bounces.ts";
import { benchMatching } from "./matching.ts";
import { benchPlanning } from "./planning.ts";
import { benchRanking } from "./ranking.ts";
import type { Options } from "./setup.ts";

const benches: Record<string, (options: Options) => Promise<void>> = {
  matching: benchMatching,
  planning: benchPlanning,
  ranking: benchRanking,
  bounces: benchBounces,
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    corpus: { type: "string" },
    full: { type: "boolean", default: false },
    judgements: { type: "string" },
    carriers: { type: "string" },
  },
});
const chosen = positionals.length > 0 ? positionals : Object.keys(benches);
for (const name of chosen) {
  const bench = benches[name];
  if (!bench)
    throw new Error(`There is no bench ${JSON.stringify(name)}. There are: ${Object.keys(benches).join(", ")}.`);
  await bench({ corpus: undefined, judgements: undefined, carriers: undefined, ...values });
}
