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
const sink = await startSink();

/** A reader who has had a digest of two papers on speech and one that trends, and the site. */
async function readerWithDigest(context?: TestContext) {
  const own = context ?? (await createContext());
  const app = createApp(own);
  await addPapers(
    own,
    paper({ title: "Speech in small harbours", authors: ["Ada Okafor"], categories: ["cs.SD"] }),
    paper({ title: "Speech among robots", authors: ["Tomás Ibarra"], categories: ["cs.RO"] }),
    paper({ title: "What others read", upvotes: 90 }),
  );
  const reader = await addReader(own, { interests: "speech", trending: "on" });
  await match(own);
  await plan(own);
  await deliver(own, createMailer(own.config, sink.url), templates);
  const [digest] = await own.sql<{ id: number }[]>`select id from digests where subscriber_id = ${reader}`;
  const token = (purpose: Purpose, id = digest?.id as number) => deriveToken(own.config.secret, purpose, id);
  return {
    context: own,
    reader,
    token,
    mail: sink.mails.at(-1)?.parsed,
    ballot: (wish: "more" | "less", place: number | string = 1) => `/${wish}/${token("vote")}/${place}`,
    get: async (path: string) => {
      const response = await app.request(path);
      return { status: response.status, body: await response.text() };
    },
    post: async (path: string, form: Record<string, string> = {}) => {
      const response = await app.request(path, { method: "POST", body: new URLSearchParams(form) });
      return { status: response.status, body: await response.text() };
    },
  };
}

const votesOf = ({ sql }: TestContext) =>
  sql<{ title: string; liked: boolean }[]>`
    select p.title, v.liked from votes v join papers p on p.id = v.paper_id order by p.id`;
const countOf = async ({ sql }: TestContext) =>
  (await sql<{ votes: number }[]>`select votes from subscribers order by id`).map((row) => row.votes);
const titleOf = (body: string) => /<h1 class="title">(.*?)<\/h1>/.exec(body)?.[1];

test("each paper of a digest has both links, in the HTML and in the text", async () => {
  const { mail, ballot } = await readerWithDigest();
  for (const wish of ["more", "less"] as const)
    for (const place of [1, 2, 3]) {
      const words = wish === "more" ? "More like this" : "Less like this";
      const url = `https://papers.example.org${ballot(wish, place)}`;
      expect(mail?.html).toMatch(new RegExp(`<a href="${url}"[^>]*>${words}</a>`));
      expect(mail?.text).toContain(`  ${words}:\n  ${url}\n`);
    }
});

test("the digest in the browser, which people share, shows no vote and has no link or button to vote", async () => {
  const { ballot, get, post, token, context } = await readerWithDigest();
  const here = `/digests/${token("digest")}`;
  const before = (await get(here)).body;
  expect(before.match(/<article/g)).toHaveLength(3);
  expect(before).not.toMatch(/\/more\/|\/less\/|like this/);
  expect(before).not.toContain(token("vote"));
  await post(ballot("more", 1));
  await post(ballot("less", 3));
  expect(await votesOf(context)).toHaveLength(2);
  expect((await get(here)).body).toBe(before);
});

test("a link shows a button and changes nothing, the button records the vote, and it may be pressed again", async () => {
  const { context, ballot, get, post } = await readerWithDigest();
  const shown = await get(ballot("more"));
  expect(titleOf(shown.body)).toBe("More like this?");
  expect(shown.body).toMatch(/<form method="post"><button type="submit">More like this<\/button><\/form>/);
  expect(await votesOf(context)).toEqual([]);
  for (let again = 0; again < 2; again++) {
    const { status, body } = await post(ballot("more"));
    expect([status, titleOf(body)]).toEqual([200, "Noted: more like this"]);
    expect(await votesOf(context)).toHaveLength(1);
    expect(await countOf(context)).toEqual([1]);
  }
  expect(titleOf((await get(ballot("more"))).body)).toBe("Noted: more like this");
});

test("the newest vote on a paper counts, and it can be taken back by either link", async () => {
  const { context, ballot, get, post } = await readerWithDigest();
  await post(ballot("more"));
  expect((await get(ballot("less"))).body).toContain("You asked for more like this before");
  await post(ballot("less"));
  expect((await votesOf(context)).map((it) => it.liked)).toEqual([false]);
  expect(titleOf((await post(ballot("less"), { take: "back" })).body)).toBe("Taken back");
  expect(await votesOf(context)).toEqual([]);
  expect(await countOf(context)).toEqual([0]);
  expect((await post(ballot("more"), { take: "back" })).status).toBe(200);
});

