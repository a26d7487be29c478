import { systemClock } from "../../src/clock.ts";
import type { Database } from "../../src/db.ts";
import { createLog } from "../../src/log.ts";
import { planAll } from "./planning.ts";
import { benchConfig } from "./planning_world.ts";
import { printTable } from "./setup.ts";

const readers = 5000;
const interestsOfAReader = 3;
/** What a day brings is matched in one batch; readers are due for so many of them. */
const batches = 2;

/** What planning readers costs by how many votes they have, on the papers and matches of a world. */
export async function benchTasteCosts(sql: Database): Promise<void> {
  await addReaders(sql);
  const context = { sql, config: benchConfig(), clock: systemClock, log: createLog("silent") };
  const rows: (string | number)[][] = [];
  for (const votes of [0, 0, 5, 20, 100]) {
    await sql`truncate digests, digest_papers, outbox, reports, votes`;
    await addVotes(sql, votes);
    await sql`
      update subscribers set next_due_at = now() - interval '1 minute', served_on = null, planned_at = now() - interval '1 day',
        planned_batch_id = (select max(id) from batches) - ${batches}`;
    await sql`vacuum analyze`;
    const before = process.cpuUsage();
    const milliseconds = await planAll(context);
    const { user, system } = process.cpuUsage(before);
    const [told] = await sql<{ digests: number; moved: number }[]>`
      select count(*)::int as digests, coalesce(sum((
        select count(*) from json_array_elements(contents::json -> 'papers') as e where e ->> 'taste' is not null)), 0)::int as moved
      from digests`;
    rows.push([
      votes,
      told?.digests ?? 0,
      told?.moved ?? 0,
      (milliseconds / 1000).toFixed(2),
      (milliseconds / readers).toFixed(3),
      ((user + system) / 1000 / readers).toFixed(3),
    ]);
  }
  printTable([
    [
      "votes of each",
      "digests",
      "papers said to be moved",
      "seconds",
      "milliseconds a reader",
      "of the processor, without the database",
    ],
    ...rows,
  ]);
}

async function addReaders(sql: Database): Promise<void> {
  await sql`truncate subscribers cascade`;
  await sql`
    insert into subscribers (email, email_key, status, created_at, confirmed_at, next_due_at, trending)
    select 'reader' || n || '@example.org', 'reader' || n || '@example.org', 'active', now(), now(), now(), false
    from generate_series(1, ${readers}::int) as n`;
  await sql`
    insert into interests (subscriber_id, query_id, position, typed, created_at, since_batch_id)
    select s.id, q.id, q.place, 'an interest', now() - interval '2 days', 0
    from subscribers s cross join lateral (
      select id, row_number() over (order by hashint8(id * 7919 + s.id)) as place from queries
    ) as q where q.place <= ${interestsOfAReader}`;
}

/** On papers that came before: the same for many. */
async function addVotes(sql: Database, votes: number): Promise<void> {
  await sql`
    insert into votes (subscriber_id, paper_id, liked, voted_at)
    select s.id, v.paper, v.paper % 2 = 0, now() - interval '3 days' from subscribers s cross join lateral (
      select distinct 1 + (hashint8(s.id * 131 + n)::bigint & 2147483647) % (select count(*) / 2 from papers) as paper
      from generate_series(1, ${votes}::int) as n
    ) as v on conflict do nothing`;
  await sql`update subscribers s set votes = (select count(*) from votes v where v.subscriber_id = s.id)`;
}
