import { expect, test } from "vitest";
import { claimMails } from "../../src/delivery/claim.ts";
import { deliver } from "../../src/delivery/deliver.ts";
import { issueMailTokens } from "../../src/delivery/mail_tokens.ts";
import { receiveReport } from "../../src/delivery/receive_report.ts";
import { readReturnAddress } from "../../src/delivery/return_address.ts";
import { createMailer } from "../../src/delivery/smtp.ts";
import { compileTemplates } from "../../src/delivery/templates.ts";
import { plan } from "../../src/digests/plan.ts";
import { match } from "../../src/interests/match.ts";
import { actOnAddressChange, requestAddressChange } from "../../src/subscribers/change_address.ts";
import { applyPreferences, parsePreferences } from "../../src/subscribers/preferences.ts";
import { deriveToken } from "../../src/token.ts";
import { createApp } from "../../src/web/app.ts";
import { createContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";
import { startSink } from "../support/smtp_sink.ts";

const templates = await compileTemplates();

async function site() {
  const context = await createContext({ INBOUND_SMTP_PORT: "0", RETURN_DOMAIN: "bounces.example.org" });
  const app = createApp(context);
  const sink = await startSink();
  const mailer = createMailer(context.config, sink.url);
  const reader = await addReader(context, {
    email: "ada@example.org",
    interests: "speech",
    hour: "5",
    trending: "off",
  });
  const send = async () => {
    await deliver(context, mailer, templates);
    return sink.mails.splice(0);
  };
  let days = 0;
  const digest = async () => {
    context.setNow(context.clock().add({ hours: 24 }));
    const title = `Speech of day ${++days}`;
    await addPapers(context, paper({ title }));
    await match(context);
    await plan(context);
    return (await send()).find((mail) => mail.parsed.subject === title);
  };
  /** Asks for another address and answers the link that its owner is mailed. */
  const ask = async (email: string) => {
    await requestAddressChange(context, reader, email);
    const [row] = await context.sql<{ id: number }[]>`select max(id) as id from address_changes`;
    return row?.id as number;
  };
  const act = (purpose: "address" | "address-undo", id: number) =>
    actOnAddressChange(context, deriveToken(context.config.secret, purpose, id));
  const move = async (email: string) => {
    const id = await ask(email);
    await act("address", id);
    return id;
  };
  const status = async (path: string, method = "GET") => (await app.request(path, { method })).status;
  const state = async () => (await context.sql`select email, status from subscribers where id = ${reader}`)[0];
  return { context, app, reader, send, digest, ask, act, move, status, state };
}

type Sent = { parsed: { text?: string | undefined }; raw: string } | undefined;
const link = (mail: Sent, purpose: string) =>
  new RegExp(`/${purpose}/[\\w-]{32}`).exec(mail?.parsed.text ?? "")?.[0] as string;

const ballot = (mail: Sent) => `${link(mail, "more")}/1`;

test("after a change of address no link in a mail to the old one acts for the reader any more; those to the new one do", async () => {
  const { app, digest, move, status, state } = await site();
  const before = await digest();
  const page = await (await app.request(link(before, "unsubscribe"))).text();
  const fewer = /\/fewer\/[\w-]{32}/.exec(page)?.[0] as string;
  const old = link(before, "preferences");
  await move("ada@example.net");
  for (const path of [old, `${old}/data.json`, `${old}/erase`, fewer]) expect(await status(path), path).toBe(404);
  for (const path of ["", "/mute", "/pause", "/resume", "/address", "/erase", "/preview"])
    expect(await status(`${old}${path}`, "POST"), path).toBe(404);
  expect(await status(fewer, "POST")).toBe(404);
  for (const method of ["GET", "POST"]) expect(await status(ballot(before), method)).toBe(404);
  const after = await digest();
  expect(await status(link(after, "preferences"))).toBe(200);
  expect(link(after, "preferences")).not.toBe(old);
  expect(await state()).toEqual({ email: "ada@example.net", status: "active" });
});

test("a digest's link goes on to show what it listed, but not what matches interests that were added since", async () => {
  const { context, app, reader, digest, move, status } = await site();
  await addReader(context, { interests: "robots" });
  await addPapers(context, paper({ title: "Robots of that day" }));
  const old = await digest();
  const show = async () => (await app.request(link(old, "digests"))).text();
  const before = await show();
  await move("ada@example.net");
  const preferences = link(await digest(), "preferences");
  const wanted = await parsePreferences(context.sql, { interests: "speech\nrobots", cadence: "daily" });
  await context.sql.begin((transaction) => applyPreferences(transaction, context.clock, reader, wanted));
  expect(before).toContain("Speech of day 1");
  expect(await show()).toBe(before);
  expect(await status(preferences)).toBe(200);
});

test("a link for leaving that came to the old address never ends, and can't end the mails at the new one", async () => {
  const { context, app, digest, move, status, state } = await site();
  const old = link(await digest(), "unsubscribe");
  await move("ada@example.net");
  context.setNow("2030-01-01T00:00:00Z");
  for (const method of ["GET", "POST"]) {
    const response = await app.request(old, { method });
    expect(response.status).toBe(200);
    const body = await response.text();
    expect(body).toContain("Nothing comes to this address any more");
    expect(body).not.toContain("ada@");
  }
  expect(await state()).toEqual({ email: "ada@example.net", status: "active" });
  const after = await digest();
  expect(await status(link(after, "unsubscribe"), "POST")).toBe(200);
  expect(await state()).toEqual({ email: "ada@example.net", status: "unsubscribed" });
});

test("the same holds for leaving by mail", async () => {
  const { context, digest, move, state } = await site();
  const addressFor = (mail: Sent) => {
    const [address = ""] = /unsubscribe-[\w.-]+@[\w.]+/.exec(mail?.raw.replace(/\r\n /g, "") ?? "") ?? [];
    const read = readReturnAddress(context.config, address);
    if (!read) throw new Error(`${address} is none of ours`);
    return read;
  };
  const old = addressFor(await digest());
  await move("ada@example.net");
  expect(await receiveReport(context, [old], { kind: "unsubscribe" })).toEqual([]);
  expect((await state())?.status).toBe("active");
  expect(await receiveReport(context, [addressFor(await digest())], { kind: "unsubscribe" })).toHaveLength(1);
  expect((await state())?.status).toBe("unsubscribed");
});

test("a wish to leave that comes back for a mail to the old address ends nothing at the new one", async () => {
  const { context, digest, move, state } = await site();
  await digest();
  const [mail] = await context.sql<{ id: number }[]>`select max(id) as id from outbox where kind = 'digest'`;
  await move("ada@example.net");
  await receiveReport(context, [{ kind: "bounce", id: mail?.id as number }], { kind: "unsubscribe" });
  expect((await state())?.status).toBe("active");
});

test("when the change is taken back, the old address can leave by any of its mails, and the other one's links are dead", async () => {
  const { digest, move, act, status, state } = await site();
  const first = await digest();
  const id = await move("eve@example.net");
  const stolen = await digest();
  await act("address-undo", id);
  expect(await status(link(stolen, "preferences"))).toBe(404);
  expect(await status(link(stolen, "unsubscribe"), "POST")).toBe(200);
  expect(await state()).toEqual({ email: "ada@example.org", status: "active" });
  // Whoever had the link with which the address was changed can't do it again.
  expect(await status(link(first, "preferences"))).toBe(404);
  expect(await status(link(await digest(), "preferences"))).toBe(200);
  await status(link(first, "unsubscribe"), "POST");
  expect((await state())?.status).toBe("unsubscribed");
});

test("who took a reader over and moved them twice keeps no way back when it is undone", async () => {
  const { ask, move, act, state } = await site();
  const first = await move("eve@example.net");
  const waiting = await ask("eve@example.com");
  const second = await move("eve@example.edu");
  await act("address-undo", first);
  for (const [purpose, id] of [
    ["address", waiting],
    ["address-undo", second],
    ["address", second],
    ["address", first],
  ] as const)
    await act(purpose, id);
  expect(await state()).toEqual({ email: "ada@example.org", status: "active" });
});

test("a mail that was on its way when the reader moved is sent again to the new address, and its links work", async () => {
  const { context, send, move, status } = await site();
  await send();
  await addPapers(context, paper({ title: "Speech on the way" }));
  await match(context);
  await plan(context);
  const now = context.clock();
  const [claimed] = await claimMails(context.sql, {
    now,
    leaseUntil: now.add({ minutes: 5 }),
    holder: "gone/1/1",
    limit: 9,
  });
  expect(claimed?.email).toBe("ada@example.org");
  await issueMailTokens(context, claimed ? [claimed] : [], now);
  await move("ada@example.net");
  context.setNow(now.add({ minutes: 6 }));
  const mails = await send();
  const digest = mails.find((mail) => mail.parsed.text?.includes("Speech on the way"));
  expect(digest?.to).toEqual(["ada@example.net"]);
  expect(digest?.raw).toContain(claimed?.messageId);
  expect(await status(link(digest, "preferences"))).toBe(200);
  expect(await status(ballot(digest))).toBe(200);
});

test("links that are made for a mail to the old address while it moves are dead all the same", async () => {
  const { context, reader, send, move, status } = await site();
  await send();
  const old = `/preferences/${deriveToken(context.config.secret, "preferences", reader)}`;
  expect(await status(old)).toBe(200);
  await addPapers(context, paper({ title: "Speech" }));
  await match(context);
  await plan(context);
  const now = context.clock();
  const rows = await claimMails(context.sql, {
    now,
    leaseUntil: now.add({ minutes: 5 }),
    holder: "gone/1/1",
    limit: 9,
  });
  await move("ada@example.net");
  await issueMailTokens(context, rows, now);
  expect(await status(old)).toBe(404);
});
