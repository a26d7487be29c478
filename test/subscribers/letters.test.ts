import { expect, test } from "vitest";
import { deliver } from "../../src/delivery/deliver.ts";
import { createMailer } from "../../src/delivery/smtp.ts";
import { compileTemplates } from "../../src/delivery/templates.ts";
import { plan } from "../../src/digests/plan.ts";
import { match } from "../../src/interests/match.ts";
import { savePapers } from "../../src/papers/save.ts";
import { suppress } from "../../src/subscribers/suppress.ts";
import { endMail, resubscribe, unsubscribe } from "../../src/subscribers/unsubscribe.ts";
import { deriveToken, type Purpose } from "../../src/token.ts";
import { createApp } from "../../src/web/app.ts";
import { createContext } from "../support/context.ts";
import { addNewReader, addPapers, paper } from "../support/make.ts";
import { startSink } from "../support/smtp_sink.ts";

const templates = await compileTemplates();
const email = "ada@example.org";

/** A reader who has just confirmed, and what is sent from then on. */
async function withReader(form: Record<string, unknown> = {}) {
  const context = await createContext();
  const sink = await startSink();
  const mailer = createMailer(context.config, sink.url);
  const send = async () => {
    await deliver(context, mailer, templates);
    return sink.mails.splice(0).filter((mail) => !/^(Confirm|Change) /.test(mail.parsed.subject ?? ""));
  };
  const reader = await addNewReader(context, { email, interests: "speech", trending: "off", ...form });
  const token = (purpose: Purpose) => deriveToken(context.config.secret, purpose, reader);
  const day = async (at: string) => {
    context.setNow(at);
    await match(context);
    await plan(context);
    return send();
  };
  return { context, reader, send, day, token };
}

test("who confirms is welcomed once: with what they asked for, when it comes, and the links to change and to end it", async () => {
  const { context, send, token } = await withReader({
    interests: 'speech\n"quiet harbours"',
    hour: "18",
    timezone: "Asia/Tokyo",
  });
  const mails = await send();
  expect(mails.map((mail) => [mail.to, mail.parsed.subject])).toEqual([[[email], "Welcome to Paper Round"]]);
  for (const body of [mails[0]?.parsed.text?.replace(/\s+/g, " "), mails[0]?.parsed.html]) {
    for (const words of [
      "speech",
      "quiet harbours",
      "Every day at 18:00, Asia/Tokyo time.",
      "Friday 20 November at 18:00",
    ])
      expect(body).toContain(words);
    expect(body).toContain(`/preferences/${token("preferences")}`);
    expect(body).toContain(`/unsubscribe/${token("unsubscribe")}`);
  }
  expect(mails[0]?.raw).toContain("List-Unsubscribe-Post: List-Unsubscribe=One-Click");
  // A change that is confirmed is told on the page; it needs no welcome.
  await addNewReader(context, { email, interests: "robots" });
  expect(await send()).toEqual([]);
});

test("what a welcome says of the first digest is what happens", async () => {
  const { context, send, day } = await withReader();
  expect((await send())[0]?.parsed.text?.replace(/\s+/g, " ")).toContain(
    "If nothing did, we look again on Friday 20 November at 8:00.",
  );
  expect(await day("2026-11-20T06:05:00Z")).toEqual([]);
  await addPapers(context, paper({ title: "Speech" }));
  expect(await day("2026-11-20T07:59:00Z")).toEqual([]);
  expect((await day("2026-11-20T08:00:00Z"))[0]?.parsed.text).toContain("Speech");
});

test("who leaves before the welcome was sent is not welcomed", async () => {
  const { context, send, token } = await withReader();
  await unsubscribe(context, token("unsubscribe"));
  expect(await send()).toEqual([]);
});

