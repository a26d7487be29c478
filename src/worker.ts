import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { schedule } from "node-cron";
import type { Context } from "./context.ts";
import { deliver } from "./delivery/deliver.ts";
import { startMailbox } from "./delivery/mailbox.ts";
import { createMailer } from "./delivery/smtp.ts";
import { compileTemplates } from "./delivery/templates.ts";
import { type PlanMemory, plan } from "./digests/plan.ts";
import { describeError, UserError } from "./errors.ts";
import { housekeeping } from "./housekeeping.ts";
import { noQueries } from "./interests/known_queries.ts";
import { match } from "./interests/match.ts";
import { ingest } from "./sources/ingest.ts";

export const stageNames = ["ingest", "match", "plan", "deliver", "housekeeping"] as const;
export type StageName = (typeof stageNames)[number];

/** What a run of a stage did, how much is due still, and why none of that can be done for a while. */
export type StageResult = { done: number; left: number; held?: string | undefined };
export type Stages = Record<StageName, () => Promise<StageResult>> & {
  /** Mails under way come to their end within the grace; no other is begun. */
  drain: () => void;
  close: () => Promise<void>;
};

/** Milliseconds for mails under way when the worker stops: a container is killed after ten seconds. */
const grace = 7000;

/** How often each stage is woken. What is due is a row in the database; a wake-up only looks. */
const wakeUps: Record<StageName, string> = {
  ingest: "*/20 * * * * *",
  match: "*/3 * * * * *",
  plan: "*/3 * * * * *",
  deliver: "*/2 * * * * *",
  housekeeping: "0 */10 * * * *",
};

/** The five stages over one context, with the mailer that delivering needs: to SMTP_URL, or to a local mailbox. */
export async function openStages(context: Context): Promise<Stages> {
  // V8 lets a small heap grow to four times what lives in it before it collects; twice costs a few hundredths of the speed.
  setFlagsFromString("--heap-growing-percent=100");
  const templates = await compileTemplates();
  const known = noQueries();
  const planMemory: PlanMemory = [];
  const mailbox = context.config.smtpUrl ? undefined : await startMailbox(context);
  const mailer = createMailer(context.config, context.config.smtpUrl ?? (mailbox as { url: string }).url);
  const stopping = new AbortController();
  return {
    ingest: () => ingest(context),
    match: () => match(context, known),
    plan: () => plan(context, planMemory, stopping.signal),
    deliver: () => deliver(context, mailer, templates, stopping.signal),
    housekeeping: () => housekeeping(context),
    drain: () => {
      stopping.abort();
      setTimeout(mailer.abandon, grace).unref();
    },
    close: async () => {
      mailer.close();
      await mailbox?.close();
    },
  };
}

/** Wakes the stages on their schedule until `stop`, which lets what runs come to its end. */
export async function startWorker(context: Context): Promise<{ stop: () => Promise<void> }> {
  const stages = await openStages(context);
  const running = new Map<StageName, Promise<void>>();
  const again = new Set<StageName>();
  let stopping = false;
  const wake = async (name: StageName): Promise<void> => {
    let did = false;
    try {
      for (let more = true; more && !stopping; did ||= more) more = (await stages[name]()).done > 0;
    } catch (error) {
      context.log.error({ stage: name, error: describeError(error) }, "a stage failed; it is tried again");
    }
    // What a stage has done is work for the next: a reader who confirms need not wait for three wake-ups.
    const following = stageNames[stageNames.indexOf(name) + 1];
    if (did && following && !stopping) start(following);
  };
  // One run of a stage at a time: a wake-up that finds it at work has it look once more when it is done.
  const start = (name: StageName): void => {
    if (running.has(name)) return void again.add(name);
    const run = wake(name).finally(() => {
      running.delete(name);
      if (again.delete(name) && !stopping) start(name);
    });
    running.set(name, run);
  };
  const options = { noOverlap: true, suppressMissedWarning: true, logger: quietLogger };
  const tasks = stageNames.map((name) => schedule(wakeUps[name], () => start(name), { name, ...options }));
  for (const name of stageNames) start(name);
  return {
    stop: async () => {
      stopping = true;
      stages.drain();
      for (const task of tasks) await task.destroy();
      await Promise.all(running.values());
      await stages.close();
    },
  };
}

/** node-cron warns of every wake-up that finds its stage still at work; that is as it should be. */
const quietLogger = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

/** Runs stages once each in their order, or over and over until nothing is due. Answers how much each did. */
export async function tick(
  stages: Stages,
  names: readonly StageName[],
  untilIdle: boolean,
): Promise<Record<string, StageResult>> {
  const totals: Record<string, StageResult> = {};
  for (const name of names) {
    const total: StageResult = { done: 0, left: 0 };
    let fruitless = 0;
    do {
      const { done, left, held } = await stages[name]();
      total.done += done;
      total.left = left;
      total.held = held;
      fruitless = done === 0 ? fruitless + 1 : 0;
      // Work is due but another process has it in hand: wait for it rather than call this idle.
      if (untilIdle && left > 0 && done === 0 && !held) await delay(Math.min(50 * 2 ** fruitless, 1000));
    } while (untilIdle && total.left > 0 && !total.held && fruitless < 60);
    totals[name] = total;
  }
  return totals;
}

/** The stages that a word on the command line names: one, or all. */
export function chooseStages(name: string | undefined): readonly StageName[] {
  if (name === undefined) return stageNames;
  const stage = stageNames.find((it) => it === name);
  if (!stage)
    throw new UserError("invalid", `There is no stage ${JSON.stringify(name)}. There are: ${stageNames.join(", ")}.`);
  return [stage];
}
