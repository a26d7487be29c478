import { z } from "zod";
import type { Clock } from "../clock.ts";
import type { Sql } from "../db.ts";
import { nextDueAt } from "../digests/next_due.ts";
import { isTimeZone } from "../digests/schedule.ts";
import { UserError } from "../errors.ts";
import { parseInterests } from "../interests/language.ts";
import { findEmptyQueries } from "../interests/queries.ts";
import { lockReader, replaceInterests } from "./interests.ts";

const wholeNumber = (from: number, to: number, message: string) => z.int(message).min(from, message).max(to, message);

/** What a reader can choose: the one schema of the forms, the API and its description. */
export const preferencesSchema = z.object({
  interests: z.string().max(60_000, "That is too much text for interests.").default(""),
  cadence: z.enum(["daily", "weekdays", "weekly"], "Choose daily, weekdays or weekly.").default("daily"),
  weekday: wholeNumber(1, 7, "Choose a day of the week, 1 (Monday) to 7.").default(1),
  hour: wholeNumber(0, 23, "Choose an hour from 0 to 23.").default(8),
  timezone: z.string().refine(isTimeZone, "This is no time zone. Write one such as Europe/Berlin.").default("UTC"),
  trending: z.boolean().default(false),
  limit: wholeNumber(1, 50, "Choose from 1 to 50 papers.").default(10),
  /** A note on days without papers. Without it: as it was; a reader asks for it once they know what no mail means. */
  allIsWell: z.boolean().optional(),
  notes: z.boolean().optional(),
});
export type Preferences = z.infer<typeof preferencesSchema>;

/** What is wrong with a form: a message for each field at fault, and for each line of interests. */
export class FormError extends UserError {
  readonly fields: Record<string, string>;
  constructor(fields: Record<string, string>) {
    super("invalid", Object.values(fields).join(" "));
    this.fields = fields;
  }
}

/** What a form sent, as the schema has it: a form knows only text, and leaves out a box that is not ticked. */
export function readChoices(form: Record<string, unknown>): Record<string, unknown> {
  const given = Object.entries(form).filter(([, value]) => value !== "");
  return Object.fromEntries(
    given.map(([name, value]) => [name, typeof value === "string" ? readText(name, value) : value]),
  );
}

function readText(name: string, value: string): unknown {
  if (["trending", "allIsWell", "notes"].includes(name))
    return !["0", "false", "off", "no"].includes(value.toLowerCase());
  return ["weekday", "hour", "limit"].includes(name) && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : value;
}

/** Checks what a form sent. Throws `FormError` with every mistake. */
export async function parsePreferences(sql: Sql, form: Record<string, unknown>): Promise<Preferences> {
  const given = readChoices(form);
  const parsed = preferencesSchema.safeParse(given);
  const fields: Record<string, string> = {};
  for (const issue of parsed.error?.issues ?? []) fields[String(issue.path[0])] ??= issue.message;
  const typed = typeof given.interests === "string" ? given.interests : "";
  const { interests, errors } = parseInterests(typed.slice(0, 60_000));
  const lines = errors.map(({ typed, error }) => {
    const place = typed.slice(error.position, error.position + error.length);
    const where = place.trim() && place !== typed ? ` Look at “${place.slice(0, 60)}”.` : "";
    return `“${typed.slice(0, 80)}”: ${error.message}${where}${error.mend ? ` Perhaps: ${error.mend.slice(0, 120)}` : ""}`;
  });
  const empty = await findEmptyQueries(sql, interests);
  for (const { canonical, typed } of interests)
    if (empty.has(canonical)) lines.push(`“${typed}”: these words are in every paper. Add a rarer one.`);
  if (lines.length > 0) fields.interests = lines.join("\n");
  if (Object.keys(fields).length > 0 || !parsed.data) throw new FormError(fields);
  // Who names no interest gets what others read: there is nothing else to send.
  return { ...parsed.data, trending: parsed.data.trending || interests.length === 0 };
}

/**
 * Puts preferences into force for a reader: their row, their interests, and when the next digest is due. One that is due
 * already stays due. An interest that they had keeps its place in time, so that nothing is sent for it twice or lost. The row
 * is locked before the clock is read, so that planning is either before all of it or after all of it.
 */
export async function applyPreferences(
  sql: Sql,
  clock: Clock,
  subscriberId: number,
  wanted: Preferences,
): Promise<void> {
  await lockReader(sql, subscriberId);
  const now = clock();
  await replaceInterests(sql, subscriberId, parseInterests(wanted.interests).interests, now);
  const { cadence, weekday, hour, timezone } = wanted;
  const next = await nextDueAt(sql, subscriberId, { cadence, weekday, hour, timezone }, now);
  await sql`
    update subscribers set cadence = ${cadence}, weekday = ${weekday}, hour = ${hour}, timezone = ${timezone},
      trending = ${wanted.trending}, paper_limit = ${wanted.limit},
      all_is_well = coalesce(${wanted.allIsWell ?? null}::boolean, all_is_well),
      notes = coalesce(${wanted.notes ?? null}::boolean, notes),
      next_due_at = case when next_due_at > ${now} then ${next}::timestamptz else next_due_at end
    where id = ${subscriberId}`;
}

/** A reader's choices as they are in force. */
export type HeldPreferences = Preferences & {
  email: string;
  status: string;
  pausedUntil: Temporal.PlainDate | null;
  /** The last date that they get no further edition for. */
  lastDate: Temporal.PlainDate | null;
};

/** A reader's choices as the form shows them. */
export async function readPreferences(sql: Sql, subscriberId: number): Promise<HeldPreferences | undefined> {
  const [row] = await sql<HeldPreferences[]>`
    select email, status, cadence, weekday, hour, timezone, trending, paper_limit as "limit", all_is_well as "allIsWell",
      notes, paused_until as "pausedUntil",
      greatest(served_on, paused_until - 1) as "lastDate",
      coalesce((select string_agg(typed, e'\n' order by position) from interests where subscriber_id = s.id), '') as interests
    from subscribers s where id = ${subscriberId}`;
  return row;
}
