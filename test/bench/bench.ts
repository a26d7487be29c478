import { parseArgs } from "node:util";
import { benchBounces } from "./bounces.ts";
import { benchMatching } from "./matching.ts";
import { benchPlanning } from "./planning.ts";
import { benchWeb } from "./web.ts";

const benches: Record<string, (options: { corpus: string | undefined; full: boolean }) => Promise<void>> = {
  matching: benchMatching,
  planning: benchPlanning,
  bounces: benchBounces,
  web: benchWeb,
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { corpus: { type: "string" }, full: { type: "boolean", default: false } },
});
const chosen = positionals.length > 0 ? positionals : Object.keys(benches);
for (const name of chosen) {
  const bench = benches[name];
  if (!bench)
    throw new Error(`There is no bench ${JSON.stringify(name)}. There are: ${Object.keys(benches).join(", ")}.`);
  await bench({ corpus: values.corpus, full: values.full });
}
