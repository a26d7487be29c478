import fc from "fast-check";
import { expect, test } from "vitest";
import { dueAfterChange, dueEdition, lastSlot, nextSlot, type Schedule } from "../../src/digests/schedule.ts";
import { dateShown, firstShowing, wallClock } from "../support/wall_clock.ts";

const daily = (timezone: string, hour = 8): Schedule => ({ cadence: "daily", weekday: 1, hour, timezone });
const at = (text: string) => Temporal.Instant.from(text);
const date = (text: string) => Temporal.PlainDate.from(text);

test("the next slot is at the reader's hour in the reader's zone, east and west of UTC", () => {
  const now = at("2026-11-20T12:00:00Z");
  expect(nextSlot(daily("Asia/Tokyo"), now).at).toEqual(at("2026-11-20T23:00:00Z"));
  expect(nextSlot(daily("America/Los_Angeles"), now).at).toEqual(at("2026-11-20T16:00:00Z"));
  expect(nextSlot(daily("Asia/Kathmandu"), now).at).toEqual(at("2026-11-21T02:15:00Z"));
  expect(nextSlot(daily("America/St_Johns"), now).at).toEqual(at("2026-11-21T11:30:00Z"));
});

test.each([
  ["Europe/Berlin", 2, "2026-03-29", "2026-03-29T03:00:00"],
  ["America/St_Johns", 2, "2026-03-08", "2026-03-08T03:00:00"],
  ["Africa/Cairo", 0, "2026-04-24", "2026-04-24T01:00:00"],
  ["America/Havana", 0, "2026-03-08", "2026-03-08T01:00:00"],
  ["Australia/Lord_Howe", 2, "2026-10-04", "2026-10-04T02:30:00"],
  // The gap is of two hours, and both are due at its end.
  ["Antarctica/Troll", 1, "2026-03-29", "2026-03-29T03:00:00"],
  ["Antarctica/Troll", 2, "2026-03-29", "2026-03-29T03:00:00"],
  // The day ends an hour early.
  ["America/Nuuk", 23, "2026-03-28", "2026-03-29T00:00:00"],
])("in %s an hour that summer time leaves out, %i on %s, is due when the gap is over", (zone, hour, day, local) => {
  const schedule = daily(zone, hour);
  const dayBefore = date(day).subtract({ days: 1 }).toZonedDateTime({ timeZone: zone, plainTime: { hour } });
  const slot = nextSlot(schedule, dayBefore.toInstant());
  expect(slot.at.toZonedDateTimeISO(zone).toPlainDateTime().toString()).toBe(local);
  expect(slot.date).toEqual(date(day));
  expect(lastSlot(schedule, slot.at)).toEqual(slot);
  expect(nextSlot(schedule, slot.at).date).toEqual(date(day).add({ days: 1 }));
});

test.each([
  ["Europe/Berlin", 2, "2026-10-25T00:00:00Z"],
  ["America/St_Johns", 1, "2026-11-01T03:30:00Z"],
  ["America/Nuuk", 23, "2026-10-25T00:00:00Z"],
  ["Antarctica/Troll", 1, "2026-10-24T23:00:00Z"],
  ["Africa/Cairo", 23, "2026-10-29T20:00:00Z"],
])("in %s the hour %i, which comes twice, is due the first time, once", (zone, hour, first) => {
  const schedule = daily(zone, hour);
  const slot = nextSlot(schedule, at(first).subtract({ hours: 1 }));
  expect(slot.at).toEqual(at(first));
  expect(nextSlot(schedule, slot.at).date).toEqual(slot.date.add({ days: 1 }));
});

test("the date that Samoa left out when it crossed the date line is nobody's", () => {
  const schedule = daily("Pacific/Apia");
  const before = at("2011-12-29T18:00:00Z");
  expect(lastSlot(schedule, before).date).toEqual(date("2011-12-29"));
  const slot = nextSlot(schedule, before);
  expect(slot).toEqual({ at: at("2011-12-30T18:00:00Z"), date: date("2011-12-31") });
  expect(nextSlot(schedule, slot.at).date).toEqual(date("2012-01-01"));
  // A Friday it would have been.
  expect(nextSlot({ ...schedule, cadence: "weekly", weekday: 5 }, before).date).toEqual(date("2012-01-06"));
});

