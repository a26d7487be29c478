#!/usr/bin/env node
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { clockAt } from "./clock.ts";
import { describeSettings, loadConfig } from "./config.ts";
import { type Context, openContext } from "./context.ts";
import { startDemo } from "./demo.ts";
import { describeError, UserError } from "./errors.ts";
import { createLog } from "./log.ts";
import { type IngestReport, ingestFile, ingestLatest, ingestRange } from "./sources/ingest.ts";
import { type Part, type Running, start } from "./start.ts";
import { readStatus } from "./status.ts";
import { chooseStages, openStages, tick } from "./worker.ts";

const usage = `Paper Round

  start                          everything on this machine: database, site, worker, local mailbox
  demo                           the same on a throw-away database with sample papers and one reader
  web | worker                   one part of it, for a DATABASE_URL that several share
  migrate                        bring the database up to date
  ingest                         read every source now
    --file PATH                  read a file instead: daily-papers JSON, RSS, Atom, OAI-PMH, JSON Lines, gzipped or not
    --source NAME                only this source
    --date DAY | --from DAY --to DAY   what was listed then
  tick [STAGE]                   run the stages once: ingest, match, plan, deliver, housekeeping
    --now INSTANT                as if it were then, such as 2026-11-20T08:00:00Z
    --until-idle                 until nothing is due
  status [--json]                how everything is
  settings                       every setting, with its default and meaning

Settings come from the environment. See README.md.`;

/** Milliseconds that a start which a signal interrupts may still take, to be undone in order. */
const startGrace = 5000;

