import type { Clock } from "../clock.ts";
import type { Context } from "../context.ts";
import type { Database } from "../db.ts";
import { describeError, UserError } from "../errors.ts";
import { type Saved, savePapers } from "../papers/save.ts";
import { arxivCategory, arxivSubmitted } from "./arxiv.ts";
import { readFile } from "./file.ts";
import { SourceError } from "./http.ts";
import { dailyPapers, huggingface } from "./huggingface.ts";
import {
  oneLine,
  type PaperRecord,
  type RangeReader,
  type Reading,
  type Skipped,
  type Source,
  type SourceState,
} from "./source.ts";

/** What an ingest did, counted in papers. */
export type IngestReport = Saved & { skipped: Skipped[] };
/** Called after each page with the totals so far. */
export type OnProgress = (report: IngestReport) => void;

/** Another worker may take over a poll after this. */
const leaseMinutes = 10;
const backoff = { firstMinutes: 5, mostMinutes: 360 };

const rangeReaders = new Map<string, RangeReader>([
  ["huggingface", dailyPapers],
  ["arxiv", arxivSubmitted],
]);

/** The ingest stage: polls one source that is due. `left` is how many more are due now. */
export async function ingest(context: Context): Promise<{ done: number; left: number }> {
  await registerSources(context);
  const source = await claimDueSource(context);
  if (source) await poll(context, source);
  return { done: source ? 1 : 0, left: source ? await countDueSources(context) : 0 };
}

/** Polls each source now, whether or not it is due. Answers a report or an error for each. */
export async function ingestLatest(context: Context, name?: string): Promise<Map<string, IngestReport | Error>> {
  await registerSources(context);
  const chosen = sourcesOf(context).filter((it) => !name || it.name === name || it.name.startsWith(`${name} `));
  if (chosen.length === 0)
    throw unknownSource(name ?? "", [
      ...new Set([...context.config.sources, ...sourcesOf(context).map((it) => it.name)]),
    ]);
  const outcomes = new Map<string, IngestReport | Error>();
  for (const { name: row } of chosen) {
    const source = await claimSource(context, row);
    outcomes.set(
      row,
      source ? await poll(context, source) : new UserError("conflict", "another process is reading it"),
    );
  }
  return outcomes;
}

/** Reads what the configured sources (or the one named) listed from one date to another. */
export async function ingestRange(
  context: Context,
  range: { name?: string | undefined; from: Temporal.PlainDate; to: Temporal.PlainDate; onProgress?: OnProgress },
): Promise<Map<string, IngestReport | Error>> {
  const names = range.name ? [range.name] : context.config.sources;
  const outcomes = new Map<string, IngestReport | Error>();
  for (const name of names) {
    const read = rangeReaders.get(name);
    if (!read) throw unknownSource(name, [...rangeReaders.keys()]);
    try {
      outcomes.set(name, await saveAll(context, read(context, range.from, range.to), range.onProgress));
    } catch (error) {
      outcomes.set(name, error as Error);
    }
  }
  return outcomes;
}

/** Reads a file; see `readFile` for the forms. */
export function ingestFile(context: Context, path: string, onProgress?: OnProgress): Promise<IngestReport> {
  return saveAll(context, readFile(path), onProgress);
}

/** Saves page by page, so that what came before a failure is kept. */
async function saveAll(
  { sql, clock }: Context,
  readings: AsyncIterable<Reading>,
  onProgress?: OnProgress,
  onState?: (state: Partial<SourceState>) => void,
): Promise<IngestReport> {
  const report: IngestReport = { added: 0, updated: 0, unchanged: 0, skipped: [] };
  for await (const reading of readings) {
    const saved = await savePage(sql, clock, reading.papers);
    report.added += saved.added;
    report.updated += saved.updated;
    report.unchanged += saved.unchanged;
    report.skipped.push(...reading.skipped, ...saved.skipped);
    if (reading.state) onState?.(reading.state);
    onProgress?.(report);
  }
  return report;
}

/** Saves a page; when the database refuses something in it, paper by paper, so that only the one at fault is skipped. */
async function savePage(sql: Database, clock: Clock, papers: PaperRecord[]): Promise<IngestReport> {
  try {
    return { ...(await savePapers(sql, clock, papers)), skipped: [] };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const [only] = papers;
    if (only && papers.length === 1) {
      const entry = oneLine(`${only.arxivId ?? only.doi ?? ""} ${only.title}`).slice(0, 80);
      return {
        added: 0,
        updated: 0,
        unchanged: 0,
        skipped: [{ entry, reason: `it can't be stored: ${describeError(error)}` }],
      };
    }
    const report: IngestReport = { added: 0, updated: 0, unchanged: 0, skipped: [] };
    for (const paper of papers) {
      const saved = await savePage(sql, clock, [paper]);
      report.added += saved.added;
      report.updated += saved.updated;
      report.unchanged += saved.unchanged;
      report.skipped.push(...saved.skipped);
    }
    return report;
  }
}

