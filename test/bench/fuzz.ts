import { readFile } from "node:fs/promises";
import { systemClock } from "../../src/clock.ts";
import type { Database } from "../../src/db.ts";
import { UserError } from "../../src/errors.ts";
import { toExpressions } from "../../src/interests/expression.ts";
import { type Interest, parseInterest } from "../../src/interests/language.ts";
import { previewInterests } from "../../src/interests/preview.ts";
import { saveQueries } from "../../src/interests/queries.ts";
import { InterestError } from "../../src/interests/tokens.ts";
import { savePapers } from "../../src/papers/save.ts";
import { searchPapers } from "../../src/papers/search.ts";
import { InterestMaker } from "../interests/interests_of_papers.ts";
import { hostile, NoiseMaker } from "../interests/noise.ts";
import { generator } from "./interests.ts";
import { printTable, readCorpus, timed, withDatabase } from "./setup.ts";

/** No answer of the language may take longer. */
const longestAnswer = 50;
/** One line in so many goes to the database, too, unless another number of lines is asked for; and of these to a preview. */
const oneIn = 50;
const onePreviewIn = 4;

/**
 * Noise, broken interests and hostile ones: what the language answers to lines as they are not meant, and how long the database
 * works on those that can be read, over a corpus. `strings` is a file of naughty strings, one a line, to begin with.
 */
export async function benchFuzz({
  corpus,
  lines: count = 50_000,
  asked: most = count / oneIn,
  strings,
  seed = 1,
}: {
  corpus: string | undefined;
  lines?: number | undefined;
  asked?: number | undefined;
  strings?: string | undefined;
  seed?: number | undefined;
}): Promise<void> {
  const papers = await readCorpus(corpus, 2000);
  const random = generator(seed);
  const made = new InterestMaker(
    papers.map((it) => ({ ...it, organization: it.organization ?? null })),
    random,
  );
  const naughty = strings ? (await readFile(strings, "utf8")).split("\n") : [];
  const noise = new NoiseMaker([...naughty, ...Array.from({ length: 3000 }, () => made.make())], random);
  const lines = [...naughty, ...hostile];
  while (lines.length < count) lines.push(noise.make());
  console.log(`fuzz: ${lines.length} lines, papers from ${corpus ?? "a generated corpus"}\n`);
  const read = parseAll(lines);
  await withDatabase(async (sql) => {
    for (let at = 0; at < papers.length; at += 500) await savePapers(sql, systemClock, papers.slice(at, at + 500));
    await sql`analyze`;
    const step = Math.max(1, Math.floor(read.size / most));
    const asked = [...read].filter((_, at) => at % step === 0).slice(0, most);
    await askAll(sql, [...new Set([...hostile.filter((line) => read.has(line)), ...asked])]);
  });
}

/** Puts every line to the language and says what it promises but does not keep. Answers the lines that can be read. */
function parseAll(lines: string[]): Set<string> {
  const readable = new Set<string>();
  const faults = new Map<string, string[]>();
  const messages = new Map<string, number>();
  const slow: string[] = [];
  const fault = (what: string, line: string) => faults.set(what, [...(faults.get(what) ?? []), line]);
  for (const line of lines) {
    const { answer, milliseconds } = parse(line);
    if (milliseconds > longestAnswer / 10) slow.push(line);
    if (answer instanceof InterestError) {
      const kind = answer.message.replace(/\d+/g, "N").replace(/“.*?”/g, "“…”");
      messages.set(kind, (messages.get(kind) ?? 0) + 1);
      for (const what of faultsOfError(line, answer)) fault(what, line);
    } else if (answer instanceof Error) fault(`threw ${answer.name}: ${answer.message}`, line);
    else {
      readable.add(line);
      for (const what of faultsOfInterest(answer)) fault(what, line);
    }
  }
  // What was slow once may have waited for something else: it is the line's fault when it is slow again.
  const times = slow.map((line) => ({ line, took: Math.min(...[1, 2, 3].map(() => parse(line).milliseconds)) }));
  for (const { line, took } of times) if (took > longestAnswer) fault(`took more than ${longestAnswer} ms`, line);
  const slowest = times.sort((one, other) => other.took - one.took)[0] ?? { took: 0, line: "" };
  printTable([
    ["answer", "lines"],
    ["read", readable.size],
    ...[...messages].sort(([, one], [, other]) => other - one),
  ]);
  console.log(
    `\nslowest answer ${slowest.took.toFixed(1)} ms: ${JSON.stringify(slowest.line.slice(0, 100))}; promises broken: ${faults.size || "none"}\n`,
  );
  for (const [what, lines] of faults) {
    const examples = lines.slice(0, 5).map((line) => JSON.stringify(line.slice(0, 200)));
    console.log(`- ${what}: ${lines.length} lines, such as ${examples.join(" ")}`);
  }
  if (faults.size > 0) process.exitCode = 1;
  return readable;
}

