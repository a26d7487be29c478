export type Schedule = {
  cadence: "daily" | "weekdays" | "weekly";
  /** ISO: 1 is Monday. For `weekly`. */
  weekday: number;
  hour: number;
  timezone: string;
};

/** A moment at which a digest is due, and the reader's own date that it is the edition of. */
export type Slot = { at: Temporal.Instant; date: Temporal.PlainDate };

/** What a reader who is due gets now, and when they are due again. */
export type Due = {
  /** The date of their edition. Undefined: they were served for it already. */
  date: Temporal.PlainDate | undefined;
  next: Temporal.Instant;
  /** The same when there is nothing to read: the date that they were served for thereby, and when they are due again. */
  empty: { date: Temporal.PlainDate; next: Temporal.Instant };
};

/**
 * What a reader gets who is due, and was served last for the date `servedOn`. That is the edition of the last slot: after an
 * outage there is one. A `first` edition comes when the reader confirms, not at a slot: it is that day's, and when there is
 * nothing in it, the day's own slot still comes.
 */
export function dueEdition(
  schedule: Schedule,
  { servedOn, first }: { servedOn: Temporal.PlainDate | null; first: boolean },
  now: Temporal.Instant,
): Due {
  const slot = lastSlot(schedule, now);
  const date = first ? now.toZonedDateTimeISO(schedule.timezone).toPlainDate() : slot.date;
  const before = believed(servedOn, now);
  if (before && Temporal.PlainDate.compare(before, date) >= 0) {
    const next = slotAfter(schedule, before).at;
    return { date: undefined, next, empty: { date: before, next } };
  }
  const empty = { date: slot.date, next: slotAfter(schedule, slot.date).at };
  return { date, next: first ? slotAfter(schedule, date).at : empty.next, empty };
}

/**
 * When the next edition is due for a reader who has another schedule now, or comes back from a pause: at the first slot of a
 * date that they were not served for. It may be past, which means at once: so no date is lost when the hour is moved to one
 * that is over already, and none comes twice.
 */
export function dueAfterChange(
  schedule: Schedule,
  servedOn: Temporal.PlainDate | null,
  now: Temporal.Instant,
): Temporal.Instant {
  const before = believed(servedOn, now);
  return before ? slotAfter(schedule, before).at : now;
}

/** A date that is not reached anywhere on Earth was served by a clock that was wrong. */
function believed(servedOn: Temporal.PlainDate | null, now: Temporal.Instant): Temporal.PlainDate | undefined {
  const latest = now.toZonedDateTimeISO("UTC").toPlainDate().add({ days: 1 });
  return servedOn && Temporal.PlainDate.compare(servedOn, latest) <= 0 ? servedOn : undefined;
}

function slotAfter(schedule: Schedule, date: Temporal.PlainDate): Slot {
  for (let next = date.add({ days: 1 }); ; next = next.add({ days: 1 })) {
    const slot = slotOn(schedule, next);
    if (slot) return slot;
  }
}

/**
 * The first slot after `after`, of a later date than `editionDate` if that is given: a reader gets one edition for a date,
 * however they change their hour or zone.
 */
export function nextSlot(schedule: Schedule, after: Temporal.Instant, editionDate?: Temporal.PlainDate): Slot {
  const today = after.toZonedDateTimeISO(schedule.timezone).toPlainDate();
  const earliest =
    editionDate && Temporal.PlainDate.compare(editionDate, today) >= 0 ? editionDate.add({ days: 1 }) : today;
  for (let date = earliest; ; date = date.add({ days: 1 })) {
    const slot = slotOn(schedule, date);
    if (slot && Temporal.Instant.compare(slot.at, after) > 0) return slot;
  }
}

/** The last slot at or before `now`: after an outage it names the edition that is overdue. */
export function lastSlot(schedule: Schedule, now: Temporal.Instant): Slot {
  for (let date = now.toZonedDateTimeISO(schedule.timezone).toPlainDate(); ; date = date.subtract({ days: 1 })) {
    const slot = slotOn(schedule, date);
    if (slot && Temporal.Instant.compare(slot.at, now) <= 0) return slot;
  }
}

/**
 * A slot is due when the reader's clock first shows its hour. One that a clock change leaves out is due as soon as the clock
 * has passed it, which in Nuuk may be midnight; one that comes twice is due the first time.
 */
function slotOn({ cadence, weekday, hour, timezone }: Schedule, date: Temporal.PlainDate): Slot | undefined {
  if (cadence === "weekdays" && date.dayOfWeek > 5) return undefined;
  if (cadence === "weekly" && date.dayOfWeek !== weekday) return undefined;
  const at = date.toZonedDateTime({ timeZone: timezone, plainTime: { hour } });
  if (at.hour === hour && at.day === date.day) return { at: at.toInstant(), date };
  // A date that a zone left out when it crossed the date line, as Samoa did, is no date of anybody's.
  if (!date.toZonedDateTime(timezone).toPlainDate().equals(date)) return undefined;
  // The calendar moves a time in a gap by the length of the gap: for one of two hours, past the first that there is.
  const change = at.add({ nanoseconds: 1 }).getTimeZoneTransition("previous");
  return { at: (change ?? at).toInstant(), date };
}

const zonesKnown = new Map<string, boolean>();

/** Whether it is a zone of the time zone database. Offsets such as +02:00 are none: they know no summer time. */
export function isTimeZone(name: string): boolean {
  let known = zonesKnown.get(name);
  if (known === undefined) {
    known = /^[A-Za-z]/.test(name) && zoneExists(name);
    if (zonesKnown.size < 2000) zonesKnown.set(name, known);
  }
  return known;
}

function zoneExists(name: string): boolean {
  try {
    Temporal.Now.zonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}
