import type { Config } from "../../src/config.ts";
import type { Database } from "../../src/db.ts";
import { type FeatureTable, noFeatures, readFeatures } from "../../src/digests/features.ts";
import type { Paper } from "../../src/digests/rank.ts";
import { noQueries } from "../../src/interests/known_queries.ts";
import { match } from "../../src/interests/match.ts";
import { createLog } from "../../src/log.ts";
import { savePapers } from "../../src/papers/save.ts";
import type { PaperRecord } from "../../src/sources/source.ts";
import { importReader } from "../../src/subscribers/transfer.ts";
import type { SimulatedPaper } from "./hidden_tastes.ts";
import type { Day } from "./simulated_readers.ts";

/** As readers type them: broad, so that each hits more papers in a day than a digest has room for. */
export const broadInterests = [
  ..."agents|reasoning|diffusion|reinforcement learning|multimodal|robot|video|retrieval|benchmark|alignment OR safety".split(
    "|",
  ),
  ..."graph|medical OR clinical|code|speech OR audio|3D|detection|segmentation|transformer|optimization|security OR privacy".split(
    "|",
  ),
  ..."image generation|planning|language models|prediction|time series OR forecasting|knowledge|cat:cs.CV|cat:cs.LG".split(
    "|",
  ),
  ..."cat:cs.CL|cat:cs.AI|cat:cs.RO|human|memory|adaptation OR transfer|efficient|causal OR bayesian|physics OR scientific".split(
    "|",
  ),
  ..."search|attention|learning theory OR convergence".split("|"),
];

export type World = {
  papers: Map<number, SimulatedPaper>;
  /** What each interest hit, day by day, as matching kept it. */
  days: Day[][];
  features: FeatureTable;
};

/** Papers taken in and matched a day at a time, as a worker does it, for one reader of all the interests. */
export async function makeWorld(sql: Database, config: Config, corpus: PaperRecord[]): Promise<World> {
  let now = Temporal.Instant.from("2026-01-01T00:00:00Z");
  const context = { sql, config, clock: () => now, log: createLog("silent") };
  const reader = { email: "reader@example.org", confirmedAt: now.toString(), interests: broadInterests };
  await importReader(context, JSON.stringify(reader));
  const known = noQueries();
  const byDay = [...Map.groupBy(corpus, (paper) => paper.listings[0]?.date ?? "")].sort(([one], [other]) =>
    one < other ? -1 : 1,
  );
  for (const [at, [, papers]] of byDay.entries()) {
    now = now.add({ hours: 24 });
    await savePapers(sql, context.clock, papers);
    if (at === 0) await sql`analyze papers`;
    while ((await match(context, known)).left > 0);
  }
  await sql`vacuum analyze papers`;
  return readWorld(sql);
}

/** What was taken in and matched. */
export async function readWorld(sql: Database): Promise<World> {
  return { papers: await readSimulated(sql), days: await readDays(sql), features: await readAllFeatures(sql) };
}

async function readSimulated(sql: Database): Promise<Map<number, SimulatedPaper>> {
  const rows = await sql<SimulatedPaper[]>`select id, title, abstract, authors, categories from papers`;
  return new Map(rows.map((row) => [row.id, row]));
}

async function readDays(sql: Database): Promise<Day[][]> {
  const rows = await sql<{ position: number; paper: number; batch: number; rank: number }[]>`
    select i.position, m.paper_id as paper, p.batch_id as batch, m.rank
    from interests i join matches m using (query_id) join papers p on p.id = m.paper_id order by m.rank desc, m.paper_id desc`;
  const known = new Map<number, Paper>();
  const paperOf = (id: number) =>
    known.getOrInsertComputed(id, () => {
      return { id, place: known.size, revision: 1, upvotes: null, comments: null, trend: 0, worth: 1 };
    });
  const byInterest = Map.groupBy(rows, (row) => row.position);
  return [...byInterest]
    .sort(([one], [other]) => one - other)
    .map(([, hits]) =>
      [...Map.groupBy(hits, (hit) => hit.batch)]
        .sort(([one], [other]) => one - other)
        .map(([batch, of]) => ({
          after: 0,
          near: [],
          batches: [{ batch, papers: of.map((it) => paperOf(it.paper)), ranks: of.map((it) => it.rank) }],
          least: 0,
        })),
    );
}

async function readAllFeatures(sql: Database): Promise<FeatureTable> {
  const features = noFeatures();
  const rows = await sql<{ id: number }[]>`select distinct paper_id as id from matches`;
  await readFeatures(
    sql,
    features,
    rows.map((row) => row.id),
  );
  return features;
}
