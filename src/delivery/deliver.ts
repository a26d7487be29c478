import { setTimeout as delay } from "node:timers/promises";
import type { Context } from "../context.ts";
import { describeError } from "../errors.ts";
import { claimMails, clearLanes, countDueMails, type OutboxRow, releaseLeases } from "./claim.ts";
import { gatherWrites } from "./gather_writes.ts";
import { becomeHolder, type Holder } from "./holder.ts";
import { issueMailTokens } from "./mail_tokens.ts";
import { asksAddress } from "./outbox.ts";
import { isPausedAt, pauseSending, readPause, resumeSending } from "./pause.ts";
import { domainOf, domainStep, type Placed, placeMails, readRoom } from "./rates.ts";
import { describeRefusals } from "./refusals.ts";
import { renderMails } from "./render.ts";
import { type SettledMail, settleMails } from "./settle.ts";
import { failed, putBack, type Settlement, settlementOf } from "./settlement.ts";
import { createSlots } from "./slots.ts";
import type { Mailer, Message, Outcome } from "./smtp.ts";
import type { Templates } from "./templates.ts";

/** Claimed and rendered together, while those before are being sent. Only what is under way can arrive twice after a crash. */
const mailsInABatch = 100;
const mailsInARun = 2000;
/**
 * Seconds. A lease outlasts a database that says nothing for as long as we wait for it, and a mail that is begun in time. What a slow
 * server keeps from being begun goes back, or another worker might send it, too.
 */
const lease = { usualWait: 300, margin: 210, beginWithin: 60 };

export type Delivered = {
  done: number;
  left: number;
  /** Why no more can be sent for a while, whatever is left. */
  held?: string | undefined;
};

/** What a run has in hand. */
type Run = Context & {
  mailer: Mailer;
  templates: Templates;
  stopping: AbortSignal;
  holder: Holder;
  settle: (row: OutboxRow, settlement: Settlement) => Promise<void>;
  /** The mail server refuses us, and is tried with one mail. */
  isPaused: boolean;
};

/**
 * The deliver stage: claims mails that are due, renders them, hands them over and writes what came of it. Once `stopping`, what is
 * under way comes to its end and the rest stays queued.
 */
export async function deliver(
  context: Context,
  mailer: Mailer,
  templates: Templates,
  stopping: AbortSignal = new AbortController().signal,
): Promise<Delivered> {
  const { sql, clock, config } = context;
  await releaseLeases(sql, clock());
  if (!config.mailDomainRate) await clearLanes(sql);
  const holder = becomeHolder();
  const settle = settler(context, mailer, holder);
  const run: Run = { ...context, mailer, templates, stopping, holder, settle, isPaused: false };
  const slots = createSlots(() => (stopping.aborted ? 0 : mailer.pace.width(clock())));
  const underWay = new Set<Promise<void>>();
  const start = (work: Promise<void>) => {
    const tracked = work.finally(() => underWay.delete(tracked));
    underWay.add(tracked);
  };
  let done = 0;
  try {
    while (done < mailsInARun && !stopping.aborted) {
      if (mailer.pace.isTrying()) await Promise.all(underWay); // one is enough to tell
      const beginUntil = clock().add({ seconds: lease.beginWithin });
      const rows = await claim(run);
      if (rows.length === 0) break;
      done += rows.length;
      const mails = await prepare(run, rows).catch((error) => {
        for (const row of rows) start(run.settle(row, putBack()));
        throw error;
      });
      for (const { row, at, mail } of mails) {
        await waitUntil(at, run);
        const isFree = await slots.take();
        const isInTime = Temporal.Instant.compare(clock(), beginUntil) < 0;
        if (isFree && isInTime) start(deliverOne(run, row, mail).finally(slots.give));
        else start(run.settle(row, putBack()));
        if (isFree && !isInTime) slots.give();
      }
    }
  } finally {
    await Promise.all(underWay);
    holder.end();
  }
  return { done, left: await countDueMails(sql, clock()), held: await whyHeld(run) };
}

/** None while the server rests; one at a time to see whether it takes mails again. */
async function claim(run: Run): Promise<OutboxRow[]> {
  const { sql, clock, config, mailer } = run;
  const now = clock();
  if (mailer.pace.width(now) === 0) return [];
  const pause = await readPause(sql);
  if (isPausedAt(pause, now)) return [];
  if (pause) mailer.pace.tryOne(now);
  run.isPaused = pause !== undefined;
  const limit = await readRoom(sql, config, now, mailer.pace.isTrying() ? 1 : mailsInABatch);
  if (limit === 0) return [];
  return claimMails(sql, {
    now,
    leaseUntil: now.add({ seconds: Math.max(config.databaseTimeout, lease.usualWait) + lease.margin }),
    holder: run.holder.name,
    limit,
    isTrial: run.isPaused,
    domainStep: domainStep(config),
  });
}

type Prepared = Placed & { mail: Message };