test("no mail comes on a day without papers, unless it was asked for: then one note that says what was read", async () => {
  const { context, reader, send, day } = await withReader();
  await send();
  await context.sql`
    insert into sources (name, next_poll_at, seen, expected, last_error) values
      ('huggingface', now(), 31, 31, null), ('arxiv cs.CL', now(), null, null, 'it did not answer')`;
  const sources = { ...context, config: { ...context.config, sources: ["huggingface", "arxiv"] } };
  Object.assign(context, sources);
  expect(await day("2026-11-20T08:00:00Z")).toEqual([]);
  await context.sql`update subscribers set all_is_well = true where id = ${reader}`;
  const [note, ...others] = await day("2026-11-21T08:00:00Z");
  expect(others).toEqual([]);
  expect(note?.parsed.subject).toBe("Nothing new for you, but not all could be read");
  const text = note?.parsed.text?.replace(/\s+/g, " ");
  for (const words of [
    "Saturday, 21 November 2026",
    "* speech",
    "Hugging Face 31 papers",
    "arXiv cs.CL could not be read",
  ])
    expect(text).toContain(words);
  expect(note?.raw).toContain("List-Unsubscribe-Post: List-Unsubscribe=One-Click");
  // One edition for a date still holds: what comes later the same day is in the next one.
  await addPapers(context, paper({ title: "Speech" }));
  expect(await day("2026-11-21T12:00:00Z")).toEqual([]);
  expect((await day("2026-11-22T08:00:00Z"))[0]?.parsed.text).toContain("Speech");
  const dates = await context.sql`select local_date::text as date, number from digests order by id`;
  expect([...dates]).toEqual([
    { date: "2026-11-21", number: 1 },
    { date: "2026-11-22", number: 2 },
  ]);
});

test("who has no interests is told in the note that they look for what others read", async () => {
  const { context, day } = await withReader({ interests: "", trending: "on" });
  await context.sql`update subscribers set all_is_well = true`;
  const note = (await day("2026-11-21T08:00:00Z")).at(-1);
  expect(note?.parsed.subject).toBe("Nothing new for you; all is well");
  expect(note?.parsed.text).toContain("* the papers that others read");
  const [digest] = await context.sql<{ id: number }[]>`select max(id) as id from digests`;
  const address = `/digests/${deriveToken(context.config.secret, "digest", digest?.id as number)}`;
  expect(await (await createApp(context).request(address)).text()).toContain("<li>the papers that others read</li>");
});

test("the note is asked for in the preferences, stays through a form that does not know of it, and reads on the web, too", async () => {
  const { context, reader, token, day } = await withReader();
  const app = createApp(context);
  const asked = async () =>
    (await context.sql`select all_is_well as asked from subscribers where id = ${reader}`)[0]?.asked;
  const save = (form: Record<string, string>) =>
    app.request(`/preferences/${token("preferences")}`, { method: "POST", body: new URLSearchParams(form) });
  const page = await (
    await save({ interests: "speech", hour: "8", timezone: "UTC", allIsWell: "on", notes: "on" })
  ).text();
  expect(page).toContain('name="allIsWell" value="on" checked');
  expect(page).toContain('name="notes" value="on" checked');
  expect(await asked()).toBe(true);
  await addNewReader(context, { email, interests: "speech", trending: "off" });
  expect(await asked()).toBe(true);
  const note = (await day("2026-11-21T08:00:00Z")).at(-1);
  expect(note?.parsed.subject).toBe("Nothing new for you; all is well");
  const [digest] = await context.sql<{ id: number }[]>`select id from digests`;
  const web = await app.request(`/digests/${deriveToken(context.config.secret, "digest", digest?.id as number)}`);
  expect(await web.text()).toMatch(/No\. 1, no papers.*<li>speech<\/li>/s);
  await save({ interests: "speech", hour: "8", timezone: "UTC" });
  expect(await asked()).toBe(false);
});

