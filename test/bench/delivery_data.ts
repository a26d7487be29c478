import { systemClock } from "../../src/clock.ts";
import { type Config, loadConfig } from "../../src/config.ts";
import type { Database, Sql } from "../../src/db.ts";
import { plan } from "../../src/digests/plan.ts";
import { match } from "../../src/interests/match.ts";
import { createLog } from "../../src/log.ts";
import { savePapers } from "../../src/papers/save.ts";
import { issueTokens, type Linked, readerTokens } from "../../src/token.ts";
import { addReader } from "../support/make.ts";
import { generateInterests } from "./interests.ts";
import { readCorpus } from "./setup.ts";

/** Readers who hold all the interests there are; everybody else has some of theirs. */
const models = 6;
const interestsOfAModel = 50;

export function benchConfig(environment: Record<string, string>): Config {
  return loadConfig({
    SECRET: "a secret of more than thirty-two characters",
    BASE_URL: "https://papers.example.org",
    MAIL_FROM: "Paper Round <round@papers.example.org>",
    SOURCES: "",
    ...environment,
  });
}

/** So many readers whose digests are matched and planned by the stages themselves, and wait in the outbox. Answers how many do. */
export async function fillOutbox(
  sql: Database,
  config: Config,
  corpus: string | undefined,
  readers: number,
  papers = 500,
): Promise<number> {
  const context = { sql, config, clock: systemClock, log: createLog("silent") };
  const records = (await readCorpus(corpus, papers)).slice(0, papers);
  const authors = ["Ada Okafor", "Linh Nguyễn", "Tomás Ibarra", "Mei-Ling Cho", "Jürgen Weiß"];
  await savePapers(
    sql,
    systemClock,
    records.map((record) => ({ ...record, authors: record.authors.length > 0 ? record.authors : authors })),
  );
  const interests = generateInterests(records, Number.MAX_SAFE_INTEGER);
  for (let model = 0; model < models; model++) {
    const lines = Array.from({ length: interestsOfAModel }, () => interests.next().value as string);
    await addReader(context, { interests: lines.join("\n"), trending: "off" });
  }
  await match(context);
  await sql`delete from outbox`;
  await sql.begin((transaction) => addCopies(transaction, readers - models));
  await sql`analyze`;
  while ((await plan(context)).left > 0);
  // As when they confirmed.
  for (let done = 0; ; done += 5000) {
    const readers = await sql<Linked[]>`
      select id as "subscriberId", email, moves from subscribers order by id limit 5000 offset ${done}`;
    if (readers.length === 0) break;
    await issueTokens(sql, systemClock(), readerTokens(config.secret, readers));
  }
  await sql`vacuum analyze`;
  const [row] = await sql<{ count: number }[]>`select count(*)::int from outbox`;
  return row?.count ?? 0;
}

/** Readers with four of the interests that hit something, the first ones oftener. */
async function addCopies(sql: Sql, count: number): Promise<void> {
  const now = systemClock();
  await sql`
    insert into subscribers (email, email_key, status, created_at, confirmed_at, next_due_at, trending)
    select 'copy' || n || '@example.org', 'copy' || n || '@example.org', 'active', ${now}, ${now}, ${now}, false
    from generate_series(1, ${count}::int) as n`;
  await sql`
    create temporary table fruitful as
    select query_id, min(typed) as typed, row_number() over (order by min(id)) as place from interests
    where query_id in (select query_id from matches group by query_id having count(*) >= 4) group by query_id`;
  await sql`
    insert into interests (subscriber_id, query_id, position, typed, created_at, since_batch_id)
    select s.id, f.query_id, n, f.typed, ${now}, 0
    from subscribers s cross join generate_series(1, 4) as n
    join fruitful f on f.place = 1 + (hashint8(s.id * 4 + n)::bigint & 65535) * (hashint8(s.id * 4 - n)::bigint & 65535) * (select count(*) from fruitful) / 65536 / 65536
    where s.email like 'copy%' on conflict do nothing`;
  await sql`drop table fruitful`;
}

/** Everything that was sent waits once more. */
export async function queueAgain(sql: Database): Promise<void> {
  await sql`
    update outbox set state = 'queued', attempts = 0, result = null, settled_at = null, lease_holder = null, lease_expires_at = null`;
  await sql`vacuum analyze outbox`;
}
