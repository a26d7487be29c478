import { expect, test } from "vitest";
import { deliver } from "../../src/delivery/deliver.ts";
import { createMailer } from "../../src/delivery/smtp.ts";
import { compileTemplates } from "../../src/delivery/templates.ts";
import { plan } from "../../src/digests/plan.ts";
import { match } from "../../src/interests/match.ts";
import { deriveToken, type Purpose } from "../../src/token.ts";
import { createApp } from "../../src/web/app.ts";
import { createContext, type TestContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";
import { startSink } from "../support/smtp_sink.ts";

const templates = await compileTemplates();

async function site(now = "2026-11-20T10:00:00Z") {
  const context = await createContext({}, now);
  const app = createApp(context);
  const sink = await startSink();
  const mailer = createMailer(context.config, sink.url);
  const token = (purpose: Purpose, id: number) => deriveToken(context.config.secret, purpose, id);
  return {
    context,
    token,
    sink,
    get: async (path: string) => (await app.request(path)).text(),
    post: async (path: string, form: Record<string, string> = {}) => {
      const response = await app.request(path, { method: "POST", body: new URLSearchParams(form) });
      return { status: response.status, body: await response.text() };
    },
    mail: async () => {
      await deliver(context, mailer, templates);
      return sink.mails.at(-1);
    },
    digest: async () => {
      await match(context);
      await plan(context);
      await deliver(context, mailer, templates);
    },
  };
}

const statusOf = (body: string) => /<p class="done" role="status">(.*?)<\/p>/s.exec(body)?.[1]?.replace(/<[^>]*>/g, "");

async function interestsOf({ sql }: TestContext): Promise<string[]> {
  return (await sql<{ typed: string }[]>`select typed from interests order by position`).map((row) => row.typed);
}

test("each interest is shown with its hits of the last month and the last papers that it brought", async () => {
  const { context, get, digest, token } = await site();
  await addPapers(
    context,
    paper({ title: "Speech in harbours", publishedOn: "2026-11-19" }),
    paper({ title: "Speech of old", publishedOn: "2026-09-19" }),
  );
  const reader = await addReader(context, { interests: "speech\nsubmarines" });
  await digest();
  const body = await get(`/preferences/${token("preferences", reader)}`);
  expect(body).toMatch(/<code>speech<\/code>.*?1 paper in 30 days.*?Speech in harbours<\/a>.*?20 November 2026/s);
  expect(body).toMatch(/<code>submarines<\/code>.*?0 papers in 30 days.*?Nothing sent yet/s);
  expect(body).toContain("No. 1, 20 November 2026");
  const past = /href="(\/digests\/[^"]+)"/.exec(body)?.[1] as string;
  expect(await get(past)).toContain("Speech in harbours");
});

test("a change says what it did: what is new, what is gone, when the mails come", async () => {
  const { context, post, token } = await site();
  const reader = await addReader(context, { interests: "speech\nboats" });
  const form = { cadence: "weekly", weekday: "3", hour: "18", timezone: "Asia/Tokyo", limit: "5" };
  const { body } = await post(`/preferences/${token("preferences", reader)}`, { ...form, interests: "boats\nrobots" });
  expect(statusOf(body)).toBe("Saved. Every Wednesday at 18:00, Asia/Tokyo time. New: robots. Gone: speech.");
  expect(body).toContain(
    "The next three: Wednesday 25 November at 18:00; Wednesday 2 December at 18:00; Wednesday 9 December at 18:00.",
  );
});

test("a muted interest brings nothing, and brings again when it is looked for again", async () => {
  const { context, post, digest, sink, token } = await site();
  const reader = await addReader(context, { interests: "speech\nboats" });
  const here = `/preferences/${token("preferences", reader)}`;
  const [row] = await context.sql<{ id: number }[]>`select id from interests where typed = 'speech'`;
  const muted = await post(`${here}/mute`, { interest: String(row?.id) });
  expect(statusOf(muted.body)).toBe("Muted: speech is in no mail until you say so.");
  expect(await interestsOf(context)).toEqual(["boats"]);
  await addPapers(context, paper({ title: "Speech for you" }), paper({ title: "Boats for you" }));
  await digest();
  expect(sink.mails.at(-1)?.parsed.text).toContain("Boats for you");
  expect(sink.mails.at(-1)?.parsed.text).not.toContain("Speech for you");
  context.setNow("2026-11-20T11:00:00Z");
  const again = await post(`${here}/unmute`, { interest: "speech" });
  expect(statusOf(again.body)).toContain("speech is looked for again");
  expect(await interestsOf(context)).toEqual(["boats", "speech"]);
  context.setNow("2026-11-21T10:00:00Z");
  await digest();
  expect(sink.mails.at(-1)?.parsed.text).toContain("Speech for you");
});

