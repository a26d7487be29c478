/** The only seam for time: every stage and page asks it, tests and `tick --now` set it. */
export type Clock = () => Temporal.Instant;

export const systemClock: Clock = () => Temporal.Now.instant();

/** A clock that stands still at `at`. */
export const clockAt =
  (at: Temporal.Instant): Clock =>
  () =>
    at;
