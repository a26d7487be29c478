import fc from "fast-check";
import { expect, test } from "vitest";
import { lastSlot, nextSlot, type Schedule } from "../../src/digests/schedule.ts";

const daily = (timezone: string, hour = 8): Schedule => ({ cadence: "daily", weekday: 1, hour, timezone });
const at = (text: string) => Temporal.Instant.from(text);
const date = (text: string) => Temporal.PlainDate.from(text);

test("the next slot is at the reader's hour in the reader's zone, east and west of UTC", () => {
  const now = at("2026-11-20T12:00:00Z");
  expect(nextSlot(daily("Asia/Tokyo"), now).at).toEqual(at("2026-11-20T23:00:00Z"));
  expect(nextSlot(daily("America/Los_Angeles"), now).at).toEqual(at("2026-11-20T16:00:00Z"));
  expect(nextSlot(daily("Asia/Kathmandu"), now).at).toEqual(at("2026-11-21T02:15:00Z"));
});

test("an hour that summer time leaves out is due an hour later", () => {
  const slot = nextSlot(daily("Europe/Berlin", 2), at("2026-03-28T12:00:00Z"));
  expect(slot.at.toZonedDateTimeISO("Europe/Berlin").toPlainDateTime().toString()).toBe("2026-03-29T03:00:00");
  expect(slot.date).toEqual(date("2026-03-29"));
});

test("an hour that comes twice is due the first time, once", () => {
  const schedule = daily("Europe/Berlin", 2);
  const slot = nextSlot(schedule, at("2026-10-24T12:00:00Z"));
  expect(slot.at).toEqual(at("2026-10-25T00:00:00Z"));
  expect(nextSlot(schedule, slot.at).date).toEqual(date("2026-10-26"));
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

const schedules = fc.record({
  cadence: fc.constantFrom("daily" as const, "weekdays" as const, "weekly" as const),
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

test("a year of slots has one for each due date, each at the local hour or where a gap moved it", () => {
  fc.assert(
    fc.property(schedules, (schedule) => {
      let slot = nextSlot(schedule, at("2026-01-01T00:00:00Z"));
      for (let count = 0; count < 60; count++) {
        const following = nextSlot(schedule, slot.at);
        const step = { daily: 1, weekdays: slot.date.dayOfWeek === 5 ? 3 : 1, weekly: 7 }[schedule.cadence];
        expect(slot.date.until(following.date).days).toBe(step);
        const local = following.at.toZonedDateTimeISO(schedule.timezone);
        expect([0, 1]).toContain((local.hour - schedule.hour + 24) % 24);
        slot = following;
      }
    }),
    { numRuns: 40 },
  );
});
