import type { Config } from "../config.ts";
import type { Sql } from "../db.ts";
import { arxivZone } from "./arxiv.ts";

/** arXiv announces: when the feed is there to be read, and until when a source that has not read it is asked for it. */
export type Announcement = { from: Temporal.Instant; until: Temporal.Instant };

/** From Friday's announcement to Monday's, and one. */
const daysBetween = 4;

/**
 * The announcement of arXiv that comes at `now` or did last: on Monday to Friday at midnight in New York. Holidays are not known:
 * on one the announcement of the day never comes.
 */
export function lastAnnouncement(now: Temporal.Instant): Announcement {
  const midnight = (date: Temporal.PlainDate) => date.toZonedDateTime(arxivZone).toInstant();
  for (let date = now.toZonedDateTimeISO(arxivZone).toPlainDate(); ; date = date.subtract({ days: 1 }))
    if (date.dayOfWeek <= 5) return { from: midnight(date), until: midnight(date.add({ days: 1 })) };
}

/**
 * Readers who were due at the time that this answers, or before, are planned at `now`. Who was due later waits: for an
 * announcement of arXiv that is to be read within `ANNOUNCEMENT_WAIT` hours of their hour. Nobody waits longer, and for one that is
 * not there in so many hours after its own time, as on a holiday, nobody waits any more.
 */
export async function planThrough(sql: Sql, config: Config, now: Temporal.Instant): Promise<Temporal.Instant> {
  const wait = { minutes: Math.round(60 * config.announcementWait) };
  const announcement = lastAnnouncement(now.add(wait));
  const isOver = Temporal.Instant.compare(now, announcement.from.add(wait)) >= 0;
  if (isOver || !(await isMissing(sql, config, announcement))) return now;
  const [first, latest] = [announcement.from.subtract(wait), now.subtract(wait)];
  return Temporal.Instant.compare(first, latest) > 0 ? first : latest;
}

/**
 * Whether what an announcement brings is not all read and matched: a source that has it is asked again the day after. Of one that
 * was not read for days, or never, nothing is expected.
 */
async function isMissing(
  sql: Sql,
  { sources, arxivCategories }: Config,
  { from, until }: Announcement,
): Promise<boolean> {
  const names = sources.includes("arxiv") ? arxivCategories.map((category) => `arxiv ${category}`) : [];
  if (names.length === 0) return false;
  const lately = from.subtract({ hours: 24 * daysBetween });
  const [row] = await sql<{ missing: boolean }[]>`
    select exists (select from sources where name = any(${names}) and next_poll_at < ${until} and succeeded_at >= ${lately})
      or exists (select from papers where batch_id is null)
      or exists (select from batches where completed_at is null) as missing`;
  return row?.missing ?? false;
}
