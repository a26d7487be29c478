#!/usr/bin/env node
import { parseArgs } from "node:util";
import { type Options, options } from "./commands/options.ts";
import { UserError } from "./errors.ts";
import type { Part } from "./start.ts";

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
    --now INSTANT                as if it were then, such as 2026-11-20T08:00:00Z; all that it does is dated so
    --until-idle                 until nothing is due
  explain --email ADDRESS --paper ID [--json]   why a paper was, or was not, in a reader's digest
  rematch [--days N]             index every paper anew, and match those of the last days (7) again
  subscribers export             every reader, one JSON object a line
    import --file PATH           take readers over: who had confirmed stays subscribed, others are asked first
    show ADDRESS                 everything that is held about a reader
    erase ADDRESS                forget a reader
  outbox                         what becomes of the mails
    --failed [--json]            those that could not be sent, and what to do about it
    --requeue ID | all           send them after all
    --resume                     go on sending before a pause is over
  bounce --file PATH [--apply]   what a mail that came back says and would do; --apply does it
  resume                         let digests go again that complaints paused
  lift --email ADDRESS           let the owner of a suppressed address subscribe again
  status [--json]                how everything is
  settings                       every setting, with its default and meaning
  preview [--folder PATH]        every mail from its examples, as HTML and text, to look at in a browser

Settings come from the environment. See README.md.`;

type Command = (operands: string[], options: Options) => Promise<void>;

/** A command loads what it needs, and no more: to look at the status asks for no templates of mails. */
const commands: Record<string, { load: () => Promise<Command>; operands: number; options: (keyof typeof options)[] }> =
  {
    start: { load: () => running(["web", "worker"]), operands: 0, options: [] },
    web: { load: () => running(["web"]), operands: 0, options: [] },
    worker: { load: () => running(["worker"]), operands: 0, options: [] },
    demo: { load: async () => (await import("./commands/run.ts")).demoCommand, operands: 0, options: [] },
    migrate: { load: async () => (await import("./commands/migrate.ts")).migrateCommand, operands: 0, options: [] },
    ingest: {
      load: async () => (await import("./commands/ingest.ts")).ingestCommand,
      operands: 0,
      options: ["file", "source", "date", "from", "to"],
    },
    tick: {
      load: async () => (await import("./commands/tick.ts")).tickCommand,
      operands: 1,
      options: ["now", "until-idle"],
    },
    explain: {
      load: async () => (await import("./commands/explain.ts")).explainCommand,
      operands: 0,
      options: ["email", "paper", "json"],
    },
    rematch: {
      load: async () => (await import("./commands/rematch.ts")).rematchCommand,
      operands: 0,
      options: ["days"],
    },
    subscribers: {
      load: async () => (await import("./commands/subscribers.ts")).subscribersCommand,
      operands: 2,
      options: ["file"],
    },
    outbox: {
      load: async () => (await import("./commands/outbox.ts")).outboxCommand,
      operands: 0,
      options: ["failed", "requeue", "resume", "json"],
    },
    bounce: {
      load: async () => (await import("./commands/returned.ts")).bounceCommand,
      operands: 0,
      options: ["file", "apply"],
    },
    resume: { load: async () => (await import("./commands/returned.ts")).resumeCommand, operands: 0, options: [] },
    lift: { load: async () => (await import("./commands/returned.ts")).liftCommand, operands: 0, options: ["email"] },
    status: { load: async () => (await import("./commands/inspect.ts")).statusCommand, operands: 0, options: ["json"] },
    settings: { load: async () => (await import("./commands/inspect.ts")).settingsCommand, operands: 0, options: [] },
    preview: {
      load: async () => (await import("./commands/preview.ts")).previewCommand,
      operands: 0,
      options: ["folder"],
    },
  };

await main();

async function main(): Promise<void> {
  try {
    const { positionals, values } = parse();
    const [name = "", ...operands] = positionals;
    const command = commands[name];
    if (!command || values.help) {
      if (name && name !== "help" && !command)
        throw new UserError("invalid", `There is no command ${JSON.stringify(name)}.\n\n${usage}`);
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
    await (await command.load())(operands, values);
  } catch (error) {
    console.error(error instanceof UserError ? error.message : error);
    process.exitCode = 1;
  }
}

function parse() {
  try {
    return parseArgs({ options, allowPositionals: true, args: process.argv.slice(2) });
  } catch (error) {
    const { code = "", message } = error as Error & { code?: string };
    if (!code.startsWith("ERR_PARSE_ARGS")) throw error;
    const option = /'(?:-\w, )?(-[^' ]*)/.exec(message)?.[1] ?? "";
    if (code.endsWith("UNKNOWN_OPTION")) throw new UserError("invalid", `There is no option ${option}.\n\n${usage}`);
    throw new UserError("invalid", `${option} ${message.includes("not take") ? "takes no" : "needs a"} value.`);
  }
}

async function running(parts: Part[]): Promise<Command> {
  const { keepRunning } = await import("./commands/run.ts");
  return () => keepRunning(parts);
}
