import type { Fragment, Sql } from "../db.ts";
import { asksAddress } from "./outbox.ts";

/**
 * When it is the mail server that is at fault and not its recipients, as a relay that has lost its routes says 550 5.1.1 to
 * everybody: of the newest refusals for good there are so many, to so many domains, and since the first of them fewer mails were
 * taken. What is longer ago does not count.
 */
export const refusalLimits = { newest: 20, mails: 10, domains: 3, minutes: 10 };

/** More mails than these are not counted: they decide it. */
const enough = 1000;

/**
 * Of mails whose addresses were refused just now those whose addresses are gone: they were refused before, and since then the
 * server has taken as many mails as it refused, or more. Otherwise it may not know anybody. At the last try it is enough that
 * nothing says so: there is no pause, and since then it refused few, or those of few domains.
 */
export async function findGone(sql: Sql, mails: { id: number; isLast: boolean }[]): Promise<Set<number>> {
  const last = mails.filter((it) => it.isLast).map((it) => it.id);
  const rows = await sql<{ id: number }[]>`
    select o.id from outbox o
    cross join lateral (
      select count(*) as mails, count(distinct ${domainOf(sql)}) as domains
      from (select email from outbox where refused_at >= o.refused_at limit ${enough}) as since
    ) as refused
    cross join lateral (
      select count(*) as mails from (
        select from outbox where state = 'sent' and settled_at >= o.refused_at limit ${enough}
      ) as since
    ) as taken
    where o.id = any(${mails.map((it) => it.id)}::bigint[]) and o.refused_at is not null and (taken.mails >= refused.mails
      or (o.id = any(${last}::bigint[]) and (refused.mails < ${refusalLimits.mails} or refused.domains < ${refusalLimits.domains})
        and not exists (select from sending_pause where times > 0)))`;
  return new Set(rows.map((row) => row.id));
}

/**
 * What the server does in words, when it refuses so many that it is at fault. Only addresses that were confirmed count: else
 * whoever fills in the form with some that don't exist would stop all mail.
 */
export async function describeRefusals(sql: Sql, now: Temporal.Instant): Promise<string | undefined> {
  const { newest, mails, domains, minutes } = refusalLimits;
  const [row] = await sql<{ refused: number; domains: number; taken: number }[]>`
    with refused as (
      select email, refused_at from outbox where refused_at > ${now.subtract({ minutes })} and kind <> all(${asksAddress}::text[])
      order by refused_at desc limit ${newest}
    ),
    taken as (
      select from outbox where state = 'sent' and settled_at >= (select min(refused_at) from refused) limit ${newest}
    )
    select count(*)::int as refused, count(distinct ${domainOf(sql)})::int as domains,
      (select count(*)::int from taken) as taken
    from refused`;
  if (!row || row.refused < mails || row.domains < domains || row.taken >= row.refused) return undefined;
  return `${row.refused} mails to ${row.domains} domains refused for good while ${row.taken} were taken`;
}

function domainOf(sql: Sql): Fragment {
  return sql`lower(substring(email from '[^@]*$'))`;
}