test("weekdays skip Saturday and Sunday, weekly keeps its day over a month's end", () => {
  const friday = at("2026-11-20T09:00:00Z");
  expect(nextSlot({ ...daily("UTC"), cadence: "weekdays" }, friday).date).toEqual(date("2026-11-23"));
  expect(nextSlot({ ...daily("UTC"), cadence: "weekly", weekday: 2 }, at("2026-11-24T09:00:00Z")).date).toEqual(
    date("2026-12-01"),
  );
});

test("a reader who moves east or to a later hour gets no second edition for a date", () => {
  const now = at("2026-11-20T08:00:00Z");
  expect(nextSlot(daily("UTC", 22), now, date("2026-11-20")).date).toEqual(date("2026-11-21"));
  expect(nextSlot(daily("Pacific/Kiritimati", 23), now, date("2026-11-21")).date).toEqual(date("2026-11-22"));
});

test.each([
  ["a later hour, today not served yet", daily("UTC", 20), "2026-11-19", "2026-11-20T20:00:00Z"],
  ["a later hour, today served", daily("UTC", 20), "2026-11-20", "2026-11-21T20:00:00Z"],
  ["an hour that is over today", daily("UTC", 8), "2026-11-19", "2026-11-20T08:00:00Z"],
  ["a zone where it is tomorrow, past the hour", daily("Pacific/Kiritimati", 1), "2026-11-20", "2026-11-20T11:00:00Z"],
  ["a zone where it is still yesterday", daily("Pacific/Pago_Pago"), "2026-11-21", "2026-11-22T19:00:00Z"],
  ["weekly", { ...daily("UTC"), cadence: "weekly" as const }, "2026-11-20", "2026-11-23T08:00:00Z"],
])("after a change to %s the next edition is of the next date that has none", (_name, wanted, servedOn, next) => {
  expect(dueAfterChange(wanted, date(servedOn), at("2026-11-20T12:30:00Z"))).toEqual(at(next));
});

test("a reader who was never served is due at once", () => {
  const now = at("2026-11-20T12:30:00Z");
  expect(dueAfterChange(daily("UTC"), null, now)).toEqual(now);
});

const later = (servedOn: string | null) => ({ servedOn: servedOn === null ? null : date(servedOn), first: false });

test("the first edition is today's; when there is nothing in it, today's slot still comes", () => {
  const now = at("2026-11-20T06:00:00Z");
  const first = { servedOn: null, first: true };
  expect(dueEdition(daily("UTC"), first, now)).toEqual({
    date: date("2026-11-20"),
    next: at("2026-11-21T08:00:00Z"),
    empty: { date: date("2026-11-19"), next: at("2026-11-20T08:00:00Z") },
  });
  const fridays = { ...daily("UTC"), cadence: "weekly" as const, weekday: 5 };
  expect(dueEdition(fridays, first, now)).toMatchObject({
    next: at("2026-11-27T08:00:00Z"),
    empty: { next: at("2026-11-20T08:00:00Z") },
  });
});

test("a reader who is woken before the slot, as when a zone has got other rules, waits for it", () => {
  const due = dueEdition(daily("UTC"), later("2026-11-19"), at("2026-11-20T07:00:00Z"));
  expect(due).toMatchObject({ date: undefined, next: at("2026-11-20T08:00:00Z") });
});

test("after weeks without a worker there is one edition, of the last slot", () => {
  const due = dueEdition(daily("Asia/Tokyo"), later("2026-10-20"), at("2026-11-20T12:00:00Z"));
  expect(due).toMatchObject({ date: date("2026-11-20"), next: at("2026-11-20T23:00:00Z") });
});

test("a clock that was a year ahead and is right again silences nobody; one that is set back a day doubles nothing", () => {
  const schedule = daily("UTC");
  const now = at("2026-11-21T09:00:00Z");
  expect(dueAfterChange(schedule, date("2027-11-20"), now)).toEqual(now);
  expect(dueEdition(schedule, later("2027-11-20"), now)).toMatchObject({
    date: date("2026-11-21"),
    next: at("2026-11-22T08:00:00Z"),
  });
  expect(dueEdition(schedule, later("2026-11-20"), at("2026-11-19T09:00:00Z"))).toMatchObject({
    date: undefined,
    next: at("2026-11-21T08:00:00Z"),
  });
});

const cadences = fc.constantFrom("daily" as const, "weekdays" as const, "weekly" as const);
const schedules = fc.record({
  cadence: cadences,
  weekday: fc.integer({ min: 1, max: 7 }),
  hour: fc.integer({ min: 0, max: 23 }),
  timezone: fc.constantFrom(...Intl.supportedValuesOf("timeZone")),
});
const instants = fc
  .integer({ min: 1_735_689_600, max: 1_893_456_000 })
  .map((seconds) => Temporal.Instant.fromEpochMilliseconds(seconds * 1000));

