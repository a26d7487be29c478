import { parseArgs } from "node:util";
import { benchAgreement } from "./agreement.ts";
import { benchBounces } from "./bounces.ts";
import { benchDelivery } from "./delivery.ts";
import { benchFuzz } from "./fuzz.ts";
import { benchLearning } from "./learning.ts";
import { benchMatching } from "./matching.ts";
import { benchPlanning } from "./planning.ts";
import { benchQueued } from "./queued.ts";
import { benchRanking } from "./ranking.ts";
import { benchSchedule } from "./schedule.ts";
import { benchWeb } from "./web.ts";

type Options = {
  corpus: string | undefined;
  full: boolean;
  papers: number | undefined;
  interests: number | undefined;
  lines: number | undefined;
  asked: number | undefined;
  strings: string | undefined;
  seed: number | undefined;
  judgements: string | undefined;
  carriers: number | undefined;
  server: string | undefined;
};

const benches: Record<string, (options: Options) => Promise<void>> = {
  matching: benchMatching,
  planning: benchPlanning,
  ranking: benchRanking,
  learning: benchLearning,
  agreement: benchAgreement,
  fuzz: benchFuzz,
  delivery: benchDelivery,
  queued: benchQueued,
  bounces: benchBounces,
  web: benchWeb,
  schedule: benchSchedule,
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    corpus: { type: "string" },
    full: { type: "boolean", default: false },
    papers: { type: "string" },
    interests: { type: "string" },
    lines: { type: "string" },
    asked: { type: "string" },
    strings: { type: "string" },
    seed: { type: "string" },
    judgements: { type: "string" },
    carriers: { type: "string" },
    server: { type: "string" },
  },
});
const number = (text: string | undefined) => (text === undefined ? undefined : Number(text));
const chosen = positionals.length > 0 ? positionals : Object.keys(benches);
for (const name of chosen) {
  const bench = benches[name];
  if (!bench)
    throw new Error(`There is no bench ${JSON.stringify(name)}. There are: ${Object.keys(benches).join(", ")}.`);
  await bench({
    corpus: values.corpus,
    full: values.full,
    papers: number(values.papers),
    interests: number(values.interests),
    lines: number(values.lines),
    asked: number(values.asked),
    strings: values.strings,
    seed: number(values.seed),
    judgements: values.judgements,
    carriers: number(values.carriers),
    server: values.server,
  });
}
