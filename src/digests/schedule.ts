export type Schedule = {
  cadence: "daily" | "weekdays" | "weekly";
  /** ISO: 1 is Monday. For `weekly`. */
  weekday: number;
  hour: number;
  timezone: string;
};

/** A moment at which a digest is due, and the reader's own date that it is the edition of. */
export type Slot = { at: Temporal.Instant; date: Temporal.PlainDate };

/**
 * The first slot after `after`, of a later date than `editionDate` if that is given: a reader gets one edition for a date,
 * however they change their hour or zone. An hour that a clock change leaves out is due an hour later; one that comes twice
 * is due the first time.
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

function slotOn({ cadence, weekday, hour, timezone }: Schedule, date: Temporal.PlainDate): Slot | undefined {
  if (cadence === "weekdays" && date.dayOfWeek > 5) return undefined;
  if (cadence === "weekly" && date.dayOfWeek !== weekday) return undefined;
  const plainTime = Temporal.PlainTime.from({ hour });
  return { at: date.toZonedDateTime({ timeZone: timezone, plainTime }).toInstant(), date };
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
