/**
 * What clocks on the wall show, by the calendar of `Intl`, which is another implementation with other data than that of
 * `Temporal`'s zones: the offsets of a zone as stretches of time, found by looking at each day and then ever closer.
 */
export type WallClock = { zone: string; stretches: { from: number; offset: number }[] };

const day = 86_400_000;

/** The clock of a zone between two instants, in milliseconds. It changes at most once a day. */
export function wallClock(zone: string, from: number, to: number): WallClock {
  const offsetAt = offsetsOf(zone);
  const stretches = [{ from, offset: offsetAt(from) }];
  for (let at = from; at < to; at += day) {
    const offset = offsetAt(at + day);
    if (offset === stretches.at(-1)?.offset) continue;
    let [before, after] = [at, at + day];
    while (after - before > 1000) {
      const middle = Math.floor((before + after) / 2000) * 1000;
      if (offsetAt(middle) === offset) after = middle;
      else before = middle;
    }
    stretches.push({ from: after, offset });
  }
  return { zone, stretches };
}

/** The first instant at which the clock shows this hour of this date, or has passed it. */
export function firstShowing({ stretches }: WallClock, date: Temporal.PlainDate, hour: number): number {
  const local = Date.UTC(date.year, date.month - 1, date.day, hour);
  for (const [index, { from, offset }] of stretches.entries()) {
    const at = Math.max(from, local - offset);
    if (at < (stretches[index + 1]?.from ?? Number.POSITIVE_INFINITY)) return at;
  }
  throw new Error("the clock has no end");
}

/** The date that the clock shows. */
export function dateShown({ stretches }: WallClock, at: number): Temporal.PlainDate {
  const stretch = stretches.findLast((it) => it.from <= at) ?? stretches[0];
  return Temporal.PlainDate.from(new Date(at + (stretch?.offset ?? 0)).toISOString().slice(0, 10));
}

function offsetsOf(zone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
  return (at) => {
    const name = format.formatToParts(at).find((part) => part.type === "timeZoneName")?.value ?? "";
    const [, sign, hours, minutes = "0", seconds = "0"] = /^GMT(?:([+-])(\d+):(\d+)(?::(\d+))?)?$/.exec(name) ?? [];
    if (!sign) return 0;
    return (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  };
}
