import { expect, test } from "vitest";
import { claimMails, countDueMails } from "../../src/delivery/claim.ts";
import { deliver } from "../../src/delivery/deliver.ts";
import { domainStep, placeMails, readRoom } from "../../src/delivery/rates.ts";
import { createMailer } from "../../src/delivery/smtp.ts";
import { compileTemplates } from "../../src/delivery/templates.ts";
import { createContext, type TestContext } from "../support/context.ts";
import { addConfirmations } from "../support/make.ts";
import { startScriptedServer } from "../support/scripted_smtp.ts";

const templates = await compileTemplates();

const claim = (context: TestContext, limit = 100) =>
  claimMails(context.sql, {
    now: context.clock(),
    leaseUntil: context.clock().add({ minutes: 5 }),
    holder: "elsewhere/1/1",
    limit,
    domainStep: domainStep(context.config),
  });

/** Milliseconds from now of each mail that has a place. */
async function places(context: TestContext, limit?: number) {
  const { placed, crowded, early } = await placeMails(
    context.sql,
    context.config,
    await claim(context, limit),
    context.clock(),
  );
  const after = placed.map(({ at }) => at.epochMilliseconds - context.clock().epochMilliseconds);
  return { after, crowded: crowded.length, early: early.length };
}

test("without limits every mail goes at once, and nothing is written for it", async () => {
  const context = await createContext();
  await addConfirmations(context, 3);
  expect((await places(context)).after).toEqual([0, 0, 0]);
  expect(await context.sql`select from mail_lines`).toHaveLength(0);
});

test("mails of the whole installation go at even distances, whoever sends them", async () => {
  const context = await createContext({ MAIL_RATE: "4" });
  await addConfirmations(context, 30);
  const [one, other] = [await places(context, 3), await places(context, 3)];
  expect([...one.after, ...other.after]).toEqual([0, 250, 500, 750, 1000, 1250]);
});

test("what can't go soon is not claimed, or given back", async () => {
  const context = await createContext({ MAIL_RATE: "4" });
  await addConfirmations(context, 30);
  expect(await readRoom(context.sql, context.config, context.clock(), 100)).toBe(11);
  expect(await places(context)).toMatchObject({ after: { length: 11 }, early: 19 });
  expect(await readRoom(context.sql, context.config, context.clock(), 100)).toBe(0);
  context.setNow(context.clock().add({ milliseconds: 1000 }));
  expect(await readRoom(context.sql, context.config, context.clock(), 100)).toBe(4);
});

test("less than a mail a second is possible", async () => {
  const context = await createContext({ MAIL_RATE: "0.1" });
  await addConfirmations(context, 2);
  expect(await places(context)).toMatchObject({ after: [0], early: 1 });
  context.setNow(context.clock().add({ seconds: 7 }));
  expect(await readRoom(context.sql, context.config, context.clock(), 100)).toBe(0);
  context.setNow(context.clock().add({ seconds: 1 }));
  expect(await readRoom(context.sql, context.config, context.clock(), 100)).toBe(1);
});

test("a crowded domain keeps no other waiting, and its mails go by priority and age when there is room", async () => {
  const context = await createContext({ MAIL_DOMAIN_RATE: "60" });
  const server = await startScriptedServer();
  const mailer = createMailer(context.config, server.url);
  await addConfirmations(context, 6, "big.example");
  await addConfirmations(context, 2, "small.example");
  await context.sql`update outbox set priority = 10 where id = (select min(id) from outbox)`;
  await deliver(context, mailer, templates);
  const sent = () => server.mails.map((mail) => mail.to.split("@")[1]).toSorted();
  expect(sent()).toEqual(["big.example", "big.example", "big.example", "small.example", "small.example"]);
  expect(await context.sql`select state, attempts, lane from outbox where state <> 'sent' order by id`).toEqual(
    Array(3).fill({ state: "queued", attempts: 0, lane: "big.example" }),
  );
  expect(await countDueMails(context.sql, context.clock())).toBe(3);
  context.setNow(context.clock().add({ seconds: 3 }));
  await deliver(context, mailer, templates);
  expect(server.mails).toHaveLength(8);
  // The least urgent of all went last, though it was the oldest.
  expect(await context.sql`select id from outbox order by settled_at desc, id limit 1`).toEqual(
    await context.sql`select min(id) as id from outbox`,
  );
});

test("where domains are not limited any more, what was set aside goes with the others", async () => {
  const context = await createContext();
  const server = await startScriptedServer();
  await addConfirmations(context, 2);
  await context.sql`update outbox set lane = 'example.org'`;
  await deliver(context, createMailer(context.config, server.url), templates);
  expect(server.mails).toHaveLength(2);
});

test("two workers never ask for lines in an order that has them wait for one another", async () => {
  const context = await createContext({ MAIL_DOMAIN_RATE: "60000" });
  for (const domain of ["c.example", "a.example", "b.example"]) await addConfirmations(context, 40, domain);
  const rows = await claim(context);
  await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      placeMails(context.sql, context.config, index % 2 ? rows : rows.toReversed(), context.clock()),
    ),
  );
  const [line] = await context.sql<{ sum: number }[]>`
    select sum(extract(epoch from free_at - ${context.clock()}::timestamptz) * 1000)::int as sum from mail_lines`;
  expect(line?.sum).toBe(800);
});
