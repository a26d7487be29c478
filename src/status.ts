import type { Context } from "./context.ts";
import type { Fragment, Sql } from "./db.ts";
import { complaintProblems } from "./delivery/complaints.ts";
import { remedyFor } from "./delivery/dead_letters.ts";
import { type Pause, readPause } from "./delivery/pause.ts";
import { planningProblems } from "./digests/set_aside.ts";
import { countRows } from "./row_counts.ts";

export type Status = {
  now: string;
  papers: { total: number; unmatched: number; newestSeenAt: string | null };
  sources: {
    name: string;
    lastSuccess: string | null;
    nextPoll: string;
    error: string | null;
    expected: number | null;
    seen: number | null;
    skipped: number | null;
  }[];
  readers: Record<string, number>;
  /** Whose digest is due; ten thousand stands for more. */
  due: number;
  outbox: Record<string, number>;
  /** Mails that came back in the last week, by what they said. */
  returned: Record<string, number>;
  /** What needs a person, each with its remedy. */
  problems: string[];
};

/** More rows than these are not counted one by one. */
const enough = 10_000;

/** How everything is: what `status`, the admin page and the metrics show. */
export async function readStatus({ sql, clock }: Pick<Context, "sql" | "clock">): Promise<Status> {
  const now = clock();
  const papers = await readPapersStatus(sql);
  const sources = await sql<Status["sources"]>`
    select name, ${isoText(sql, "succeeded_at")} as "lastSuccess", ${isoText(sql, "next_poll_at")} as "nextPoll",
      last_error as error, expected, seen, skipped
    from sources order by name`;
  const readers = await countRows(sql, "subscribers");
  const outbox = await countRows(sql, "outbox");
  const [due] = await sql<{ count: number }[]>`
    select count(*)::int as count from (
      select from subscribers where status = 'active' and next_due_at <= ${now} order by next_due_at limit ${enough}
    ) as due`;
  const failures = await countReasons(
    sql,
    sql`state = 'failed' and settled_at > ${now.subtract({ hours: 24 })} order by settled_at desc`,
  );
  const waiting = await countReasons(sql, sql`state in ('queued', 'unknown') and result is not null order by id desc`);
  const pause = await readPause(sql);
  const [lexicon] = await sql<{ made: number; running: number }[]>`
    select postgres as made, current_setting('server_version_num')::integer / 10000 as running from lexicon`;
  const problems = [
    ...(await complaintProblems(sql, now)),
    ...(lexicon && lexicon.made !== lexicon.running
      ? [
          `Papers were indexed by PostgreSQL ${lexicon.made}, and this is ${lexicon.running}, which may cut words in other ways. Start web and workers anew, as they keep what it made of words, and then run: npm run cli -- rematch`,
        ]
      : []),
    ...sources
      .filter((it) => it.error)
      .map((it) => `${it.name} can't be read: ${it.error}. It is tried again at ${it.nextPoll}.`),
    ...(pause ? [describePause(pause)] : []),
    ...(await planningProblems(sql)),
    ...failures.map((it) => `${it.count} mails failed in the last day: ${it.reason}. ${remedyFor(it.reason)}`),
    ...waiting.map(
      (it) =>
        `${it.count} mails wait to be tried again: ${it.reason}. If it stays so, look at SMTP_URL and its server.`,
    ),
  ];
  return {
    now: now.toString({ smallestUnit: "second" }),
    papers,
    sources: [...sources],
    readers,
    due: due?.count ?? 0,
    outbox,
    returned: await countReturned(sql, now),
    problems,
  };
}

async function readPapersStatus(sql: Sql): Promise<Status["papers"]> {
  const [row] = await sql<Status["papers"][]>`
    select (select count(*)::int from papers) as total,
      (select count(*)::int from papers where batch_id is null) as unmatched,
      (select ${isoText(sql, "newest")} from (select max(first_seen_at) as newest from papers) as seen) as "newestSeenAt"`;
  return row as Status["papers"];
}

/** What came of mails, of the newest ten thousand, by the server's code where there is one: the words behind it differ from mail to mail. */
async function countReasons(sql: Sql, which: Fragment): Promise<{ reason: string; count: number }[]> {
  return sql<{ reason: string; count: number }[]>`
    select rtrim(min(result), '. ') as reason, count(*)::int as count
    from (select coalesce(result, 'no reason was given') as result from outbox where ${which} limit ${enough}) as mails
    group by coalesce(substring(result from '^(?:given up: )?\\d{3}(?:[ -]\\d\\.\\d+\\.\\d+)?'), left(result, 60))
    order by 2 desc limit 5`;
}

function describePause({ since, until, reason, times }: Pause): string {
  const [from, to] = [since, until].map((at) => at.toString({ smallestUnit: "second" }));
  if (times === 0)
    return `A mail was refused at ${from} as if the mail server did not want us, with ${JSON.stringify(reason)}. When the next one is refused so too, sending stops for a while.`;
  return `No mail is sent since ${from}: the mail server refuses us, with ${JSON.stringify(reason)}. Look at SMTP_URL, MAIL_FROM, and the SPF, DKIM and DMARC records and block lists of the sender. One mail is tried at ${to}, or at once after: npm run cli -- outbox --resume`;
}

async function countReturned(sql: Sql, now: Temporal.Instant): Promise<Record<string, number>> {
  const rows = await sql<{ kind: string; count: number }[]>`
    select kind, count(*)::int as count from reports where received_at > ${now.subtract({ hours: 24 * 7 })} group by 1 order by 1`;
  return Object.fromEntries(rows.map((row) => [row.kind, row.count]));
}

function isoText(sql: Sql, column: string): Fragment {
  return sql`to_char(${sql(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
}