/** PostgreSQL's classes 22, wrong data, and 54, a limit passed: trying again would not help. */
function isRefusal(error: unknown): boolean {
  return /^(22|54)/.test((error as { code?: string }).code ?? "");
}

async function poll(context: Context, row: SourceRow): Promise<IngestReport | Error> {
  const source = sourcesOf(context).find((it) => it.name === row.name) as Source;
  let state: Partial<SourceState> = {};
  try {
    const readings = source.latest(context, row);
    const report = await saveAll(context, readings, undefined, (told) => {
      state = { ...state, ...told };
    });
    await recordSuccess(context, row, state, report);
    for (const { entry, reason } of report.skipped) context.log.warn({ source: row.name, entry }, `skipped: ${reason}`);
    context.log.info({ source: row.name, ...report, skipped: report.skipped.length }, "read a source");
    return report;
  } catch (error) {
    await recordFailure(context, row, error);
    context.log.warn({ source: row.name, error: describeError(error) }, "a source could not be read");
    return error as Error;
  }
}

function sourcesOf({ config }: Context): Source[] {
  return config.sources.flatMap((name) =>
    name === "arxiv" ? config.arxivCategories.map(arxivCategory) : [huggingface],
  );
}

function unknownSource(name: string, known: string[]): UserError {
  return new UserError("invalid", `There is no source ${JSON.stringify(name)} here. There are: ${known.join(", ")}.`);
}

type SourceRow = SourceState & { name: string; failures: number };

async function registerSources(context: Context): Promise<void> {
  const names = sourcesOf(context).map((source) => source.name);
  await context.sql`
    insert into sources (name, next_poll_at) select name, ${context.clock()} from unnest(${names}::text[]) as name
    on conflict do nothing`;
}

async function claimDueSource(context: Context): Promise<SourceRow | undefined> {
  const now = context.clock();
  const names = sourcesOf(context).map((source) => source.name);
  const [row] = await context.sql<SourceRow[]>`
    update sources set lease_expires_at = ${now.add({ minutes: leaseMinutes })}
    where name = (
      select name from sources
      where name = any(${names}) and next_poll_at <= ${now} and coalesce(lease_expires_at, ${now}) <= ${now}
      order by next_poll_at, name limit 1 for update skip locked
    )
    returning name, etag, batch_fingerprint as "batchFingerprint", batch_date as "batchDate", next_poll_at as "nextPollAt", failures`;
  return row;
}

async function claimSource({ sql, clock }: Context, name: string): Promise<SourceRow | undefined> {
  const now = clock();
  const [row] = await sql<SourceRow[]>`
    update sources set lease_expires_at = ${now.add({ minutes: leaseMinutes })}
    where name = ${name} and coalesce(lease_expires_at, ${now}) <= ${now}
    returning name, etag, batch_fingerprint as "batchFingerprint", batch_date as "batchDate", next_poll_at as "nextPollAt", failures`;
  return row;
}

async function countDueSources(context: Context): Promise<number> {
  const now = context.clock();
  const names = sourcesOf(context).map((source) => source.name);
  const [row] = await context.sql<{ due: number }[]>`
    select count(*)::int as due from sources
    where name = any(${names}) and next_poll_at <= ${now} and coalesce(lease_expires_at, ${now}) <= ${now}`;
  return row?.due ?? 0;
}

async function recordSuccess(
  { sql, clock }: Context,
  row: SourceRow,
  state: Partial<SourceState>,
  report: IngestReport,
): Promise<void> {
  const seen = report.added + report.updated + report.unchanged;
  const news = seen > 0 || report.skipped.length > 0;
  await sql`
    update sources set
      lease_expires_at = null, polled_at = ${clock()}, succeeded_at = ${clock()}, failures = 0, last_error = null,
      etag = ${state.etag ?? row.etag}, batch_fingerprint = ${state.batchFingerprint ?? row.batchFingerprint},
      batch_date = ${state.batchDate ?? row.batchDate}, next_poll_at = ${state.nextPollAt ?? clock().add({ minutes: 30 })},
      expected = case when ${news} then ${seen + report.skipped.length} else expected end,
      seen = case when ${news} then ${seen} else seen end,
      skipped = case when ${news} then ${report.skipped.length} else skipped end
    where name = ${row.name}`;
}

async function recordFailure({ sql, clock }: Context, row: SourceRow, error: unknown): Promise<void> {
  const minutes = Math.min(backoff.firstMinutes * 2 ** row.failures, backoff.mostMinutes);
  const asked = error instanceof SourceError ? (error.retryAfter ?? 0) : 0;
  const nextPollAt = clock().add({ seconds: Math.max(minutes * 60, Math.min(asked, 86_400)) });
  await sql`
    update sources set lease_expires_at = null, polled_at = ${clock()}, failures = failures + 1,
      last_error = ${describeError(error)}, next_poll_at = ${nextPollAt}
    where name = ${row.name}`;
}