function parse(line: string): { answer: Interest | Error; milliseconds: number } {
  const start = performance.now();
  let answer: Interest | Error;
  try {
    answer = parseInterest(line);
  } catch (error) {
    answer = error as Error;
  }
  return { answer, milliseconds: performance.now() - start };
}

function faultsOfError(line: string, { position, length, mend }: InterestError): string[] {
  const faults: string[] = [];
  if (position < 0 || length < 0 || position + length > line.length) faults.push("points outside of the line");
  if (mend === undefined) return faults;
  if (mend === line) faults.push("the mend is the line");
  try {
    parseInterest(mend);
  } catch {
    faults.push("the mend can't be read");
  }
  return faults;
}

function faultsOfInterest({ canonical, tree }: Interest): string[] {
  try {
    const again = parseInterest(canonical);
    if (again.canonical !== canonical) return ["the canonical form has another one"];
    return JSON.stringify(again.tree) === JSON.stringify(tree) ? [] : ["the canonical form has another tree"];
  } catch {
    return ["the canonical form can't be read"];
  }
}

/** What a visitor can have done with a line: a search by rank and by date, a preview, and a query that is kept. */
async function askAll(sql: Database, lines: string[]): Promise<void> {
  const now = systemClock();
  const ways: Record<string, (line: string) => Promise<unknown>> = {
    expression: async (line) => toExpressions(sql, [parseInterest(line)]),
    "kept as a query": async (line) => saveQueries(sql, [parseInterest(line)], now),
    "search by rank": async (line) =>
      searchPapers(sql, { tsquery: await tsqueryOf(sql, line), sort: "relevance", limit: 25 }),
    "search by date": async (line) =>
      searchPapers(sql, { tsquery: await tsqueryOf(sql, line), sort: "new", offset: 975, limit: 25 }),
    preview: async (line) => previewInterests(sql, line, now),
  };
  const rows: (string | number)[][] = [];
  const slowest: string[] = [];
  for (const [name, ask] of Object.entries(ways)) {
    const times: { line: string; milliseconds: number }[] = [];
    let tooLong = 0;
    let failed = 0;
    for (const line of lines.filter((_, at) => name !== "preview" || at < hostile.length || at % onePreviewIn === 0)) {
      const { milliseconds, result } = await timed(() => ask(line).catch((error: unknown) => error));
      if (result instanceof UserError) tooLong++;
      else if (result instanceof Error) {
        failed++;
        slowest.push(`- ${name} FAILED: ${JSON.stringify(line.slice(0, 120))}: ${result.message}`);
      }
      times.push({ line, milliseconds });
    }
    times.sort((one, other) => other.milliseconds - one.milliseconds);
    const at = (share: number) => (times[Math.floor(times.length * share)]?.milliseconds ?? 0).toFixed(0);
    rows.push([name, times.length, at(0.5), at(0.01), at(0), tooLong, failed]);
    for (const { line, milliseconds } of times.slice(0, 5))
      slowest.push(`- ${name}, ${milliseconds.toFixed(0)} ms: ${JSON.stringify(line.slice(0, 160))}`);
  }
  printTable([["asked", "lines", "median ms", "99% ms", "longest ms", "given up", "failed"], ...rows]);
  console.log(`\n${slowest.join("\n")}`);
}

async function tsqueryOf(sql: Database, line: string): Promise<string> {
  return (await toExpressions(sql, [parseInterest(line)]))[0]?.tsquery ?? "";
}
