import { expect, test } from "vitest";
import { pauseSending, resumeSending } from "../../src/delivery/pause.ts";
import { refusalLimits } from "../../src/delivery/refusals.ts";
import { plan } from "../../src/digests/plan.ts";
import { match } from "../../src/interests/match.ts";
import { readStatus } from "../../src/status.ts";
import { requestLink } from "../../src/subscribers/privacy.ts";
import type { TestContext } from "../support/context.ts";
import { addConfirmations, addNewReader, addPapers, addReader, paper } from "../support/make.ts";
import { prepareSending } from "../support/sending.ts";

const unknownUser = "550 5.1.1 no such user";

const domains = ["one.example", "two.example", "three.example", "four.example"];
let visitors = 0;

/** Readers who have just confirmed, each with the mail that welcomes them. */
async function addToDomains(context: TestContext, count: number): Promise<void> {
  for (let made = 0; made < count; made++)
    await addNewReader(context, { email: `visitor${visitors++}@${domains[made % domains.length]}` });
  await context.sql`delete from outbox where kind = 'confirm'`;
}

/** A reader with a digest that waits to be sent. */
async function addDigest(context: TestContext, email: string): Promise<void> {
  await addReader(context, { email, interests: "speech" });
  await context.sql`delete from outbox where kind = 'confirm' and email = ${email}`;
  await addPapers(context, paper({ title: "Speech" }));
  await match(context);
  await plan(context);
}

/** Readers of four domains, and a server that says the same to each of them. */
async function prepareDomains(answer: string) {
  const it = await prepareSending(0, (step) => (step === "rcpt" ? answer : undefined));
  await addToDomains(it.context, 40);
  return it;
}

test("a relay that says of everybody that there is no such address suppresses nobody, and stops with an alarm", async () => {
  const { context, server, send, later, counts } = await prepareDomains(unknownUser);
  for (let hour = 0; hour < 5; hour++) {
    await send();
    later(3600);
  }
  expect(await counts()).toEqual({ queued: 40 });
  expect(await context.sql`select from suppressions`).toHaveLength(0);
  const { problems } = await readStatus(context);
  expect(problems[0]).toMatch(
    /^No mail is sent since .*550 5\.1\.1 no such user \(\d+ mails to 4 domains refused for good while 0 were taken\).*--resume$/,
  );
  // Those that were under way find out together; from then on it is one at a time.
  const asked = await context.sql`select from outbox where refused_at is not null`;
  expect(asked.length).toBeLessThan(refusalLimits.mails + 20);
  server.script = () => undefined;
  for (let run = 0; run < 4; run++) {
    later(3600);
    await send();
  }
  expect(await counts()).toEqual({ sent: 40 });
  expect((await readStatus(context)).problems).toEqual([]);
});

test("a relay that refuses everybody's mail without saying why fails few of them before it stops", async () => {
  const { context, send, later, counts } = await prepareDomains("554 transaction failed");
  for (let run = 0; run < 3; run++) {
    await send();
    later(30);
  }
  const { failed = 0 } = await counts();
  expect(failed).toBeGreaterThanOrEqual(refusalLimits.mails);
  expect(failed).toBeLessThan(refusalLimits.mails + 8);
  expect((await readStatus(context)).problems[0]).toMatch(/^No mail is sent since .*554 transaction failed/);
});

test("once such a relay is mended, what it refused before counts against nobody", async () => {
  const { context, server, send, later, counts } = await prepareDomains(unknownUser);
  await send();
  expect(await context.sql`select from sending_pause where times = 1`).toHaveLength(1);
  server.script = (step, said) => (step === "rcpt" && /visitor\d*3@/.test(said) ? unknownUser : undefined);
  expect(await resumeSending(context.sql)).toBe(true);
  for (let run = 0; run < 4; run++) {
    later(120);
    await send();
    expect(await context.sql`select from sending_pause`).toHaveLength(0);
  }
  expect(await counts()).toEqual({ failed: 4, sent: 36 });
});