test("typing a muted interest again ends the muting; somebody else's can't be muted", async () => {
  const { context, post, token } = await site();
  const reader = await addReader(context, { interests: "speech" });
  const other = await addReader(context, { interests: "speech" });
  const here = `/preferences/${token("preferences", reader)}`;
  const [own] = await context.sql<{ id: number }[]>`select id from interests where subscriber_id = ${reader}`;
  const [foreign] = await context.sql<{ id: number }[]>`select id from interests where subscriber_id = ${other}`;
  for (const interest of [String(foreign?.id), "x", "99999999999999999999"])
    expect(statusOf((await post(`${here}/mute`, { interest })).body)).toContain("not among yours");
  await post(`${here}/mute`, { interest: String(own?.id) });
  await post(here, { interests: "Speech" });
  expect(await context.sql`select from muted_interests`).toHaveLength(0);
});

test("a pause holds mails back until its day, on which one digest has the best of what came meanwhile", async () => {
  const { context, post, digest, sink, token } = await site();
  const reader = await addReader(context, { interests: "speech", hour: "8" });
  await digest();
  const here = `/preferences/${token("preferences", reader)}`;
  expect(statusOf((await post(`${here}/pause`, { until: "2026-11-30" })).body)).toContain(
    "on or after 30 November 2026",
  );
  for (const day of ["21", "25", "29"]) {
    context.setNow(`2026-11-${day}T09:00:00Z`);
    await addPapers(context, paper({ title: `Speech of the ${day}` }));
    await digest();
  }
  expect(sink.mails.filter((mail) => mail.parsed.text?.includes("Speech of"))).toHaveLength(0);
  // Another change, and one mail a week instead of more, do not end it.
  await post(here, { interests: "speech", cadence: "daily", hour: "7", timezone: "UTC" });
  await post(`/fewer/${token("fewer", reader)}`);
  context.setNow("2026-11-29T23:00:00Z");
  await digest();
  expect(sink.mails.filter((mail) => mail.parsed.text?.includes("Speech of"))).toHaveLength(0);
  // 30 November is a Monday, on which one mail a week comes.
  context.setNow("2026-11-30T07:00:00Z");
  await digest();
  const mails = sink.mails.filter((mail) => mail.parsed.text?.includes("Speech of"));
  expect(mails).toHaveLength(1);
  for (const day of ["21", "25", "29"]) expect(mails[0]?.parsed.text).toContain(`Speech of the ${day}`);
});

test("a pause can be ended, and a day that is none, past, or too far is refused beside its field", async () => {
  const { context, post, token } = await site();
  const reader = await addReader(context, { interests: "speech", hour: "8" });
  const here = `/preferences/${token("preferences", reader)}`;
  for (const until of ["", "soon", "2026-02-31", "2026-11-20", "2020-01-01", "2199-01-01"]) {
    const { status, body } = await post(`${here}/pause`, { until });
    expect(status, until).toBe(422);
    expect(body).toContain('aria-describedby="until-error"');
  }
  await post(`${here}/pause`, { until: "2026-12-24" });
  expect(statusOf((await post(`${here}/resume`)).body)).toBe("No longer paused.");
  const [row] = await context.sql`select paused_until, next_due_at from subscribers where id = ${reader}`;
  expect(row?.paused_until).toBe(null);
  // The first digest has not been made yet.
  expect(String(row?.next_due_at)).toBe("2026-11-20T10:00:00Z");
});