test("places that there are not, other readers' links and forged ones lead to a page that says so, and change nothing", async () => {
  const one = await readerWithDigest();
  const other = await readerWithDigest(one.context);
  const paths = [
    ...["0", "4", "-1", "1.5", "01", "1e0", "999", "99999999999999999999", "x", "%00", "1%20or%201=1"].map((place) =>
      one.ballot("more", place),
    ),
    `/less/${"x".repeat(32)}/1`,
    `/more/${one.token("digest")}/1`,
    `/more/${one.token("preferences", one.reader)}/1`,
    `/more/${one.token("vote").slice(1)}/1`,
  ];
  for (const path of paths)
    for (const ask of [one.get, one.post]) {
      const { status, body } = await ask(path);
      expect([path, status, titleOf(body)]).toEqual([path, 404, "This link does not work"]);
    }
  for (const page of ["digests", "preferences", "unsubscribe", "fewer", "resubscribe", "confirm", "address"])
    expect((await one.get(`/${page}/${one.token("vote")}`)).status, page).toBe(404);
  expect(await votesOf(one.context)).toEqual([]);
  await other.post(other.ballot("less", 2));
  expect(await countOf(one.context)).toEqual([0, 1]);
});

test("only the hash of a vote link is kept, and its pages tell nothing else about the reader", async () => {
  const { context, ballot, get, post, token } = await readerWithDigest();
  const rows = await context.sql<{ row: string }[]>`select t::text as row from tokens t`;
  expect(rows.some(({ row }) => row.includes(token("vote")))).toBe(false);
  for (const { body } of [await get(ballot("less")), await post(ballot("less"))]) {
    expect(body).not.toContain("@example.org");
    expect(body).not.toMatch(/\/(preferences|unsubscribe|digests)\/[\w-]{32}/);
  }
});

test("who has unsubscribed may vote and is mailed nothing for it; who was erased has no link any more", async () => {
  const { context, ballot, post, token, reader } = await readerWithDigest();
  await post(`/unsubscribe/${token("unsubscribe", reader)}`);
  const mails = await context.sql`select from outbox`;
  expect((await post(ballot("more"))).status).toBe(200);
  const [row] = await context.sql`select status, next_due_at, votes from subscribers`;
  expect(row).toEqual({ status: "unsubscribed", next_due_at: null, votes: 1 });
  expect(await context.sql`select from outbox`).toHaveLength(mails.length);
  expect((await post(`/preferences/${token("preferences", reader)}/erase`)).status).toBe(200);
  expect((await post(ballot("more"))).status).toBe(404);
  expect(await votesOf(context)).toEqual([]);
});

test("the reader's page shows the votes and what was learnt, takes each back, and forgets them all", async () => {
  const { context, ballot, get, post, token, reader } = await readerWithDigest();
  const here = `/preferences/${token("preferences", reader)}`;
  expect((await get(here)).body).toContain("Nothing yet. Each paper in a mailed digest has");
  await post(ballot("more", 1));
  await post(ballot("less", 2));
  const { body } = await get(here);
  const text = body.replace(/<[^>]*>/g, "");
  expect(text).toMatch(/Higher: papers on [^.;]*\b(robots|harbours)\b/);
  expect(text).toMatch(/; by (Ada Okafor|Tomás Ibarra); in cs\.(SD|RO)\./);
  expect(text).toMatch(/More like this, 20 November 2026/);
  expect(text).toMatch(/Less like this, 20 November 2026/);
  const [vote] = await context.sql<{ id: number }[]>`select paper_id as id from votes where liked`;
  expect((await post(`${here}/unvote`, { paper: String(vote?.id) })).body).toContain("Taken back");
  expect((await votesOf(context)).map((it) => it.liked)).toEqual([false]);
  for (const paper of ["x", "", "99999999999999999999", "0"])
    expect((await post(`${here}/unvote`, { paper })).status).toBe(200);
  expect(await countOf(context)).toEqual([1]);
  await post(ballot("more", 1));
  expect((await post(`${here}/forget-votes`)).body).toContain("All your votes are forgotten");
  expect(await votesOf(context)).toEqual([]);
  expect(await countOf(context)).toEqual([0]);
  expect((await get(here)).body).toContain("Nothing yet. Each paper in a mailed digest has");
});

test("votes are in what a reader downloads, with their papers, and go when the reader is erased", async () => {
  const { context, ballot, get, post, token, reader } = await readerWithDigest();
  await post(ballot("less", 3));
  const here = `/preferences/${token("preferences", reader)}`;
  const held = JSON.parse((await get(`${here}/data.json`)).body);
  expect(held.votes).toMatchObject([
    { liked: false, title: "What others read", voted_at: expect.stringContaining("2026-11-20") },
  ]);
  await post(`${here}/erase`);
  expect(await votesOf(context)).toEqual([]);
});
