import { systemClock } from "../../src/clock.ts";
import type { Database } from "../../src/db.ts";
import { learnAcronyms } from "../../src/interests/acronyms.ts";
import { savePapers } from "../../src/papers/save.ts";
import { compareWays, type Indexed } from "../interests/agreement.ts";
import { InterestMaker } from "../interests/interests_of_papers.ts";
import { generator } from "./interests.ts";
import { printTable, readCorpus, timed, withDatabase } from "./setup.ts";

/** So many papers are compared with interests that are made of them, then the next. */
const papersAtOnce = 200;

/**
 * Whether `@@`, the index of a batch and the evaluator agree about every interest and every paper, over papers as they are really
 * written. Prints each pair about which they differ.
 */
export async function benchAgreement({
  corpus,
  papers: mostPapers = 600,
  interests: wanted = 1500,
  seed = 1,
}: {
  corpus: string | undefined;
  papers?: number | undefined;
  interests?: number | undefined;
  seed?: number | undefined;
}): Promise<void> {
  await withDatabase(async (sql) => {
    const random = generator(seed);
    const chosen = shuffle(await readCorpus(corpus, mostPapers), random).slice(0, mostPapers);
    for (let at = 0; at < chosen.length; at += 500) await savePapers(sql, systemClock, chosen.slice(at, at + 500));
    const ids = (await sql<{ id: number }[]>`select id from papers order by id`).map((row) => row.id);
    await learnAcronyms(sql, ids);
    const atOnce = Math.ceil((wanted * papersAtOnce) / ids.length);
    let [interests, pairs, hits, hitting, uncompiled, different] = [0, 0, 0, 0, 0, 0];
    const { milliseconds } = await timed(async () => {
      for (let at = 0; at < ids.length; at += papersAtOnce) {
        const papers = await readPapers(sql, ids.slice(at, at + papersAtOnce));
        const maker = new InterestMaker(papers, random);
        const lines = [...new Set(Array.from({ length: atOnce }, () => maker.make()))];
        const agreement = await compareWays(sql, papers, lines);
        interests += lines.length;
        pairs += lines.length * papers.length;
        hits += agreement.hits.reduce((sum, count) => sum + count, 0);
        hitting += agreement.hits.filter((count) => count > 0).length;
        uncompiled += agreement.uncompiled;
        different += agreement.differences.length;
        for (const { line, tsquery, paper, said } of agreement.differences)
          console.log(`- ${line}\n  ${tsquery}\n  ${paper.title}: ${said}\n`);
      }
    });
    console.log(`agreement: ${ids.length} papers from ${corpus ?? "a generated corpus"}, ${papersAtOnce} at once\n`);
    printTable([
      ["interests", "of these hit", "pairs", "hits", "left to @@", "pairs they differ on", "seconds"],
      [interests, hitting, pairs, hits, uncompiled, different, Math.round(milliseconds / 1000)],
    ]);
    if (different > 0) process.exitCode = 1;
  });
}

function shuffle<T>(list: T[], random: () => number): T[] {
  return list
    .map((it) => ({ it, key: random() }))
    .sort((one, other) => one.key - other.key)
    .map(({ it }) => it);
}

async function readPapers(sql: Database, ids: number[]): Promise<Indexed[]> {
  return sql<Indexed[]>`
    select title, abstract, authors, organization, categories, vector::text as vector
    from papers where id = any(${ids}::bigint[]) order by id`;
}