test("an address changes when its owner says so; the old one is told and can take it back", async () => {
  const { context, post, get, mail, sink, token } = await site();
  const reader = await addReader(context, { email: "ada@example.org", interests: "speech" });
  await mail();
  const here = `/preferences/${token("preferences", reader)}`;
  const asked = await post(`${here}/address`, { email: "ada@example.net" });
  expect(statusOf(asked.body)).toContain("A mail is on its way to ada@example.net.");
  const question = await mail();
  expect(question?.to).toEqual(["ada@example.net"]);
  expect(question?.raw).not.toContain("ada@example.org");
  const link = /\/address\/[\w-]{32}/.exec(question?.parsed.text ?? "")?.[0] as string;
  const emailNow = async () => (await context.sql`select email, email_key from subscribers where id = ${reader}`)[0];
  expect(await get(link)).toContain("Send my papers here");
  expect(await emailNow()).toEqual({ email: "ada@example.org", email_key: "ada@example.org" });
  expect((await post(link)).body).toContain("Your papers come here now");
  expect(await emailNow()).toEqual({ email: "ada@example.net", email_key: "ada@example.net" });
  const news = await mail();
  expect(news?.to).toEqual(["ada@example.org"]);
  const undo = /\/address\/[\w-]{32}/.exec(news?.parsed.text ?? "")?.[0] as string;
  expect(await get(undo)).toContain("Take it back?");
  expect((await post(link)).body).toContain("ada@example.net");
  expect((await post(undo)).body).toContain("It is as it was");
  expect(await emailNow()).toEqual({ email: "ada@example.org", email_key: "ada@example.org" });
  // Neither link does anything a second time.
  await post(link);
  await post(undo);
  expect(await emailNow()).toEqual({ email: "ada@example.org", email_key: "ada@example.org" });
  expect(sink.mails.filter((it) => it.to[0] === "ada@example.net")).toHaveLength(1);
});

test("an address that is none, is theirs already, or is another active reader's is refused", async () => {
  const { context, post, mail, token } = await site();
  const reader = await addReader(context, { email: "ada@example.org" });
  await addReader(context, { email: "bob@example.org" });
  const here = `/preferences/${token("preferences", reader)}`;
  for (const email of ["", "nonsense", "ADA@example.org"]) {
    const { status, body } = await post(`${here}/address`, { email });
    expect(status, email).toBe(422);
    expect(body).toContain('aria-describedby="email-error"');
  }
  expect((await post(`${here}/address`, { email: "bob@example.org" })).status).toBe(200);
  const link = /\/address\/[\w-]{32}/.exec((await mail())?.parsed.text ?? "")?.[0] as string;
  const { status, body } = await post(link);
  expect(status).toBe(409);
  expect(body).toContain("bob@example.org gets Paper Round already");
  expect(await context.sql`select from subscribers where email in ('ada@example.org', 'bob@example.org')`).toHaveLength(
    2,
  );
});

test("who is not confirmed at an address, or has left, gives way to a reader who moves there", async () => {
  const { context, post, mail, token } = await site();
  const reader = await addReader(context, { email: "ada@example.org" });
  await post("/subscribe", { email: "ada@example.net" });
  await mail();
  await post(`/preferences/${token("preferences", reader)}/address`, { email: "ada@example.net" });
  const link = /\/address\/[\w-]{32}/.exec((await mail())?.parsed.text ?? "")?.[0] as string;
  expect((await post(link)).status).toBe(200);
  expect(await context.sql`select id, email from subscribers`).toEqual([{ id: reader, email: "ada@example.net" }]);
});

test("a link that an old address was asked to confirm works no more when the mails go elsewhere", async () => {
  const { context, post, mail, token } = await site();
  const reader = await addReader(context, { email: "ada@example.org", interests: "speech" });
  await mail();
  await post("/subscribe", { email: "ada@example.org", interests: "robots" });
  const old = /\/confirm\/[\w-]{32}/.exec((await mail())?.parsed.text ?? "")?.[0] as string;
  await post(`/preferences/${token("preferences", reader)}/address`, { email: "ada@example.net" });
  await post(/\/address\/[\w-]{32}/.exec((await mail())?.parsed.text ?? "")?.[0] as string);
  expect((await post(old)).status).toBe(404);
  expect(await interestsOf(context)).toEqual(["speech"]);
});

