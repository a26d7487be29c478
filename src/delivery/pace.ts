/** Seconds. Trouble that comes so long after the last is another. */
const rest = { first: 1, most: 60, forgottenAfter: 300 };

/** How much is sent at a time, as the server's answers teach it. Callers pass the time. */
export type Pace = {
  /** How many mails may be under way: none while the server rests, one to try it then, and more with each that it takes. */
  width: (now: Temporal.Instant) => number;
  /** The next mail is one to try the server with. */
  isTrying: () => boolean;
  /** Why the server rests, while it does. */
  whyResting: (now: Temporal.Instant) => string | undefined;
  took: (now: Temporal.Instant) => void;
  balked: (now: Temporal.Instant, why: string) => void;
  /** Goes on with one mail, as after a rest. A rest is not cut short. */
  tryOne: (now: Temporal.Instant) => void;
};

/** A server that can't be reached or wants less gets a rest, doubled with each time that it balks again; then half of what it got. */
export function createPace(most: number): Pace {
  let width = most;
  let balks = 0;
  let restsUntil: Temporal.Instant | undefined;
  let reason = "";
  const isResting = (now: Temporal.Instant) =>
    restsUntil !== undefined && Temporal.Instant.compare(now, restsUntil) < 0;
  return {
    width: (now) => {
      if (isResting(now)) return 0;
      return balks > 0 ? 1 : Math.floor(width);
    },
    isTrying: () => balks > 0,
    whyResting: (now) => (isResting(now) ? reason : undefined),
    took: (now) => {
      if (isResting(now)) return; // what was under way when it balked says nothing
      balks = 0;
      width = Math.min(most, width + 1 / width);
    },
    balked: (now, why) => {
      if (isResting(now)) return; // they balked together
      if (restsUntil && secondsBetween(restsUntil, now) > rest.forgottenAfter) balks = 0;
      balks++;
      width = Math.max(1, width / 2);
      reason = why;
      const seconds = Math.min(rest.first * 2 ** (balks - 1), rest.most) * (0.75 + Math.random() / 2);
      restsUntil = now.add({ milliseconds: Math.round(seconds * 1000) });
    },
    tryOne: (now) => {
      if (isResting(now)) return;
      balks ||= 1;
      restsUntil = now;
    },
  };
}

function secondsBetween(one: Temporal.Instant, other: Temporal.Instant): number {
  return (other.epochMilliseconds - one.epochMilliseconds) / 1000;
}