/** Renders what can go now, and writes at once what can't. */
async function prepare(run: Run, rows: OutboxRow[]): Promise<Prepared[]> {
  const { sql, clock, config, log } = run;
  const now = clock();
  const [late, timely] = part(rows, (row) => Temporal.Instant.compare(row.expiresAt, now) <= 0);
  const { placed, crowded, early } = await placeMails(sql, config, timely, now);
  await issueMailTokens(
    run,
    placed.map(({ row }) => row),
    now,
  );
  const mails = await renderMails(
    run,
    run.templates,
    placed.map(({ row }) => row),
  );
  const [rendered, broken] = part(placed, ({ row }) => !(mails.get(row.id) instanceof Error));
  for (const { row } of broken)
    log.error(
      { mail: row.id, kind: row.kind, error: describeError(mails.get(row.id)) },
      "a mail could not be rendered",
    );
  await Promise.all([
    ...late.map((row) => run.settle(row, failed(`given up: ${row.result ?? "it could not be sent in time"}`))),
    ...crowded.map((row) => run.settle(row, putBack(domainOf(row.email)))),
    ...early.map((row) => run.settle(row, putBack())),
    ...broken.map(({ row }) => run.settle(row, failed(`could not be rendered: ${describeError(mails.get(row.id))}`))),
  ]);
  return rendered.map((it) => ({ ...it, mail: mails.get(it.row.id) as Message }));
}

async function deliverOne(run: Run, row: OutboxRow, mail: Message): Promise<void> {
  const { clock, log, mailer } = run;
  const outcome = await mailer.send(mail);
  // At debug a lucky mail leaves no line: a million readers would make a million.
  log[outcome.verdict === "sent" ? "debug" : "warn"](
    { mail: row.id, kind: row.kind, attempt: row.attempts, ...outcome },
    "handed over a mail",
  );
  try {
    await heed(run, row, outcome);
  } catch (error) {
    log.error({ error: describeError(error) }, "a pause of sending could not be written");
  }
  await run.settle(row, settlementOf(row, outcome, clock()));
}

/** What an answer means for all mails. */
async function heed(run: Run, row: OutboxRow, { verdict, answer }: Outcome): Promise<void> {
  const { sql, clock, mailer } = run;
  const now = clock();
  if (verdict === "pause" || verdict === "doubt") {
    mailer.pace.tryOne(now);
    const mailId = verdict === "doubt" ? row.id : undefined;
    if (await pauseSending(sql, { reason: answer, mailId, now })) mailer.pace.balked(now, answer);
  } else if (verdict === "slow" || verdict === "unknown") mailer.pace.balked(now, answer);
  else mailer.pace.took(now);
  if (verdict === "sent" && run.isPaused) {
    run.isPaused = false;
    await resumeSending(sql);
  }
}

/** Never throws: when what became of a mail can't be written its lease stands, and it is sent again as the same mail. */
function settler(context: Context, mailer: Mailer, holder: Holder): Run["settle"] {
  const { sql, clock, config, log } = context;
  const write = gatherWrites(async (mails: SettledMail[]) => {
    await settleMails(sql, config.secret, { holder: holder.name, now: clock() }, mails);
    const refused = mails.findLast(
      (it) => !asksAddress.includes(it.kind) && (it.state === "doubtful" || (it.state === "failed" && it.refused)),
    );
    if (refused) await heedRefusals(context, mailer, refused.result);
  }, mailer.abandoned);
  return async (row, settlement) => {
    try {
      await write({ ...settlement, id: row.id, kind: row.kind });
    } catch (error) {
      holder.keep();
      log.error({ mail: row.id, error: describeError(error) }, "what became of a mail could not be written");
    }
  };
}

/** What refusals mean for all mails: a server that refuses everybody, or in a pause the mail that it was tried with, refuses us. */
async function heedRefusals({ sql, clock }: Context, mailer: Mailer, answer: string): Promise<void> {
  const now = clock();
  const pause = await readPause(sql);
  const refusals = await describeRefusals(sql, now);
  const reason = refusals ? `${answer} (${refusals})` : pause?.times ? pause.reason : undefined;
  if (!reason || !(await pauseSending(sql, { reason, mailId: undefined, now }))) return;
  mailer.pace.tryOne(now);
  mailer.pace.balked(now, reason);
}

async function waitUntil(at: Temporal.Instant, { clock, stopping }: Run): Promise<void> {
  const milliseconds = at.epochMilliseconds - clock().epochMilliseconds;
  if (milliseconds > 0) await delay(milliseconds, undefined, { signal: stopping }).catch(() => {});
}

async function whyHeld({ sql, clock, mailer }: Run): Promise<string | undefined> {
  const now = clock();
  const pause = await readPause(sql);
  if (isPausedAt(pause, now)) return pause.reason;
  return mailer.pace.whyResting(now);
}

/** Those that are so, and the others. */
function part<Item>(items: Item[], isSo: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(isSo), items.filter((item) => !isSo(item))];
}