test("who leaves by the page with the button gets one goodbye, with the way back, however often it is pressed", async () => {
  const { context, send, token } = await withReader();
  await send();
  const app = createApp(context);
  const page = await (await app.request(`/unsubscribe/${token("unsubscribe")}`)).text();
  const [, name = "", value = ""] = /<input type="hidden" name="(\w+)" value="(\w+)">/.exec(page) ?? [];
  const press = () =>
    app.request(`/unsubscribe/${token("unsubscribe")}`, {
      method: "POST",
      body: new URLSearchParams({ [name]: value }),
    });
  for (let again = 0; again < 3; again++) expect((await press()).status).toBe(200);
  const [goodbye, ...others] = await send();
  expect(others).toEqual([]);
  expect([goodbye?.to, goodbye?.parsed.subject]).toEqual([[email], "You get no more papers from Paper Round"]);
  expect(goodbye?.raw).not.toMatch(/list-unsubscribe/i);
  const undo = /\/resubscribe\/[\w-]{32}/.exec(goodbye?.parsed.text ?? "")?.[0] as string;
  expect(await (await app.request(undo, { method: "POST" })).text()).toContain("Welcome back");
  // Back and away once more: they have been told.
  await press();
  expect(await send()).toEqual([]);
});

test.each([
  ["one-click", { "List-Unsubscribe": "One-Click" }],
  ["one-click with what our page sends", { "List-Unsubscribe": "One-Click", by: "page" }],
  ["nothing in the body", {}],
])("a mail program that leaves for its reader (%s) brings no goodbye", async (_name, form) => {
  const { context, send, token } = await withReader();
  await send();
  const path = `/unsubscribe/${token("unsubscribe")}`;
  expect((await createApp(context).request(path, { method: "POST", body: new URLSearchParams(form) })).status).toBe(
    200,
  );
  expect(await send()).toEqual([]);
});

test("nor does a body that can't be read, a mail to the address for leaving, or an address that is suppressed", async () => {
  const { context, reader, send, token } = await withReader();
  await send();
  const path = `/unsubscribe/${token("unsubscribe")}`;
  const broken = { method: "POST", body: "by=page", headers: { "content-type": "multipart/form-data" } };
  expect((await createApp(context).request(path, broken)).status).toBe(200);
  await addNewReader(context, { email, interests: "speech" });
  await send();
  await endMail(context.sql, reader, context.clock());
  await addNewReader(context, { email, interests: "speech" });
  await send();
  const { sql, config, clock } = context;
  await suppress(sql, config.secret, { emails: [email], reason: "complaint", result: "complaint", now: clock() });
  await unsubscribe(context, token("unsubscribe"), "page");
  expect(await send()).toEqual([]);
});

test("a goodbye that waits is not sent to who came back, complained, or left again by their mail program", async () => {
  const wait = async () => {
    const it = await withReader();
    await it.send();
    await unsubscribe(it.context, it.token("unsubscribe"), "page");
    return it;
  };
  const back = await wait();
  expect(await resubscribe(back.context, back.token("resubscribe"))).toBe("done");
  expect(await back.send()).toEqual([]);
  const again = await wait();
  await resubscribe(again.context, again.token("resubscribe"));
  again.context.setNow("2026-11-20T06:10:00Z");
  await unsubscribe(again.context, again.token("unsubscribe"));
  expect(await again.send()).toEqual([]);
  const angry = await wait();
  const { sql, config, clock } = angry.context;
  await suppress(sql, config.secret, { emails: [email], reason: "complaint", result: "complaint", now: clock() });
  expect(await angry.send()).toEqual([]);
});

test("what is new of papers that the reader has had stands in the note, too", async () => {
  const { context, reader, send, day } = await withReader({ hour: "5" });
  await send();
  await context.sql`update subscribers set all_is_well = true, notes = true where id = ${reader}`;
  const speech = paper({ title: "Speech in harbours" });
  await addPapers(context, speech);
  expect((await day("2026-11-20T09:00:00Z")).map((mail) => mail.parsed.subject)).toEqual(["Speech in harbours"]);
  context.setNow("2026-11-20T20:00:00Z");
  await savePapers(context.sql, context.clock, [
    { ...speech, title: "Harbours without quays", abstract: "Boats.", version: 2 },
  ]);
  await addPapers(context, paper({ title: "Weather" }));
  const [note] = await day("2026-11-21T09:00:00Z");
  expect(note?.parsed.subject).toBe("Nothing new for you; all is well");
  expect(note?.parsed.text?.replace(/\s+/g, " ")).toContain("new version: Harbours without quays");
});
