import type { Config } from "../config.ts";
import type { Fragment, Sql } from "../db.ts";
import type { OutboxRow } from "./claim.ts";

/** Milliseconds that places are given out ahead: a little more than from one wake-up of the stage to the next. */
const horizon = 2500;

/** The line that every mail stands in; each recipient domain has one of its own, and none has such a name. */
const everybody = "*";

/** A mail and the time that it may go at. */
export type Placed = { row: OutboxRow; at: Temporal.Instant };

/** Milliseconds between two mails to a domain, where that is limited. */
export function domainStep({ mailDomainRate }: Config): number | undefined {
  return mailDomainRate && 60_000 / mailDomainRate;
}

/** How many mails may be claimed: fewer when what the whole installation may send for a while is given out. */
export async function readRoom(sql: Sql, { mailRate }: Config, now: Temporal.Instant, most: number): Promise<number> {
  if (!mailRate) return most;
  const [line] = await sql<{ room: number }[]>`
    select ${roomIn(sql, everybody, now, 1000 / mailRate)} as room`;
  return Math.min(most, line?.room ?? 0);
}

/** How many places a line, named by a piece of SQL or a text, has within the horizon. */
export function roomIn(sql: Sql, name: Fragment | string, now: Temporal.Instant, step: number): Fragment {
  return sql`coalesce((select ${roomAfter(sql, sql`free_at`, now, step)} from mail_lines where mail_lines.name = ${name}),
    ${fullRoom(step)})::integer`;
}

function roomAfter(sql: Sql, freeAt: Fragment, now: Temporal.Instant, step: number): Fragment {
  return sql`greatest(0, 1 + floor((${horizon} - greatest(0, extract(epoch from ${freeAt} - ${now}::timestamptz) * 1000)) / ${step}::float8))`;
}

const fullRoom = (step: number) => 1 + Math.floor(horizon / step);

/**
 * Gives mails their times by the rates of their recipient domains and of the whole installation, for which all workers stand in
 * the same lines. `crowded` are those whose domain has no place for a while, and `early` those that nobody has a place for.
 */
export async function placeMails(
  sql: Sql,
  config: Config,
  rows: OutboxRow[],
  now: Temporal.Instant,
): Promise<{ placed: Placed[]; crowded: OutboxRow[]; early: OutboxRow[] }> {
  const all = rows.map((row) => ({ row, at: now }));
  const step = domainStep(config);
  const byDomain = step
    ? await stand(sql, all, ({ row }) => domainOf(row.email), step, now)
    : { placed: all, without: [] };
  const byAll = config.mailRate
    ? await stand(sql, byDomain.placed, () => everybody, 1000 / config.mailRate, now)
    : { placed: byDomain.placed, without: [] };
  const rowsOf = (list: Placed[]) => list.map(({ row }) => row);
  return {
    placed: byAll.placed.sort((one, other) => Temporal.Instant.compare(one.at, other.at)),
    crowded: rowsOf(byDomain.without),
    early: rowsOf(byAll.without),
  };
}

/** Each mail takes the next place of its line, `step` milliseconds behind the one before. */
async function stand(sql: Sql, mails: Placed[], lineOf: (mail: Placed) => string, step: number, now: Temporal.Instant) {
  const lines = Map.groupBy(mails, lineOf);
  const granted = await takePlaces(
    sql,
    [...lines].map(([name, list]) => ({ name, count: list.length })),
    step,
    now,
  );
  const placed: Placed[] = [];
  const without: Placed[] = [];
  for (const [name, list] of lines) {
    const { places, first } = granted.get(name) as Granted;
    for (const [index, mail] of list.entries()) {
      if (index >= places) {
        without.push(mail);
        continue;
      }
      const at = first.add({ milliseconds: Math.round(index * step) });
      placed.push({ row: mail.row, at: Temporal.Instant.compare(at, mail.at) > 0 ? at : mail.at });
    }
  }
  return { placed, without };
}

type Granted = { places: number; first: Temporal.Instant };

/** In the order of names, so that two workers never wait for one another. */
async function takePlaces(
  sql: Sql,
  wanted: { name: string; count: number }[],
  step: number,
  now: Temporal.Instant,
): Promise<Map<string, Granted>> {
  const most = fullRoom(step);
  const rows = wanted.map(({ name, count }) => ({ name, count: Math.min(count, most) }));
  const places = sql`least(excluded.places, ${roomAfter(sql, sql`l.free_at`, now, step)})`;
  const after = (from: Fragment, count: Fragment) =>
    sql`${from} + ${count} * ${step}::float8 * interval '1 millisecond'`;
  const granted = await sql<{ name: string; places: number; freeAt: Temporal.Instant }[]>`
    insert into mail_lines as l (name, places, free_at)
    select name, count, ${after(sql`${now}::timestamptz`, sql`count`)}
    from jsonb_to_recordset(${sql.json(rows)}) as w (name text, count integer) order by name
    on conflict (name) do update set places = ${places}, free_at = ${after(sql`greatest(l.free_at, ${now})`, places)}
    returning name, places, free_at as "freeAt"`;
  return new Map(
    granted.map((row) => [
      row.name,
      { places: row.places, first: row.freeAt.subtract({ milliseconds: Math.round(row.places * step) }) },
    ]),
  );
}

/** What is behind the @, in lower case. */
export function domainOf(email: string): string {
  return email.slice(email.lastIndexOf("@") + 1).toLowerCase();
}
