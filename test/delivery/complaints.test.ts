import { expect, test } from "vitest";
import { complaintLimits, complaintProblems, pauseOnComplaints, resumeDigests } from "../../src/delivery/complaints.ts";
import { deliver } from "../../src/delivery/deliver.ts";
import { receiveReport } from "../../src/delivery/receive_report.ts";
import type { Report } from "../../src/delivery/report.ts";
import { createMailer } from "../../src/delivery/smtp.ts";
import { compileTemplates } from "../../src/delivery/templates.ts";
import { plan } from "../../src/digests/plan.ts";
import { housekeeping } from "../../src/housekeeping.ts";
import { match } from "../../src/interests/match.ts";
import { readStatus } from "../../src/status.ts";
import { subscribe } from "../../src/subscribers/subscribe.ts";
import { createContext, type TestContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";
import { startSink } from "../support/smtp_sink.ts";

const complained: Report = { kind: "complaint", feedbackType: "abuse", recipients: [], originalMessageId: undefined };

/** Mails that were sent to readers of their own, at that time. Answers the numbers of the mails. */
async function sent({ sql }: TestContext, count: number, at: Temporal.Instant): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`
    with readers as (
      insert into subscribers (email, email_key, status, created_at, confirmed_at, next_due_at)
      select name, name, 'active', ${at}, ${at}, ${at.add({ hours: 24 * 365 })}
      from (select gen_random_uuid() || '@example.org' as name from generate_series(1, ${count}::int)) as names
      returning id, email
    )
    insert into outbox (kind, subscriber_id, subject_id, email, message_id, state, priority, created_at, due_at, expires_at,
      attempts, settled_at)
    select 'digest', id, -id, email, '<' || id || '@example.org>', 'sent', 10, ${at}, ${at}, ${at}, 1, ${at} from readers
    returning id`;
  return rows.map((row) => row.id);
}

async function complain(context: TestContext, mails: number[]): Promise<void> {
  for (const id of mails) await receiveReport(context, [{ kind: "bounce", id }], complained);
}

const isPaused = async ({ sql }: TestContext) =>
  (await sql`select from digest_pauses where resumed_at is null`).length > 0;

test("over one in a thousand raises an alarm, over three digests pause, and at the limit neither", async () => {
  const context = await createContext();
  const mails = await sent(context, 4000, context.clock());
  await complain(context, mails.slice(0, 4));
  expect(await complaintProblems(context.sql, context.clock())).toEqual([]);
  await complain(context, mails.slice(4, 5));
  expect((await readStatus(context)).problems).toEqual([
    expect.stringMatching(
      /^5 readers complained of 4000 mails sent in the last 7 days \(0\.13%\)\. Providers want less than 0\.1%; at 0\.3%/,
    ),
  ]);
  await complain(context, mails.slice(5, 12));
  expect(await isPaused(context)).toBe(false);
  await complain(context, mails.slice(12, 13));
  expect(await isPaused(context)).toBe(true);
  expect((await readStatus(context)).problems[0]).toMatch(
    /^Digests are paused since 2026-11-20T06:00:00Z: 13 readers complained of 4000 mails .*run: npm run cli -- resume$/,
  );
});

test("fewer than three readers stop nobody's mail, however few there are, nor does one reader who complains of each mail", async () => {
  const context = await createContext();
  const mails = await sent(context, 20, context.clock());
  await complain(context, mails.slice(0, complaintLimits.readers - 1));
  expect(await isPaused(context)).toBe(false);
  await context.sql`update outbox set subscriber_id = (select min(subscriber_id) from outbox) where id = any(${mails.slice(3, 12)}::bigint[])`;
  await complain(context, mails.slice(3, 12));
  expect(await isPaused(context)).toBe(false);
  await complain(context, mails.slice(12, 13));
  expect(await isPaused(context)).toBe(true);
});

test("complaints of mails that were sent before the last week do not count", async () => {
  const context = await createContext();
  const mails = await sent(context, 20, context.clock().subtract({ hours: 24 * 7 }));
  await complain(context, mails.slice(0, 10));
  expect(await isPaused(context)).toBe(false);
});

test("nor do they once those mails are not kept any more", async () => {
  const context = await createContext();
  const mails = await sent(context, 20, context.clock().subtract({ hours: 24 * 29 }));
  await complain(context, mails.slice(0, 10));
  context.setNow(context.clock().add({ hours: 24 * 2 }));
  await housekeeping(context);
  expect(await context.sql`select from outbox`).toHaveLength(0);
  expect(await complaintProblems(context.sql, context.clock())).toEqual([]);
});

test("complaints that come at the same time see one another", async () => {
  const context = await createContext();
  const mails = await sent(context, 500, context.clock());
  await Promise.all(mails.slice(0, 3).map((id) => complain(context, [id])));
  expect(await isPaused(context)).toBe(true);
  await Promise.all(Array.from({ length: 5 }, () => pauseOnComplaints(context.sql, context.clock())));
  expect(await context.sql`select from digest_pauses`).toHaveLength(1);
});

test("while digests are paused confirmations go out; after resuming digests do, and the old complaints count no more", async () => {
  const context = await createContext();
  const sink = await startSink();
  const templates = await compileTemplates();
  const mailer = createMailer(context.config, sink.url);
  await addPapers(context, paper({ title: "Speech" }));
  await addReader(context, { email: "ada@example.org", interests: "speech" });
  await context.sql`update outbox set state = 'sent', settled_at = ${context.clock()}`;
  await match(context);
  await plan(context);
  await complain(context, await sent(context, 3, context.clock()));
  await subscribe(context, { email: "grace@example.org" });
  expect((await deliver(context, mailer, templates)).left).toBe(0);
  expect(sink.mails.map((mail) => mail.to[0])).toEqual(["grace@example.org"]);

  expect(await resumeDigests(context.sql, context.clock())).toBe(true);
  expect(await resumeDigests(context.sql, context.clock())).toBe(false);
  context.setNow("2026-11-20T07:00:00Z");
  await deliver(context, mailer, templates);
  expect(sink.mails.map((mail) => mail.to[0])).toEqual(["grace@example.org", "ada@example.org"]);
  expect(await pauseOnComplaints(context.sql, context.clock())).toBe(false);
  expect((await readStatus(context)).problems).toEqual([]);
  mailer.close();
});

test("a digest that a crash left in hand waits as well, and what is paused for a day gives its papers back", async () => {
  const context = await createContext();
  const sink = await startSink();
  const mailer = createMailer(context.config, sink.url);
  const templates = await compileTemplates();
  await addPapers(context, paper({ title: "Speech" }));
  await addReader(context, { interests: "speech" });
  await context.sql`delete from outbox`;
  await match(context);
  await plan(context);
  await complain(context, await sent(context, 3, context.clock()));
  await context.sql`
    update outbox set state = 'sending', lease_holder = 'elsewhere/1/1', lease_expires_at = ${context.clock()} where state = 'queued'`;
  await deliver(context, mailer, templates);
  expect(sink.mails).toEqual([]);
  context.setNow("2026-11-21T09:00:00Z");
  await housekeeping(context);
  await resumeDigests(context.sql, context.clock());
  await plan(context);
  await deliver(context, mailer, templates);
  expect(sink.mails).toHaveLength(1);
  expect(sink.mails[0]?.parsed.text).toContain("Speech");
  mailer.close();
});
