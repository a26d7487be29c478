import { expect, vi } from "vitest";
import { systemClock } from "../../src/clock.ts";
import type { Context } from "../../src/context.ts";
import { connect, type Database } from "../../src/db.ts";
import { plan } from "../../src/digests/plan.ts";
import { match } from "../../src/interests/match.ts";
import { createLog } from "../../src/log.ts";
import { migrate } from "../../src/migrate.ts";
import { whenFileEnds } from "../support/cleanup.ts";
import { testConfig } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";
import { type Program, startProgram } from "../support/program.ts";
import { type ScriptedServer, startScriptedServer } from "../support/scripted_smtp.ts";

// Programs take their time to start on a busy machine.
vi.setConfig({ testTimeout: 5 * 60_000 });

const domains = 7;

/** A database with readers whose digests are due, a mail server that follows a script, and programs that send. */
export type Installation = {
  sql: Database;
  context: Context;
  server: ScriptedServer;
  /** For a program that is to work on it. */
  environment: Record<string, string>;
  /** Starts a worker and waits until it is up. */
  startWorker: (more?: Record<string, string>) => Promise<Program>;
  /** Waits until nothing is to be sent any more. */
  allSettled: (seconds?: number) => Promise<void>;
};

/** So many readers on the database at `url`; their digests are planned and queued unless `unplanned`. */
export async function startInstallation(
  url: string,
  readers: number,
  options: { connections?: number; unplanned?: boolean } = {},
): Promise<Installation> {
  const sql = connect(url);
  whenFileEnds(() => sql.end({ timeout: 1 }));
  await migrate(sql);
  const server = await startScriptedServer();
  const environment = {
    DATABASE_URL: url,
    SMTP_URL: server.url,
    SMTP_CONNECTIONS: String(options.connections ?? 2),
    SECRET: "a secret of more than thirty-two characters",
    BASE_URL: "https://papers.example.org",
    MAIL_FROM: "Paper Round <round@papers.example.org>",
    SOURCES: "",
    ADMIN_PORT: "0",
    LOG_LEVEL: "warn",
  };
  const context = { sql, clock: systemClock, config: testConfig(environment), log: createLog("silent") };
  await addReaders(context, readers);
  if (!options.unplanned) while ((await plan(context)).left > 0);
  return {
    sql,
    context,
    server,
    environment,
    startWorker: async (more = {}) => {
      const program = startProgram(["worker"], { ...environment, ...more });
      await program.printed(/how it is at/);
      return program;
    },
    allSettled: (seconds = 240) =>
      expect.poll(() => countOpen(sql), { timeout: seconds * 1000, interval: 100 }).toEqual({ readers: 0, mails: 0 }),
  };
}

async function addReaders(context: Context, count: number): Promise<void> {
  const { sql } = context;
  await addPapers(context, ...Array.from({ length: 5 }, (_, n) => paper({ title: `Speech in harbour ${n}` })));
  const model = await addReader(context, { email: "reader1@example1.org", interests: "speech", trending: "off" });
  await sql`delete from outbox`;
  await sql`
    with copies as (
      insert into subscribers (email, email_key, status, created_at, confirmed_at, next_due_at, trending)
      select email, email, 'active', at, at, at, false
      from (
        select 'reader' || n || '@example' || n % ${domains} || '.org' as email, s.created_at as at
        from generate_series(2, ${count}::int) as n, subscribers s where s.id = ${model}
      ) as many
      returning id
    )
    insert into interests (subscriber_id, query_id, position, typed, created_at, since_batch_id)
    select c.id, i.query_id, i.position, i.typed, i.created_at, i.since_batch_id
    from copies c cross join interests i where i.subscriber_id = ${model}`;
  await match(context);
}

async function countOpen(sql: Database): Promise<{ readers: number; mails: number }> {
  const [row] = await sql<{ readers: number; mails: number }[]>`
    select (select count(*)::int from subscribers where status = 'active' and editions = 0) as readers,
      (select count(*)::int from outbox where state in ('queued', 'sending', 'unknown')) as mails`;
  return row as { readers: number; mails: number };
}

export type Tally = {
  /** Readers who got nothing. */
  lost: number;
  /** Copies beyond each reader's first. */
  doubled: number;
  /** Readers whose copies are not one and the same mail. */
  changed: number;
};

/** What readers may have in their mailboxes: each mail counts whose final dot the server has read and that it did not refuse. */
export async function tally({ sql, server }: Installation, name: string): Promise<Tally> {
  const readers = await sql<{ email: string; taken: boolean }[]>`
    select s.email, o.state = 'sent' as taken from subscribers s
    left join outbox o on o.subscriber_id = s.id and o.kind = 'digest' where s.status = 'active'`;
  const kept = server.mails.filter((mail) => !mail.refused);
  const arrived = Map.groupBy(kept, (mail) => mail.to);
  const copies = [...arrived.values()];
  const result = {
    lost: readers.filter(({ email, taken }) => !taken || !arrived.get(email)?.some((mail) => mail.taken)).length,
    doubled: kept.length - arrived.size,
    changed: copies.filter((mails) => new Set(mails.map((mail) => mail.messageId + mail.raw)).size > 1).length,
  };
  console.log(
    `${name}: ${readers.length} mails, ${result.lost} lost, ${result.doubled} doubled, ${result.changed} changed`,
  );
  return result;
}
