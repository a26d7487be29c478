import type { Sql } from "../db.ts";
import { dayInWords } from "../papers/words.ts";

export type Edition = {
  number: number;
  date: Temporal.PlainDate;
  matched: number;
  room: number;
  mail: string | null;
  result: string | null;
};

/** The editions that took up a match of the paper: those after it came, or, of an interest that was new then, after that. */
export async function findEditions(
  sql: Sql,
  readerId: number,
  paperId: number,
  interests: number[],
): Promise<Edition[]> {
  return sql<Edition[]>`
    select d.number, d.local_date as date, d.matched, o.state as mail, o.result,
      (select count(*)::int from digest_entries e where e.digest_id = d.id and e.query_id is not null) as room
    from digests d left join outbox o on o.subscriber_id = d.subscriber_id and o.kind = 'digest' and o.subject_id = d.id
    where d.subscriber_id = ${readerId} and exists (
      select from interests i join matches m on m.query_id = i.query_id and m.paper_id = ${paperId}
      where i.id = any(${interests}::bigint[]) and i.created_at <= d.planned_at and m.batch_id <= d.batch_id
        and (m.batch_id > d.after_batch_id or (m.batch_id > i.since_batch_id and not exists (
          select from digests earlier
          where earlier.subscriber_id = d.subscriber_id and earlier.id < d.id and earlier.planned_at >= i.created_at)))
    )
    order by d.id`;
}

type Sent = {
  number: number;
  date: Temporal.PlainDate;
  interest: string | null;
  isNear: boolean;
  taste: string | null;
  position: number;
  mail: string | null;
  settledAt: Temporal.Instant | null;
  result: string | null;
};

/** The edition that a paper was in, and its mail. */
export async function findSent(sql: Sql, readerId: number, paperId: number): Promise<Sent | undefined> {
  const [row] = await sql<Sent[]>`
    select d.number, d.local_date as date, e.interest, e.taste, e.is_near as "isNear", e.place as position, o.state as mail,
      o.settled_at as "settledAt", o.result
    from digest_papers dp join digests d on d.id = dp.digest_id
    join digest_entries e on e.digest_id = d.id and e.paper_id = dp.paper_id
    left join outbox o on o.subscriber_id = d.subscriber_id and o.kind = 'digest' and o.subject_id = d.id
    where dp.subscriber_id = ${readerId} and dp.paper_id = ${paperId}`;
  return row;
}

/** Which edition it was in, why, and what became of the mail. */
export function tellSent({ number, date, interest, isNear, taste, position, mail, settledAt, result }: Sent): string {
  const reason = interest ? `${isNear ? "as a near miss of" : "for"} “${interest}”` : "because it trends";
  const moved = taste ? `, ${taste.replace(/^\w/, (sign) => sign.toLowerCase())}` : "";
  const because = result ? ` (${result})` : "";
  const mails: Record<string, string> = {
    queued: ` The mail waits to be sent${because}.`,
    sending: " The mail is being sent.",
    sent: ` The mail was sent at ${settledAt?.toString({ smallestUnit: "minute" })}.`,
    unknown: ` Whether the mail arrived is not known; the same is sent again${because}.`,
    cancelled: ` The mail was cancelled${because}.`,
    failed: ` The mail failed${because}.`,
  };
  return `It was in No. ${number} of ${dayInWords(date)}, ${reason}, in place ${position}${moved}.${mails[mail ?? ""] ?? ""} No paper is sent twice.`;
}
