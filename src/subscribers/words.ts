import { nextSlot, type Schedule } from "../digests/schedule.ts";
import type { Preferences } from "./preferences.ts";

export const weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const;

/** "Every day at 8:00, Europe/Berlin time." */
export function scheduleInWords({
  cadence,
  weekday,
  hour,
  timezone,
}: Pick<Preferences, "cadence" | "weekday" | "hour" | "timezone">): string {
  const days = { daily: "Every day", weekdays: "Monday to Friday", weekly: `Every ${weekdays[weekday - 1]}` }[cadence];
  return `${days} at ${hour}:00, ${timezone.replaceAll("_", " ")} time.`;
}

/** When the next mails come, in the reader's own zone: "Friday 20 November at 8:00". An hour that a clock change skips is told as it is. */
export function nextSlotsInWords(
  schedule: Schedule,
  after: Temporal.Instant,
  editionDate?: Temporal.PlainDate,
  count = 3,
): string[] {
  const words: string[] = [];
  let slot = nextSlot(schedule, after, editionDate);
  for (; words.length < count; slot = nextSlot(schedule, slot.at, slot.date))
    words.push(momentInWords(slot.at, schedule.timezone));
  return words;
}

/** "Friday 20 November at 8:00". */
export function momentInWords(at: Temporal.Instant, timezone: string): string {
  const moment = at.toZonedDateTimeISO(timezone);
  const day = moment
    .toPlainDate()
    .toLocaleString("en-GB", { weekday: "long", day: "numeric", month: "long" })
    .replace(",", "");
  return `${day} at ${moment.hour}:${String(moment.minute).padStart(2, "0")}`;
}

/** When the first digest comes to who confirms `now`, and what happens if there is nothing for it. */
export function firstDigestInWords(
  { trending, ...schedule }: Schedule & Pick<Preferences, "trending">,
  hasInterests: boolean,
  now: Temporal.Instant,
): string {
  const soon = "Your first digest comes within minutes, with";
  if (!hasInterests) return `${soon} what others read.`;
  const matched = `${soon} what matched in the last seven days`;
  if (trending) return `${matched} and what others read.`;
  const again = momentInWords(nextSlot(schedule, now).at, schedule.timezone);
  return `${matched}. If nothing did, we look again on ${again}.`;
}