const options = {
  file: { type: "string" },
  source: { type: "string" },
  date: { type: "string" },
  from: { type: "string" },
  to: { type: "string" },
  now: { type: "string" },
  "until-idle": { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

type Options = ReturnType<typeof parse>["values"];
type Command = (operands: string[], options: Options) => Promise<void>;

const commands: Record<string, { run: Command; operands: number; options: (keyof typeof options)[] }> = {
  start: { run: () => keepRunning(["web", "worker"]), operands: 0, options: [] },
  web: { run: () => keepRunning(["web"]), operands: 0, options: [] },
  worker: { run: () => keepRunning(["worker"]), operands: 0, options: [] },
  demo: { run: demoCommand, operands: 0, options: [] },
  migrate: { run: migrateCommand, operands: 0, options: [] },
  ingest: { run: ingestCommand, operands: 0, options: ["file", "source", "date", "from", "to"] },
  tick: { run: tickCommand, operands: 1, options: ["now", "until-idle"] },
  status: { run: statusCommand, operands: 0, options: ["json"] },
  settings: { run: settingsCommand, operands: 0, options: [] },
};

await main();

async function main(): Promise<void> {
  try {
    const { positionals, values } = parse();
    const [name = "", ...operands] = positionals;
    const command = commands[name];
    if (!command || values.help) {
      if (name && !command) throw new UserError("invalid", `There is no command ${JSON.stringify(name)}.\n\n${usage}`);
      console.log(usage);
      return;
    }
    const strange = Object.keys(values).filter((option) => !command.options.includes(option as keyof typeof options));
    if (strange.length > 0) throw new UserError("invalid", `${name} takes no --${strange[0]}.\n\n${usage}`);
    if (operands.length > command.operands)
      throw new UserError(
        "invalid",
        `${name} does not take ${JSON.stringify(operands[command.operands])}.\n\n${usage}`,
      );
    await command.run(operands, values);
  } catch (error) {
    const mistake = error instanceof UserError || (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS");
    console.error(mistake ? (error as Error).message : error);
    process.exitCode = 1;
  }
}

function parse() {
  return parseArgs({ options, allowPositionals: true, args: process.argv.slice(2) });
}

async function keepRunning(parts: Part[]): Promise<void> {
  const config = loadConfig(process.env);
  const log = createLog(config.logLevel);
  await runUntilSignal(
    () => start(config, log, parts),
    ({ url, adminUrl }) => {
      if (url) console.log(`Paper Round is at ${url}`);
      if (url && !config.smtpUrl)
        console.log(`  its mailbox at  ${url}/mailbox (no SMTP_URL is set: no mail leaves this machine)`);
      if (adminUrl) console.log(`  how it is at    ${adminUrl}`);
    },
  );
}

async function demoCommand(): Promise<void> {
  const log = createLog(process.env.LOG_LEVEL || "warn");
  await runUntilSignal(
    () => startDemo(process.env, log),
    ({ url, adminUrl }) =>
      console.log(`Paper Round, with sample papers and one reader:

  today's papers, and the form    ${url}
  the first digest, as mailed     ${url}/mailbox
  how everything is               ${adminUrl}

Ctrl-C ends it and leaves nothing behind.`),
  );
}

/**
 * Starts, waits for SIGINT or SIGTERM, and stops in order. A signal that comes while it still starts is heard too: the first
 * process of a container has no handlers but its own. A second signal does not wait.
 */
async function runUntilSignal(begin: () => Promise<Running>, announce: (running: Running) => void): Promise<void> {
  const signalled = new Promise<"signal">((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve("signal"));
  });
  const starting = begin();
  if ((await Promise.race([starting, signalled])) === "signal") {
    await Promise.race([starting.then((running) => running.stop()).catch(() => {}), delay(startGrace)]);
    process.exit(0);
  }
  const running = await starting;
  announce(running);
  await signalled;
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  await running.stop();
  process.exit(0);
}

async function migrateCommand(): Promise<void> {
  await withContext(undefined, async () => console.log("The database is up to date."));
}

async function ingestCommand(_operands: string[], values: Options): Promise<void> {
  if (values.file && (values.source || values.date || values.from || values.to))
    throw new UserError("invalid", "--file stands alone: a file says itself what it is.");
  if (values.date && (values.from || values.to)) throw new UserError("invalid", "Give --date, or --from and --to.");
  const from = readDate(values.date ?? values.from);
  const to = readDate(values.date ?? values.to) ?? (from && Temporal.Now.plainDateISO("UTC"));
  if (to && !from) throw new UserError("invalid", "--to needs --from.");
  if (from && to && Temporal.PlainDate.compare(from, to) > 0)
    throw new UserError("invalid", "--from is later than --to.");
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

async function tickCommand([stage]: string[], values: Options): Promise<void> {
  const names = chooseStages(stage);
  await withContext(readInstant(values.now), async (context) => {
    const stages = await openStages(context);
    try {
      const totals = await tick(stages, names, values["until-idle"] ?? false);
      for (const [name, { done, left }] of Object.entries(totals)) console.log(`${name}: ${done} done, ${left} left`);
    } finally {
      await stages.close();
    }
  });
}

async function statusCommand(_operands: string[], values: Options): Promise<void> {
  await withContext(undefined, async (context) => {
    const status = await readStatus(context);
    if (values.json) return console.log(JSON.stringify(status, null, 2));
    console.log(`Papers   ${status.papers.total}, ${status.papers.unmatched} not matched yet`);
    console.log(`Readers  ${list(status.readers)}; ${status.due} due now`);
    console.log(`Mails    ${list(status.outbox)}`);
    for (const it of status.sources)
      console.log(
        `Source   ${it.name}: last read ${it.lastSuccess ?? "never"}, ${it.seen ?? 0} of ${it.expected ?? 0} entries, next at ${it.nextPoll}`,
      );
    for (const problem of status.problems) console.log(`Problem  ${problem}`);
    if (status.problems.length === 0) console.log("Problem  none");
  });
}

function list(counts: Record<string, number>): string {
  const parts = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  return parts.join(", ") || "none";
}

async function settingsCommand(): Promise<void> {
  for (const { name, value, fallback, meaning } of describeSettings(process.env)) {
    console.log(`${name}${value ? `=${value}` : ""}`);
    console.log(`    ${meaning}. Default: ${fallback ?? "none"}`);
  }
}

async function withContext(
  now: Temporal.Instant | undefined,
  work: (context: Context) => Promise<void>,
): Promise<void> {
  const config = loadConfig(process.env);
  // A command's own lines are its report; the log adds only what went wrong.
  const log = createLog(process.env.LOG_LEVEL ? config.logLevel : "error");
  const context = await openContext(config, log, now ? { clock: clockAt(now) } : {});
  try {
    await work(context);
  } finally {
    await context.close();
  }
}

function readDate(text: string | undefined): Temporal.PlainDate | undefined {
  if (text === undefined) return undefined;
  try {
    return Temporal.PlainDate.from(text);
  } catch {
    throw new UserError("invalid", `${JSON.stringify(text)} is no date. Write one such as 2026-11-20.`);
  }
}

function readInstant(text: string | undefined): Temporal.Instant | undefined {
  if (text === undefined) return undefined;
  try {
    return Temporal.Instant.from(text);
  } catch {
    throw new UserError("invalid", `${JSON.stringify(text)} is no instant. Write one such as 2026-11-20T08:00:00Z.`);
  }
}
