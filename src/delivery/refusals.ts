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

/** When it is a recipient domain that is at fault: it refuses so many, and more than it takes. Not for ever, as some are gone. */
const domainLimits = { addresses: 3, mails: 3 };

/**
 * Of mails whose addresses were refused just now those whose addresses are gone: they were refused before, and since then the
 * server has taken mail for as many addresses as it refused, or more. Otherwise it may not know anybody. An address that was
 * taken once since its first refusal is none of them.
 *
 * At the last try it is looked at from the first refusal of any mail to the address, so that one is found in the end whose site
 * is so small that nothing else is sent for days. Where the server takes nothing at all, be it for one reader or ten, nobody is
 * gone; nor in a pause.
 *
 * The same holds for the address's own domain, as a large provider once said for hours of everybody that there was no such
 * account: where it refuses several and takes fewer, nobody there is gone until three of their mails were refused to the end.
 */
export async function findGone(sql: Sql, mails: { id: number; isLast: boolean }[]): Promise<Set<number>> {
  const last = mails.filter((it) => it.isLast).map((it) => it.id);
  const domain = domainOf(sql);
  const rows = await sql<{ id: number }[]>`
    with asked as (
      select o.id, ${domain} as domain, own.mails, o.id = any(${last}::bigint[]) as is_last,
        case when o.id = any(${last}::bigint[]) then own.since else o.refused_at end as since
      from outbox o
      cross join lateral (
        select count(*) as mails, min(refused_at) as since from outbox m
        where m.subscriber_id = o.subscriber_id and m.email = o.email and m.refused_at > coalesce((
          select max(settled_at) from outbox t where t.subscriber_id = o.subscriber_id and t.email = o.email and t.state = 'sent'
        ), '-infinity')
      ) as own
      where o.id = any(${mails.map((it) => it.id)}::bigint[]) and o.refused_at is not null
    )
    select a.id from asked a
    cross join lateral (
      select count(distinct email) as addresses, count(distinct email) filter (where ${domain} = a.domain) as there
      from (select email from outbox where refused_at >= a.since order by refused_at desc limit ${enough}) as newest
    ) as refused
    cross join lateral (
      select count(distinct email) as addresses, count(distinct email) filter (where ${domain} = a.domain) as there
      from (
        select email from outbox where state = 'sent' and settled_at >= a.since order by settled_at desc limit ${enough}
      ) as newest
    ) as taken
    where a.mails > 0 and taken.addresses >= refused.addresses
      and (refused.there < ${domainLimits.addresses} or taken.there >= refused.there
        or (a.is_last and a.mails >= ${domainLimits.mails}))
      and not (a.is_last and exists (select from sending_pause where times > 0))`;
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