test("the next slot lies ahead, the last behind, and nothing lies between them", () => {
  fc.assert(
    fc.property(schedules, instants, (schedule, now) => {
      const next = nextSlot(schedule, now);
      const last = lastSlot(schedule, now);
      expect(Temporal.Instant.compare(last.at, now)).toBeLessThanOrEqual(0);
      expect(Temporal.Instant.compare(next.at, now)).toBe(1);
      expect(nextSlot(schedule, last.at).at).toEqual(next.at);
    }),
  );
});

const year = { from: Date.UTC(2026, 0, 1), to: Date.UTC(2027, 0, 1) };

test("a year has one edition for each due date, when the clock on the wall first shows the hour", () => {
  fc.assert(
    fc.property(schedules, (schedule) => {
      const clock = wallClock(schedule.timezone, year.from, year.to);
      const first = lastSlot(schedule, Temporal.Instant.fromEpochMilliseconds(year.from));
      let servedOn = first.date;
      let now = nextSlot(schedule, first.at).at;
      for (let day = first.date.add({ days: 1 }); day.year < 2027; day = day.add({ days: 1 })) {
        if (schedule.cadence === "weekdays" && day.dayOfWeek > 5) continue;
        if (schedule.cadence === "weekly" && day.dayOfWeek !== schedule.weekday) continue;
        expect(now.epochMilliseconds).toBe(firstShowing(clock, day, schedule.hour));
        const due = dueEdition(schedule, { servedOn, first: false }, now);
        expect(due.date?.toString()).toBe(day.toString());
        expect(due.empty).toEqual({ date: day, next: due.next });
        servedOn = day;
        now = due.next;
      }
    }),
    { numRuns: 60 },
  );
});

const changes = fc.array(
  fc.record({
    /** Hours after the change before. */
    after: fc.integer({ min: 0, max: 100 }),
    hour: fc.integer({ min: 0, max: 23 }),
    timezone: fc.constantFrom(...Intl.supportedValuesOf("timeZone")),
  }),
  { maxLength: 30 },
);

test("a reader who changes hour and zone again and again has an edition of each date, and of none two", () => {
  const dateIn = (zone: string, now: Temporal.Instant) =>
    dateShown(wallClock(zone, now.epochMilliseconds, now.epochMilliseconds), now.epochMilliseconds);
  fc.assert(
    fc.property(fc.constantFrom("daily" as const, "weekdays" as const), changes, (cadence, all) => {
      let schedule: Schedule = { ...daily("UTC"), cadence };
      let now = at("2026-03-02T08:00:00Z");
      let next = nextSlot(schedule, now).at;
      let servedOn = date("2026-03-02");
      // Who flies east over midnight leaves a part of a date behind, and may get one edition for two dates.
      let leftBehind = 0;
      const runUntil = (end: Temporal.Instant) => {
        while (Temporal.Instant.compare(next, end) <= 0) {
          if (Temporal.Instant.compare(next, now) > 0) now = next;
          const due = dueEdition(schedule, { servedOn, first: false }, now);
          expect(Temporal.Instant.compare(due.next, now)).toBe(1);
          next = due.next;
          if (!due.date) continue;
          expect(Temporal.PlainDate.compare(due.date, servedOn)).toBe(1);
          let passedOver = 0;
          for (let day = servedOn.add({ days: 1 }); !day.equals(due.date); day = day.add({ days: 1 }))
            if (cadence === "daily" || day.dayOfWeek <= 5) passedOver++;
          expect(passedOver).toBeLessThanOrEqual(leftBehind);
          servedOn = due.date;
          leftBehind = 0;
        }
        now = end;
      };
      for (const { after, hour, timezone } of all) {
        runUntil(now.add({ hours: after }));
        leftBehind += Math.max(0, dateIn(schedule.timezone, now).until(dateIn(timezone, now)).days);
        schedule = { ...schedule, hour, timezone };
        next = dueAfterChange(schedule, servedOn, now);
      }
      runUntil(now.add({ hours: 24 * 10 }));
      const behind = servedOn.until(dateIn(schedule.timezone, now)).days;
      expect(behind).toBeLessThanOrEqual(cadence === "daily" ? 1 : 3);
    }),
    { numRuns: 300 },
  );
});
