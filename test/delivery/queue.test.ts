import { expect, test } from "vitest";
import { claimMails, countDueMails } from "../../src/delivery/claim.ts";
import { deliver } from "../../src/delivery/deliver.ts";
import { createMailer } from "../../src/delivery/smtp.ts";
import { queueFiller } from "../bench/queue_filler.ts";
import { createContext } from "../support/context.ts";
import { addConfirmations, addReader } from "../support/make.ts";
import { connectExplained } from "../support/plans.ts";
import { prepareSending, templates } from "../support/sending.ts";

const queued = 100_000;
const limit = 100;

/** How many rows the greediest scan of the mails read. */
function mostRead(plans: string[]): number {
  const scans = plans.join("\n").matchAll(/Scan[^\n]* on outbox[^\n]*actual time=\S+ rows=([\d.]+) loops=(\d+)/g);
  return Math.max(...[...scans].map(([, rows, loops]) => Number(rows) * Number(loops)));
}

test("a claim reads as many mails as it takes, and the count no more than it tells, however many are queued", async () => {
  const context = await createContext();
  const reader = await addReader(context);
  await addConfirmations(context, 3);
  await queueFiller(context.sql, reader, context.clock(), queued);
  const { sql, plans } = await connectExplained(context.url);
  const now = context.clock();
  const claim = () => claimMails(sql, { now, leaseUntil: now.add({ minutes: 5 }), holder: "elsewhere/1/1", limit });
  // Whether or not the statistics know of them.
  for (const statement of ["select", "analyze outbox"]) {
    await context.sql.unsafe(statement);
    plans.length = 0;
    const mails = await claim();
    expect(mails).toHaveLength(limit);
    expect(plans.join("\n")).not.toMatch(/Seq Scan on outbox/);
    // As many of each priority.
    expect(mostRead(plans)).toBeLessThanOrEqual(2 * limit);
    plans.length = 0;
    expect(await countDueMails(sql, now)).toBe(1000);
    expect(plans.join("\n")).not.toContain("Seq Scan on outbox");
    expect(mostRead(plans)).toBeLessThanOrEqual(1000);
  }
});

test("a confirmation that comes behind a long queue of digests is claimed first", async () => {
  const context = await createContext();
  await queueFiller(context.sql, await addReader(context), context.clock(), 5000);
  await context.sql`delete from outbox where kind = 'confirm'`;
  await addConfirmations(context, 1);
  const now = context.clock();
  const [first] = await claimMails(context.sql, { now, leaseUntil: now, holder: "elsewhere/1/1", limit });
  expect(first?.kind).toBe("confirm");
});

test("a worker whose mail server is so slow that its lease runs out begins no mail that another may have taken over", async () => {
  const { context, server, later, counts } = await prepareSending(20);
  const [one, other] = [createMailer(context.config, server.url), createMailer(context.config, server.url)];
  let isSlow = true;
  server.script = async (step) => {
    if (step !== "dot" || !isSlow) return undefined;
    isSlow = false;
    later(600);
    await deliver(context, other, templates);
    return undefined;
  };
  while ((await counts()).sent !== 20) {
    await deliver(context, one, templates);
    later(600);
  }
  for (const mailer of [one, other]) mailer.close();
  const recipients = server.mails.map((mail) => mail.to);
  expect(new Set(recipients).size).toBe(20);
  // What was under way on three connections, and as many that waited for one.
  expect(recipients.length - 20).toBeLessThanOrEqual(6);
});
