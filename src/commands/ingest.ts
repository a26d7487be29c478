import { describeError, UserError } from "../errors.ts";
import { type IngestReport, ingestFile, ingestLatest, ingestRange } from "../sources/ingest.ts";
import { type Options, readDate } from "./options.ts";
import { withContext } from "./with_context.ts";

/** `ingest` */
export async function ingestCommand(_operands: string[], values: Options): Promise<void> {
  if (values.file && (values.source || values.date || values.from || values.to))
    throw new UserError("invalid", "--file stands alone: a file says itself what it is.");
  if (values.date && (values.from || values.to)) throw new UserError("invalid", "Give --date, or --from and --to.");
  const from = readDate(values.date ?? values.from);
  const today = Temporal.Now.plainDateISO("UTC");
  const to = readDate(values.date ?? values.to) ?? (from && today);
  if (to && !from) throw new UserError("invalid", "--to needs --from.");
  if (from && to && Temporal.PlainDate.compare(from, to) > 0)
    throw new UserError("invalid", to === today ? `${from} has not come yet.` : "--from is later than --to.");
  await withContext(undefined, async (context) => {
    const progress = showProgress();
    let outcomes: Map<string, IngestReport | Error>;
    if (values.file) outcomes = new Map([[values.file, await ingestFile(context, values.file, progress)]]);
    else if (from && to) outcomes = await ingestRange(context, { name: values.source, from, to, onProgress: progress });
    else outcomes = await ingestLatest(context, values.source);
    for (const [name, outcome] of outcomes) printOutcome(name, outcome);
  });
}

function printOutcome(name: string, outcome: IngestReport | Error): void {
  if (outcome instanceof Error) {
    console.error(`${name}: ${describeError(outcome)}`);
    process.exitCode = 1;
    return;
  }
  const { added, updated, unchanged, skipped } = outcome;
  for (const { entry, reason } of skipped) console.log(`${name}: skipped ${entry}: ${reason}`);
  if (added + updated + unchanged === 0 && skipped.length > 0) process.exitCode = 1;
  console.log(`${name}: ${added} new, ${updated} updated, ${unchanged} unchanged, ${skipped.length} skipped`);
}

/** On a terminal, one line that counts up; else nothing until the end. */
function showProgress(): (report: IngestReport) => void {
  if (!process.stderr.isTTY) return () => {};
  process.once("exit", () => process.stderr.write("\r\x1b[K"));
  return ({ added, updated, unchanged, skipped }) =>
    process.stderr.write(
      `\r\x1b[K${added} new, ${updated} updated, ${unchanged} unchanged, ${skipped.length} skipped …`,
    );
}
