import type { OutboxRow } from "./claim.ts";
import type { Outcome } from "./smtp.ts";

/** What is to be written of a mail that was claimed. */
export type Settlement = { result: string } & (
  | { state: "sent" }
  /** `refused`: by the server, for good. */
  | { state: "failed"; refused: boolean }
  /**
   * Its address was refused. When that is the address's fault it fails, and nothing more is sent there; else again when it is due.
   * Without that it was the last try, and it fails in any case.
   */
  | { state: "doubtful"; dueAt?: Temporal.Instant }
  /** Again when it is due. Where nothing is said of that it stays in its place, or in that of its lane. */
  | { state: "queued"; dueAt?: Temporal.Instant; lane?: string; counted: boolean }
  /** Nobody knows whether it arrived: again, as the same mail, when it is due. */
  | { state: "unknown"; dueAt: Temporal.Instant }
);

const backoff = { firstMinutes: 1, mostMinutes: 60 };
/** Seconds after an address was first refused at which it is tried again. None follows another sooner than the first. */
const looks = [10, 3600, 5 * 3600, 17 * 3600] as const;

/** What an outcome makes of a mail. One that would come too late is given up. */
export function settlementOf(row: OutboxRow, { verdict, answer }: Outcome, now: Temporal.Instant): Settlement {
  if (verdict === "sent") return { state: "sent", result: answer };
  if (verdict === "refused") return { ...failed(answer), refused: true };
  if (verdict === "impossible") return failed(answer);
  // The server's trouble is no attempt of the reader's, and yet another mail should be the next to meet it.
  const counted = verdict !== "slow" && verdict !== "pause";
  const seconds = verdict === "suppress" ? nextLook(row, now) : secondsAfter(counted ? row.attempts : 1);
  if (seconds === undefined) return { state: "doubtful", result: answer };
  const dueAt = now.add({ seconds });
  if (Temporal.Instant.compare(dueAt, row.expiresAt) > 0) return failed(`given up: ${answer}`);
  if (verdict === "suppress") return { state: "doubtful", result: answer, dueAt };
  if (verdict === "unknown") return { state: "unknown", result: answer, dueAt };
  return { state: "queued", result: answer, dueAt, counted };
}

export function failed(result: string): Extract<Settlement, { state: "failed" }> {
  return { state: "failed", result, refused: false };
}

/** It was claimed and not tried. */
export function putBack(lane?: string): Settlement {
  return { state: "queued", result: "", counted: false, ...(lane ? { lane } : {}) };
}

/** Seconds from now until the address is tried again; none when it was tried often enough. */
function nextLook({ refusedAt }: OutboxRow, now: Temporal.Instant): number | undefined {
  const passed = refusedAt ? Math.max(0, (now.epochMilliseconds - refusedAt.epochMilliseconds) / 1000) : 0;
  const next = looks.find((look) => look >= passed + (refusedAt ? looks[0] : 0));
  return next === undefined ? undefined : Math.ceil(next - passed);
}

/** Doubling from a minute to an hour, spread so that a server that comes back is not met by all at once. */
function secondsAfter(attempts: number): number {
  const minutes = Math.min(backoff.firstMinutes * 2 ** (attempts - 1), backoff.mostMinutes);
  return Math.round(minutes * 60 * (0.75 + Math.random() / 2));
}
