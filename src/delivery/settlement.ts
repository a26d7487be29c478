import type { OutboxRow } from "./claim.ts";
import type { Outcome } from "./smtp.ts";

/** What is to be written of a mail that was claimed. */
export type Settlement = { result: string } & (
  | { state: "sent" }
  /** `suppress`: its address gets nothing more. */
  | { state: "failed"; suppress: boolean }
  /** Again when it is due. Where nothing is said of that it stays in its place, or in that of its lane. */
  | { state: "queued"; dueAt?: Temporal.Instant; lane?: string; counted: boolean }
  /** Nobody knows whether it arrived: again, as the same mail, when it is due. */
  | { state: "unknown"; dueAt: Temporal.Instant }
);

const backoff = { firstMinutes: 1, mostMinutes: 60 };

/** What an outcome makes of a mail. One that would come too late is given up. */
export function settlementOf(row: OutboxRow, { verdict, answer }: Outcome, now: Temporal.Instant): Settlement {
  if (verdict === "sent") return { state: "sent", result: answer };
  if (verdict === "refused" || verdict === "untakeable") return failed(answer);
  if (verdict === "suppress") return { ...failed(answer), suppress: true };
  // The server's trouble is no attempt of the reader's, and yet another mail should be the next to meet it.
  const counted = verdict !== "slow" && verdict !== "pause";
  const dueAt = now.add({ seconds: secondsAfter(counted ? row.attempts : 1) });
  if (Temporal.Instant.compare(dueAt, row.expiresAt) > 0) return failed(`given up: ${answer}`);
  if (verdict === "unknown") return { state: "unknown", result: answer, dueAt };
  return { state: "queued", result: answer, dueAt, counted };
}

export function failed(result: string): Extract<Settlement, { state: "failed" }> {
  return { state: "failed", result, suppress: false };
}

/** It was claimed and not tried. */
export function putBack(lane?: string): Settlement {
  return { state: "queued", result: "", counted: false, ...(lane ? { lane } : {}) };
}

/** Doubling from a minute to an hour, spread so that a server that comes back is not met by all at once. */
function secondsAfter(attempts: number): number {
  const minutes = Math.min(backoff.firstMinutes * 2 ** (attempts - 1), backoff.mostMinutes);
  return Math.round(minutes * 60 * (0.75 + Math.random() / 2));
}
