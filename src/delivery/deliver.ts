import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { Context } from "../context.ts";
import { describeError } from "../errors.ts";
import { isRunning } from "../file_lock.ts";
import { deriveToken, issueReaderTokens, issueTokens } from "../token.ts";
import {
  claimMails,
  countDueMails,
  leaveUnknown,
  type OutboxRow,
  releaseLeases,
  requeueMail,
  settleFailed,
  settleSent,
} from "./outbox.ts";
import { renderMails } from "./render.ts";
import type { Mailer, Message, Outcome } from "./smtp.ts";
import type { Templates } from "./templates.ts";

/** Few, because these are in hand together: a crash may send them twice, and no more. */
const mailsInABatch = 20;
const leaseMinutes = 5;
const backoff = { firstMinutes: 1, mostMinutes: 60 };

/** Who holds our leases: this process, of this machine and process namespace, since it started. */
const holder = `${hostname()} ${processNamespace()}/${process.pid}/${Math.round(performance.timeOrigin)}`;

/** The deliver stage: claims mails that are due, renders them, hands them over and writes what came of it. */
export async function deliver(
  context: Context,
  mailer: Mailer,
  templates: Templates,
): Promise<{ done: number; left: number }> {
  const { sql, clock } = context;
  const now = clock();
  await releaseLeases(sql, now, isGone);
  const rows = await claimMails(sql, {
    now,
    leaseUntil: now.add({ minutes: leaseMinutes }),
    holder,
    limit: mailsInABatch,
  });
  if (rows.length > 0) {
    await issueMailTokens(context, rows, now);
    const mails = await renderMails(context, templates, rows);
    await Promise.all(rows.map((row) => deliverOne(context, mailer, row, mails.get(row.id))));
  }
  return { done: rows.length, left: await countDueMails(sql, now) };
}

async function deliverOne(
  context: Context,
  mailer: Mailer,
  row: OutboxRow,
  mail: Message | Error | undefined,
): Promise<void> {
  const { sql, clock, log } = context;
  const { id } = row;
  try {
    if (!mail || mail instanceof Error) {
      const result = `could not be rendered: ${describeError(mail)}`;
      log.error({ mail: id, kind: row.kind, result }, "a mail could not be rendered");
      return await settleFailed(sql, { id, holder, result, now: clock() });
    }
    const outcome = await mailer.send(mail);
    // At debug a lucky mail leaves no line: a million readers would make a million.
    log[outcome.state === "sent" ? "debug" : "warn"](
      { mail: id, kind: row.kind, attempt: row.attempts, ...outcome },
      "handed over a mail",
    );
    await settle(context, row, outcome);
  } catch (error) {
    // The database failed us after the mail was handed over. The lease stands, and the mail is sent again as the same mail.
    log.error({ mail: id, error: describeError(error) }, "what became of a mail could not be written");
  }
}

async function settle({ sql, clock }: Context, row: OutboxRow, outcome: Outcome): Promise<void> {
  const { id } = row;
  const result = outcome.answer;
  const now = clock();
  if (outcome.state === "sent") return settleSent(sql, { id, holder, result, now });
  if (outcome.state === "refused") return settleFailed(sql, { id, holder, result, now });
  const dueAt = now.add({ seconds: pauseAfter(row.attempts) });
  if (Temporal.Instant.compare(dueAt, row.expiresAt) > 0)
    return settleFailed(sql, { id, holder, result: `given up: ${result}`, now });
  if (outcome.state === "unsent") return requeueMail(sql, { id, holder, result, dueAt });
  return leaveUnknown(sql, { id, holder, result, dueAt });
}

/** Seconds: doubling from a minute to an hour, spread so that a server that comes back is not met by all at once. */
function pauseAfter(attempts: number): number {
  const minutes = Math.min(backoff.firstMinutes * 2 ** (attempts - 1), backoff.mostMinutes);
  return Math.round(minutes * 60 * (0.75 + Math.random() / 2));
}

/** The links of a mail work from the moment that it can arrive, also when the secret has changed since the reader confirmed. */
async function issueMailTokens({ sql, config }: Context, rows: OutboxRow[], now: Temporal.Instant): Promise<void> {
  const digests = rows.filter((row) => row.kind === "digest");
  const toReaders = rows.filter((row) => row.kind === "digest" || row.kind === "preferences-link");
  await issueReaderTokens(
    sql,
    config.secret,
    toReaders.map((row) => row.subscriberId),
    now,
  );
  await issueTokens(
    sql,
    now,
    digests.map(({ subscriberId, subjectId }) => ({
      token: deriveToken(config.secret, "digest", subjectId),
      purpose: "digest",
      subscriberId,
      subjectId,
    })),
  );
}

/**
 * Containers, and copies of one machine, may share a host name and not see one another's processes: a process id means
 * nothing outside its namespace and boot.
 */
export function processNamespace(): string {
  try {
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return "";
  }
}

/** Whether a holder of leases is a process that we would see if it were running. */
export function isGone(other: string): boolean {
  const [host, pid, since] = other.split("/");
  const [ourHost, ourPid, ourSince] = holder.split("/");
  if (host !== ourHost) return false;
  return pid === ourPid ? since !== ourSince : !isRunning(Number(pid));
}
