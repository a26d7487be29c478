/**
 * The only seam for time: every stage and page asks it, tests and `tick --now` set it. It shows whole microseconds, as PostgreSQL
 * keeps them: one instant is the same in every table and here.
 */
export type Clock = () => Temporal.Instant;

export const systemClock: Clock = () => toMicroseconds(Temporal.Now.instant());

/** A clock that stands still at `at`. */
export function clockAt(at: Temporal.Instant): Clock {
  const shown = toMicroseconds(at);
  return () => shown;
}

function toMicroseconds(instant: Temporal.Instant): Temporal.Instant {
  return instant.round({ smallestUnit: "microsecond", roundingMode: "floor" });
}