test("asked for by address, the link is mailed; the answer is the same for who is not known", async () => {
  const { context, post, mail, sink, token } = await site();
  const reader = await addReader(context, { email: "ada@example.org" });
  await mail();
  const before = sink.mails.length;
  const bodies = new Set<string>();
  for (const email of ["ada@example.org", "nobody@example.org"])
    bodies.add((await post("/preferences", { email })).body.replaceAll(email, "EMAIL"));
  expect(bodies.size).toBe(1);
  expect((await mail())?.parsed.text).toContain(`/preferences/${token("preferences", reader)}`);
  expect(sink.mails).toHaveLength(before + 1);
  for (let asked = 0; asked < 9; asked++) await post("/preferences", { email: "ada@example.org" });
  await mail();
  expect(sink.mails).toHaveLength(before + 3);
  const bad = await post("/preferences", { email: "nonsense" });
  expect(bad.status).toBe(422);
  expect(bad.body).toContain('value="nonsense"');
});

test("what is held can be downloaded, and holds no token that lets anybody in", async () => {
  const { context, get, digest, token } = await site();
  await addPapers(context, paper({ title: "Speech in harbours" }));
  const reader = await addReader(context, { email: "ada@example.org", interests: "speech" });
  await addReader(context, { email: "bob@example.org", interests: "speech" });
  await digest();
  const text = await get(`/preferences/${token("preferences", reader)}/data.json`);
  const held = JSON.parse(text);
  expect(held.subscribers[0].email).toBe("ada@example.org");
  expect(held.interests[0].typed).toBe("speech");
  expect(held.digest_papers[0].title).toBe("Speech in harbours");
  expect(held.outbox.map((row: { kind: string }) => row.kind).sort()).toEqual(["confirm", "digest"]);
  expect(text).not.toContain("bob@example.org");
  expect(text).not.toContain("hash");
});

test("erasing leaves no row that names the reader, nor their mails, and nobody else's is touched", async () => {
  const { context, post, get, digest, token } = await site();
  const { sql } = context;
  await addPapers(context, paper({ title: "Speech in harbours" }));
  const reader = await addReader(context, { email: "ada.lovelace@example.org", interests: "speech\nmine alone" });
  const other = await addReader(context, { email: "bob@example.org", interests: "speech" });
  await digest();
  const here = `/preferences/${token("preferences", reader)}`;
  const [row] = await sql<{ id: number }[]>`select id from interests where typed = 'mine alone'`;
  await post(`${here}/mute`, { interest: String(row?.id) });
  await post(`${here}/address`, { email: "ada@example.net" });
  await post("/preferences", { email: "ada.lovelace@example.org" });
  await sql`insert into mailbox (received_at, sender, recipients, source) values (${context.clock()}, 'us', '{ada.lovelace@example.org}', 'a mail')`;
  expect(await get(`${here}/erase`)).toContain("Erase everything about me");
  expect((await post(`${here}/erase`)).body).toContain("Everything is erased");
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`;
  for (const { name } of tables) {
    const rows = await sql<{ row: Record<string, unknown> }[]>`select to_jsonb(t) as row from ${sql(name)} t`;
    expect(JSON.stringify(rows), name).not.toMatch(/lovelace|ada@example/);
    expect(
      rows.filter(({ row }) => row.subscriber_id === reader),
      name,
    ).toEqual([]);
  }
  expect((await post(`${here}/erase`)).status).toBe(404);
  expect(await sql`select from digests where subscriber_id = ${other}`).toHaveLength(1);
});

test("the buttons of one reader's page do nothing with another purpose's token", async () => {
  const { context, post, token } = await site();
  const reader = await addReader(context, { interests: "speech" });
  for (const path of ["", "/mute", "/unmute", "/pause", "/resume", "/address", "/erase", "/preview"])
    for (const value of [token("unsubscribe", reader), token("preferences", reader + 1), "x".repeat(32)])
      expect((await post(`/preferences/${value}${path}`, { until: "2026-12-24" })).status, path).toBe(404);
  expect((await post(`/address/${token("preferences", reader)}`)).status).toBe(404);
});