test("a relay that loses its routes in the middle of a good day suppresses nobody", async () => {
  const { context, server, send, later, counts } = await prepareDomains(unknownUser);
  server.script = () => undefined;
  await send();
  expect(await counts()).toEqual({ sent: 40 });
  later(1);
  await addToDomains(context, 30);
  server.script = (step) => (step === "rcpt" ? unknownUser : undefined);
  for (let run = 0; run < 5; run++) {
    await send();
    later(15);
  }
  expect(await counts()).toEqual({ sent: 40, queued: 30 });
  expect(await context.sql`select from suppressions`).toHaveLength(0);
});

test("addresses that are gone are suppressed among many that are not, and nothing stops", async () => {
  const { context, server, send, later, counts } = await prepareDomains(unknownUser);
  server.script = (step, said) => (step === "rcpt" && /visitor\d*[37]@/.test(said) ? unknownUser : undefined);
  await send();
  later(15);
  await send();
  expect(await counts()).toEqual({ failed: 8, sent: 32 });
  expect(await context.sql`select from suppressions`).toHaveLength(8);
  expect(await context.sql`select from sending_pause`).toHaveLength(0);
});

test("a single address that is refused, with nothing else to send, waits until another mail shows that the server takes some", async () => {
  const { context, server, send, later, counts } = await prepareSending(1, (step) =>
    step === "rcpt" ? unknownUser : undefined,
  );
  for (let run = 0; run < 3; run++) {
    await send();
    later(600);
  }
  expect(await counts()).toEqual({ queued: 1 });
  await addConfirmations(context, 1, "two.example");
  server.script = (step, said) => (step === "rcpt" && !said.includes("two.example") ? unknownUser : undefined);
  for (let run = 0; run < 2; run++) {
    await send();
    later(3600);
  }
  expect(await counts()).toEqual({ failed: 1, sent: 1 });
  expect(await context.sql`select from suppressions`).toHaveLength(1);
});

/** Lets two days go by with a worker that looks whenever a refused address is tried again. */
async function spendTwoDays({ send, later }: { send: () => Promise<unknown>; later: (seconds: number) => void }) {
  for (const seconds of [15, 3600, 4 * 3600, 12 * 3600, 31 * 3600]) {
    await send();
    later(seconds);
  }
  await send();
}

test("where nothing else is sent an address is refused five times, and is not suppressed: it may be the server", async () => {
  let asked = 0;
  const it = await prepareSending(1, (step) => {
    if (step !== "rcpt") return undefined;
    asked++;
    return unknownUser;
  });
  await spendTwoDays(it);
  expect(asked).toBe(5);
  const { sql } = it.context;
  expect(await sql`select state, result from outbox`).toEqual([{ state: "failed", result: unknownUser }]);
  expect(await sql`select from suppressions`).toHaveLength(0);
});

test("a relay that says of ten readers for two days that there is no such address suppresses none of them", async () => {
  const it = await prepareSending(0, (step) => (step === "rcpt" ? unknownUser : undefined));
  for (let made = 0; made < 9; made++) await addNewReader(it.context, { email: `r${made}@${domains[made % 2]}` });
  await it.context.sql`delete from outbox where kind = 'confirm'`;
  await spendTwoDays(it);
  expect(await it.counts()).toEqual({ failed: 9 });
  expect(await it.context.sql`select from suppressions`).toHaveLength(0);
});

test("where little is sent, an address that is refused while another is taken now and then is suppressed in the end", async () => {
  const it = await prepareSending(0, (step, said) =>
    step === "rcpt" && said.includes("gone@") ? unknownUser : undefined,
  );
  const { context, send, later } = it;
  const suppressed = async () => (await context.sql`select from suppressions`).length;
  await addNewReader(context, { email: "gone@one.example" });
  await context.sql`delete from outbox where kind = 'confirm'`;
  await spendTwoDays(it);
  await addConfirmations(context, 1, "two.example");
  await send();
  expect(await suppressed()).toBe(0);
  later(3 * 24 * 3600);
  await requestLink(context, "gone@one.example");
  await spendTwoDays(it);
  expect(await suppressed()).toBe(1);
});

