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
