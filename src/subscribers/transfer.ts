import { z } from "zod";
import type { Context } from "../context.ts";
import type { Sql } from "../db.ts";
import { nextSlot } from "../digests/schedule.ts";
import { describeError, UserError } from "../errors.ts";
import { parseInterests } from "../interests/language.ts";
import { issueTokens, readerTokens } from "../token.ts";
import { addressKey, parseAddress } from "./address.ts";
import { replaceInterests } from "./interests.ts";
import { parsePreferences } from "./preferences.ts";
import { addressHash, subscribe } from "./subscribe.ts";

/** A reader as one line of an export, and of an import. All but the address may be missing. */
const readerSchema = z.object({
  email: z.string(),
  status: z.enum(["active", "paused", "unsubscribed", "suppressed"]).optional(),
  confirmedAt: z.string().nullish(),
  pausedUntil: z.string().nullish(),
  interests: z.union([z.array(z.string()).transform((lines) => lines.join("\n")), z.string()]).default(""),
  muted: z.array(z.string()).default([]),
  cadence: z.string().optional(),
  weekday: z.number().optional(),
  hour: z.number().optional(),
  timezone: z.string().optional(),
  trending: z.boolean().optional(),
  limit: z.number().optional(),
  allIsWell: z.boolean().optional(),
  notes: z.boolean().optional(),
});

/** Every reader who has confirmed, as an object for one line each. */
export async function* exportReaders(sql: Sql): AsyncGenerator<Record<string, unknown>> {
  const pages = sql<{ reader: Record<string, unknown> }[]>`
    select jsonb_build_object('email', email, 'status', status, 'confirmedAt', confirmed_at, 'pausedUntil', paused_until, 'cadence', cadence,
      'weekday', weekday, 'hour', hour, 'timezone', timezone, 'trending', trending, 'limit', paper_limit, 'allIsWell', all_is_well, 'notes', notes,
      'interests',
      coalesce((select jsonb_agg(typed order by position) from interests i where i.subscriber_id = s.id), '[]'), 'muted',
      coalesce((select jsonb_agg(typed order by muted_at) from muted_interests m where m.subscriber_id = s.id), '[]')) as reader
    from subscribers s where status <> 'pending' order by id`.cursor(1000);
  for await (const rows of pages) for (const { reader } of rows) yield reader;
}

export type Imported = "active" | "asked" | "left" | "known";

/**
 * Takes over one reader of an export. Who had confirmed is mailed as before; who had left, or whose address is suppressed here,
 * stays so; whoever else is in the list is asked first, by the mail that the form sends. Throws `UserError`.
 */
export async function importReader(context: Context, line: string): Promise<Imported> {
  const { status, confirmedAt, pausedUntil, muted, email: typed, ...form } = readLine(line);
  const email = parseAddress(typed);
  const { sql, clock, config } = context;
  const [known] = await sql`select from subscribers where email_key = ${addressKey(email)}`;
  if (known) return "known";
  const [suppressed] = await sql`select from suppressions where address_hash = ${addressHash(config.secret, email)}`;
  const left = suppressed ? "suppressed" : status === "unsubscribed" || status === "suppressed" ? status : undefined;
  if (!left && !confirmedAt) {
    await subscribe(context, { email, ...form });
    return "asked";
  }
  const preferences = await parsePreferences(sql, form);
  const silenced = parseInterests(muted.join("\n")).interests;
  const now = clock();
  const until = pausedUntil ? Temporal.PlainDate.from(pausedUntil) : null;
  const next = nextSlot(preferences, now, until?.subtract({ days: 1 }));
  await sql.begin(async (transaction) => {
    const [row] = await transaction<{ id: number }[]>`
      insert into subscribers (email, email_key, status, cadence, weekday, hour, timezone, trending, paper_limit, all_is_well, notes, created_at,
        confirmed_at, unsubscribed_at, paused_until, next_due_at, planned_at, planned_batch_id)
      values (${email}, ${addressKey(email)}, ${left ?? "active"}, ${preferences.cadence},
        ${preferences.weekday}, ${preferences.hour}, ${preferences.timezone}, ${preferences.trending}, ${preferences.limit},
        ${preferences.allIsWell ?? false}, ${preferences.notes ?? false}, ${now}, ${confirmedAt ? Temporal.Instant.from(confirmedAt) : null}, ${left ? now : null}, ${until},
        ${left ? null : next.at}, ${now}, coalesce((select max(id) from batches), 0))
      returning id`;
    const id = (row as { id: number }).id;
    await replaceInterests(transaction, id, parseInterests(preferences.interests).interests, now);
    await transaction`
      insert into muted_interests (subscriber_id, canonical, typed, muted_at)
      select ${id}, m.canonical, m.typed, ${now}
      from jsonb_to_recordset(${transaction.json(silenced.map(({ canonical, typed }) => ({ canonical, typed })))}) as m (canonical text, typed text)
      on conflict do nothing`;
    await issueTokens(transaction, now, readerTokens(config.secret, [{ subscriberId: id, email, moves: 0 }]));
  });
  return left ? "left" : "active";
}

function readLine(line: string): z.infer<typeof readerSchema> {
  try {
    const read = readerSchema.parse(JSON.parse(line));
    if (read.confirmedAt) Temporal.Instant.from(read.confirmedAt);
    if (read.pausedUntil) Temporal.PlainDate.from(read.pausedUntil);
    return read;
  } catch (error) {
    const issue = error instanceof z.ZodError ? error.issues[0] : undefined;
    const message = issue ? `${issue.path.join(".")}: ${issue.message}` : describeError(error);
    throw new UserError("invalid", `it is no reader as export writes them (${message})`);
  }
}

/** The number of a reader by address. Throws `UserError` when nobody reads there. */
export async function findReaderByAddress(sql: Sql, typed: string): Promise<number> {
  const email = parseAddress(typed);
  const [row] = await sql<{ id: number }[]>`select id from subscribers where email_key = ${addressKey(email)}`;
  if (!row) throw new UserError("not_found", `Nobody reads at ${email}.`);
  return row.id;
}
