import { z } from "zod";
import type { Clock } from "../clock.ts";
import type { Sql } from "../db.ts";
import { nextDueAt } from "../digests/next_due.ts";
import { isTimeZone } from "../digests/schedule.ts";
import { UserError } from "../errors.ts";
import { type Interest, parseInterests } from "../interests/language.ts";
import { findEmptyQueries, saveQueries } from "../interests/queries.ts";

/** How far back a new interest reaches for its first digest. */
const lookBackDays = 7;

const wholeNumber = (from: number, to: number, message: string) =>
  z.coerce.number(message).int(message).min(from, message).max(to, message);

/** What a reader can choose, as the form and the API send it. */
export const preferencesSchema = z.object({
  interests: z.string().max(60_000, "That is too much text for interests.").default(""),
  cadence: z.enum(["daily", "weekdays", "weekly"], "Choose daily, weekdays or weekly.").default("daily"),
  weekday: wholeNumber(1, 7, "Choose a day of the week, 1 (Monday) to 7.").default(1),
  hour: wholeNumber(0, 23, "Choose an hour from 0 to 23.").default(8),
  timezone: z.string().refine(isTimeZone, "This is no time zone. Write one such as Europe/Berlin.").default("UTC"),
  trending: z
    .union([
      z.boolean(),
      z.string().transform((value) => !["", "0", "false", "off", "no"].includes(value.toLowerCase())),
    ])
    .default(false),
  limit: wholeNumber(1, 50, "Choose from 1 to 50 papers.").default(10),
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

/** Checks what a form sent. Throws `FormError` with every mistake. */
export async function parsePreferences(sql: Sql, form: Record<string, unknown>): Promise<Preferences> {
  const given = Object.fromEntries(Object.entries(form).filter(([, value]) => value !== ""));
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
  await sql`select from subscribers where id = ${subscriberId} for no key update`;
  const now = clock();
  const { interests } = parseInterests(wanted.interests);
  await replaceInterests(sql, subscriberId, interests, now);
  const { cadence, weekday, hour, timezone } = wanted;
  const next = await nextDueAt(sql, subscriberId, { cadence, weekday, hour, timezone }, now);
  await sql`
    update subscribers set cadence = ${cadence}, weekday = ${weekday}, hour = ${hour}, timezone = ${timezone},
      trending = ${wanted.trending}, paper_limit = ${wanted.limit},
      next_due_at = case when next_due_at > ${now} then ${next}::timestamptz else next_due_at end
    where id = ${subscriberId}`;
}

async function replaceInterests(
  sql: Sql,
  subscriberId: number,
  interests: (Interest & { typed: string })[],
  now: Temporal.Instant,
) {
  const queries = await saveQueries(sql, interests, now);
  const rows = interests.map((interest, position) => ({
    query_id: queries.get(interest.canonical),
    position,
    typed: interest.typed,
  }));
  await sql`
    delete from interests where subscriber_id = ${subscriberId} and query_id <> all (${[...queries.values()]}::bigint[])`;
  await sql`
    insert into interests (subscriber_id, query_id, position, typed, created_at, since_batch_id)
    select distinct on (r.query_id) ${subscriberId}, r.query_id, r.position, r.typed, ${now}::timestamptz,
      coalesce((select max(id) from batches where matched_at <= ${now.subtract({ hours: 24 * lookBackDays })}), 0)
    from jsonb_to_recordset(${sql.json(rows)}) as r (query_id bigint, position int, typed text)
    order by r.query_id, r.position
    on conflict (subscriber_id, query_id) do update set position = excluded.position, typed = excluded.typed`;
}

/** A reader's choices as the form shows them. */
export async function readPreferences(
  sql: Sql,
  subscriberId: number,
): Promise<(Preferences & { email: string; status: string }) | undefined> {
  const [row] = await sql<(Preferences & { email: string; status: string })[]>`
    select email, status, cadence, weekday, hour, timezone, trending, paper_limit as "limit",
      coalesce((select string_agg(typed, e'\n' order by position) from interests where subscriber_id = s.id), '') as interests
    from subscribers s where id = ${subscriberId}`;
  return row;
}
