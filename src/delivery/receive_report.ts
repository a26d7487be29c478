import type { Config } from "../config.ts";
import type { Context } from "../context.ts";
import type { Sql } from "../db.ts";
import { pauseOnComplaints } from "./complaints.ts";
import type { Report } from "./report.ts";
import { findReturnAddress, type ReturnAddress, readReturnAddress } from "./return_address.ts";
import { findSubject, type Settled, type Subject, settleReport } from "./settle_report.ts";

/**
 * What a mail to these recipients is about. A feedback loop has one address for all that a provider's readers complain of: our
 * mail that it returns names its own.
 */
export function addressesOf(config: Config, recipients: string[], report: Report, source: Uint8Array): ReturnAddress[] {
  const to = recipients.flatMap((it) => readReturnAddress(config, it) ?? []);
  const named = to.filter((it) => it.kind !== "feedback");
  if (named.length === to.length || report.kind !== "complaint") return named;
  const returned = findReturnAddress(config, source);
  return returned ? [...named, returned] : named;
}

export type Received = Subject & Settled;

/**
 * Takes a mail that came back to addresses of ours: each by itself, all in one transaction, so that a sender who hears of a
 * failure sends it again. Answers what came of each; none when it is about no mail of ours.
 */
export async function receiveReport(context: Context, addresses: ReturnAddress[], report: Report): Promise<Received[]> {
  const { sql, clock, log } = context;
  const all = await sql.begin((transaction) => settleEach(transaction, context, addresses, report));
  for (const { subscriberId, outboxId, does, detail, again, suppressed, score } of all)
    log.info({ reader: subscriberId, mail: outboxId, does, detail, again, suppressed, score }, "a mail came back");
  if (all.some((it) => it.kind === "complaint") && (await pauseOnComplaints(sql, clock())))
    log.error("digests are paused: too many readers complained. See npm run cli -- status");
  return all;
}

/** What a mail would do if it came back to these addresses. Does nothing of it. */
export async function forecastReport(
  context: Context,
  addresses: ReturnAddress[],
  report: Report,
): Promise<Received[]> {
  const undone = new Error("only to see what would happen");
  let all: Received[] = [];
  try {
    await context.sql.begin(async (transaction) => {
      all = await settleEach(transaction, context, addresses, report);
      throw undone;
    });
  } catch (error) {
    if (error !== undone) throw error;
  }
  return all;
}

async function settleEach(sql: Sql, context: Context, addresses: ReturnAddress[], report: Report): Promise<Received[]> {
  const all: Received[] = [];
  for (const to of addresses) {
    const subject = await findSubject(sql, context, to);
    if (subject) all.push({ ...subject, ...(await settleReport(sql, context, to, subject, report)) });
  }
  return all;
}
