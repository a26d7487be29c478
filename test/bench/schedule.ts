import { dueEdition, nextSlot, type Schedule } from "../../src/digests/schedule.ts";
import { firstShowing, type WallClock, wallClock } from "../support/wall_clock.ts";
import { benchPlannedYear } from "./planned_year.ts";
import { printTable } from "./setup.ts";

const readersCounted = 2000;
const years = { from: Date.UTC(2026, 0, 1), to: Date.UTC(2028, 0, 1) };
const day = 86_400_000;

/** When no worker runs: a few minutes, a night, three weeks. */
const outages = [
  { from: Date.UTC(2026, 2, 29, 0, 50), to: Date.UTC(2026, 2, 29, 1, 10) },
  { from: Date.UTC(2026, 9, 24, 20), to: Date.UTC(2026, 9, 25, 9) },
  { from: Date.UTC(2027, 5, 1, 7, 30), to: Date.UTC(2027, 5, 22, 7, 30) },
];

export type Edition = { date: string; at: number };

/**
 * Readers over all zones, each with an edition for every due date of two years, when the clock on their wall first shows the
 * hour: `schedule.ts`, stepped as planning steps it, beside what the calendar of `Intl` says.
 */
export async function benchSchedule({ full }: { full: boolean }): Promise<void> {
  const clocks = new Map<string, WallClock>();
  for (const zone of Intl.supportedValuesOf("timeZone"))
    clocks.set(zone, wallClock(zone, years.from - 8 * day, years.to + 8 * day));
  const readers = Array.from({ length: readersCounted }, (_, index) => makeReader(index, [...clocks.keys()]));
  console.log(`schedule: ${readersCounted} readers in ${clocks.size} zones, each day of 2026 and 2027\n`);
  const rows: (string | number)[][] = [["", "editions", "missing", "too many", "at another time", "µs an edition"]];
  for (const [name, down] of [["always running", []] as const, ["with outages", outages] as const]) {
    const expected = readers.map((it) => expectedEditions(it, clocks.get(it.timezone) as WallClock, down));
    const start = performance.now();
    const given = readers.map((it) => steppedEditions(it, down));
    const milliseconds = performance.now() - start;
    rows.push([name, ...compareEditions(expected, given), ((1000 * milliseconds) / given.flat().length).toFixed(1)]);
  }
  printTable(rows);
  console.log();
  if (full) await benchPlannedYear(clocks);
}

export function makeReader(index: number, zones: string[]): Schedule {
  const cadence = (["daily", "daily", "weekdays", "weekly"] as const)[index % 4] ?? "daily";
  // Every zone comes with several hours, and those in which clocks change more often.
  const hour = index % 3 === 0 ? [0, 1, 2, 3, 23][index % 5] : (7 * index) % 24;
  return { cadence, weekday: 1 + (index % 7), hour: hour ?? 8, timezone: zones[index % zones.length] ?? "UTC" };
}

/** Of the slots within an outage the last comes, at its end. */
export function expectedEditions(
  schedule: Schedule,
  clock: WallClock,
  down: readonly { from: number; to: number }[],
): Edition[] {
  const editions: Edition[] = [];
  const last = Temporal.PlainDate.from("2028-01-02");
  for (let date = Temporal.PlainDate.from("2025-12-31"); !date.equals(last); date = date.add({ days: 1 })) {
    if (schedule.cadence === "weekdays" && date.dayOfWeek > 5) continue;
    if (schedule.cadence === "weekly" && date.dayOfWeek !== schedule.weekday) continue;
    const due = firstShowing(clock, date, schedule.hour);
    if (due <= years.from || due >= years.to) continue;
    const at = down.find((it) => it.from <= due && due <= it.to)?.to ?? due;
    if (editions.at(-1)?.at === at) editions.pop();
    editions.push({ date: date.toString(), at });
  }
  return editions;
}

/** As planning does it: woken when the reader is due, or as soon as there is somebody to wake. */
function steppedEditions(schedule: Schedule, down: readonly { from: number; to: number }[]): Edition[] {
  const editions: Edition[] = [];
  let servedOn: Temporal.PlainDate | null = null;
  let next = nextSlot(schedule, Temporal.Instant.fromEpochMilliseconds(years.from)).at;
  while (next.epochMilliseconds < years.to) {
    const due = next.epochMilliseconds;
    const at = down.find((it) => it.from <= due && due <= it.to)?.to ?? due;
    const edition = dueEdition(schedule, { servedOn, first: false }, Temporal.Instant.fromEpochMilliseconds(at));
    next = edition.next;
    if (!edition.date) continue;
    servedOn = edition.date;
    editions.push({ date: edition.date.toString(), at });
  }
  return editions;
}

/** How many editions there are; and of those expected how many are missing, and how many at another time. */
export function compareEditions(expected: Edition[][], given: Edition[][]): [number, number, number, number] {
  let [missing, tooMany, elsewhere] = [0, 0, 0];
  for (const [index, wanted] of expected.entries()) {
    const left = new Map<string, number>();
    for (const edition of given[index] ?? []) {
      if (left.has(edition.date)) tooMany++;
      left.set(edition.date, edition.at);
    }
    for (const { date, at } of wanted) {
      const found = left.get(date);
      if (found === undefined) missing++;
      else if (found !== at) elsewhere++;
      left.delete(date);
    }
    tooMany += left.size;
  }
  return [given.flat().length, missing, tooMany, elsewhere];
}