test("a provider that says of everybody there that there is no such account suppresses none of them, while others are taken", async () => {
  const { context, server, send, later, counts } = await prepareDomains(unknownUser);
  server.script = (step, said) => (step === "rcpt" && said.includes("@one.example") ? unknownUser : undefined);
  for (let run = 0; run < 3; run++) {
    await send();
    later(15);
  }
  expect(await counts()).toEqual({ queued: 10, sent: 30 });
  server.script = () => undefined;
  later(3600);
  await send();
  expect(await counts()).toEqual({ sent: 40 });
  expect(await context.sql`select from suppressions`).toHaveLength(0);
});

test("where a server refuses many and takes none they fail after five tries each, and nobody is suppressed", async () => {
  let asked = 0;
  const it = await prepareSending(0, (step) => {
    if (step !== "rcpt") return undefined;
    asked++;
    return unknownUser;
  });
  for (const domain of domains) await addConfirmations(it.context, 3, domain);
  await spendTwoDays(it);
  expect([asked, await it.counts()]).toEqual([5 * 12, { failed: 12 }]);
  expect(await it.context.sql`select from suppressions`).toHaveLength(0);
});

test("forms with addresses that don't exist stop nobody's mail, however many they are", async () => {
  const { context, server, send, later } = await prepareSending(0, (step, said) =>
    step === "rcpt" && !said.includes("good.example") ? unknownUser : undefined,
  );
  for (const domain of domains) await addConfirmations(context, 5, domain);
  for (let run = 0; run < 3; run++) {
    await send();
    later(15);
  }
  expect(await context.sql`select from sending_pause`).toHaveLength(0);
  await addDigest(context, "reader@good.example");
  await send();
  expect(server.mails.map((mail) => mail.to)).toEqual(["reader@good.example"]);
});

test("in a pause a digest is tried before what was asked for by the form, which does not make it longer", async () => {
  const { context, server, send, later } = await prepareSending(0, (step, said) =>
    step === "rcpt" && !said.includes("good.example") ? unknownUser : undefined,
  );
  await pauseSending(context.sql, { reason: "554 no", mailId: undefined, now: context.clock() });
  for (const domain of domains) await addConfirmations(context, 3, domain);
  later(60);
  await send();
  expect(await context.sql`select times from sending_pause`).toEqual([{ times: 1 }]);
  await addConfirmations(context, 3, "five.example");
  await addDigest(context, "reader@good.example");
  const asked: string[] = [];
  const { script } = server;
  server.script = (step, said) => {
    if (step === "rcpt") asked.push(said);
    return script(step, said);
  };
  await send();
  expect(asked[0]).toContain("good.example");
  expect(server.mails).toHaveLength(1);
  expect(await context.sql`select from sending_pause`).toHaveLength(0);
});

test("in a pause a mail is tried that was not refused yet, so that one reader who is gone does not keep it up", async () => {
  const { context, server, send, later } = await prepareSending(0, (step, said) =>
    step === "rcpt" && !said.includes("two.example") ? unknownUser : undefined,
  );
  await addDigest(context, "gone@one.example");
  await addNewReader(context, { email: "new@two.example" });
  await context.sql`delete from outbox where kind = 'confirm'`;
  await pauseSending(context.sql, { reason: "554 no", mailId: undefined, now: context.clock() });
  for (let run = 0; run < 2; run++) {
    later(130);
    await send();
  }
  expect(server.mails.map((mail) => mail.to)).toEqual(["new@two.example"]);
  expect(await context.sql`select from sending_pause`).toHaveLength(0);
});
