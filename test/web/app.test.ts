import { expect, test } from "vitest";
import type { Context } from "../../src/context.ts";
import { deliver } from "../../src/delivery/deliver.ts";
import { createMailer } from "../../src/delivery/smtp.ts";
import { compileTemplates } from "../../src/delivery/templates.ts";
import { plan } from "../../src/digests/plan.ts";
import { match } from "../../src/interests/match.ts";
import { deriveToken, type Purpose } from "../../src/token.ts";
import { createApp } from "../../src/web/app.ts";
import { createContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";
import { startSink } from "../support/smtp_sink.ts";

const context = await createContext();
const app = createApp(context);
await addPapers(
  context,
  paper({
    arxivId: "2611.90999",
    title: "Speech <b>&</b> $\\alpha$-boats",
    abstract: "It is about speech.",
    upvotes: 4,
  }),
  paper({ arxivId: "hep-th/9901001", title: "An old paper" }),
);
const reader = await addReader(context, { email: "ada@example.org", interests: "speech" });
const token = (purpose: Purpose, id = reader) => deriveToken(context.config.secret, purpose, id);

async function post(path: string, form: Record<string, string> = {}, headers: Record<string, string> = {}) {
  return app.request(path, { method: "POST", body: new URLSearchParams(form), headers });
}

/** Everything in the database, with the version of each row. */
async function everything({ sql }: Context): Promise<string> {
  const tables = await sql<
    { name: string }[]
  >`select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`;
  const contents = [];
  for (const { name } of tables)
    contents.push(await sql`select xmin::text, t::text as row from ${sql(name)} t order by 2`);
  return JSON.stringify(contents);
}

test("GET and HEAD of every link in every mail change no row", async () => {
  const sink = await startSink();
  await match(context);
  await plan(context);
  await deliver(context, createMailer(context.config, sink.url), await compileTemplates());
  const links = new Set(
    sink.mails.flatMap(
      (mail) =>
        mail.raw
          .replace(/=\r\n/g, "")
          .replaceAll("=3D", "=")
          .match(/https:\/\/papers\.example\.org[^\s"<>)]*/g) ?? [],
    ),
  );
  expect(links.size).toBeGreaterThan(5);
  const before = await everything(context);
  for (const link of links)
    for (const method of ["GET", "HEAD"])
      expect((await app.request(link.replace("https://papers.example.org", ""), { method })).status, link).toBe(200);
  for (const purpose of ["fewer", "resubscribe"] as const)
    expect((await app.request(`/${purpose}/${token(purpose)}`)).status).toBe(200);
  expect(await everything(context)).toBe(before);
});

test("the answer to the form is the same, in status and body, whatever is known of the address", async () => {
  const bodies = new Set<string>();
  for (const email of ["new@example.org", "ada@example.org"]) {
    const response = await post("/subscribe", { email, interests: "speech" });
    expect(response.status).toBe(200);
    bodies.add((await response.text()).replaceAll(email, "EMAIL"));
  }
  expect(bodies.size).toBe(1);
});

test("a form with mistakes comes back with what was typed and a message at each field", async () => {
  const response = await post("/subscribe", {
    email: "a@b.com,c@d.e",
    interests: 'say "ah',
    hour: "9",
    cadence: "weekly",
  });
  expect(response.status).toBe(422);
  const body = await response.text();
  expect(body).toContain('value="a@b.com,c@d.e" aria-invalid="true" aria-describedby="email-error"');
  expect(body).toContain("Type one address only.");
  expect(body).toContain("say &quot;ah</textarea>");
  expect(body).toContain('<option value="9" selected>');
});

test("one-click unsubscribing needs no cookie, Origin or fetch header, and answers 200 without a redirect", async () => {
  const id = await addReader(context);
  const senders: Record<string, string>[] = [
    {},
    { origin: "https://mail.example.com", "sec-fetch-site": "cross-site" },
  ];
  for (const headers of senders) {
    const response = await post(
      `/unsubscribe/${token("unsubscribe", id)}`,
      { "List-Unsubscribe": "One-Click" },
      headers,
    );
    expect(response.status).toBe(200);
    expect(response.redirected).toBe(false);
  }
  const [row] = await context.sql`select status from subscribers where id = ${id}`;
  expect(row?.status).toBe("unsubscribed");
});

test("a form posted from another site is refused, except one-click unsubscribing", async () => {
  const paths = [
    "/subscribe",
    `/confirm/${token("confirm", 1)}`,
    `/preferences/${token("preferences")}`,
    `/fewer/${token("fewer")}`,
  ];
  const foreign: Record<string, string>[] = [
    { origin: "https://evil.example" },
    { "sec-fetch-site": "cross-site" },
    { origin: "null" },
  ];
  for (const headers of foreign)
    for (const path of paths) expect((await post(path, { email: "x@example.org" }, headers)).status, path).toBe(403);
  const ours = { origin: "https://papers.example.org", "sec-fetch-site": "same-origin" };
  expect((await post("/subscribe", { email: "x@example.org" }, ours)).status).toBe(200);
});

test("a link of another purpose, another reader's, or none at all works nowhere", async () => {
  const purposes: Purpose[] = ["confirm", "preferences", "unsubscribe", "fewer", "resubscribe"];
  const before = await context.sql`select * from subscribers order by id`;
  for (const page of purposes)
    for (const value of [
      ...purposes.filter((it) => it !== page).map((it) => token(it)),
      "x".repeat(32),
      "%00",
      "'; drop table papers",
    ])
      for (const method of ["GET", "POST"])
        expect(
          (await app.request(`/${page}/${encodeURIComponent(value)}`, { method })).status,
          `${method} ${page} ${value}`,
        ).toBe(404);
  expect(await context.sql`select * from subscribers order by id`).toEqual(before);
});

test("preferences are shown and changed with the link alone", async () => {
  const path = `/preferences/${token("preferences")}`;
  expect(await (await app.request(path)).text()).toContain("speech</textarea>");
  const response = await post(path, {
    interests: "robots",
    cadence: "weekly",
    weekday: "3",
    hour: "18",
    timezone: "Asia/Tokyo",
    limit: "5",
  });
  expect(await response.text()).toContain("Saved. Every Wednesday at 18:00, Asia/Tokyo time.");
  const [row] =
    await context.sql`select cadence, weekday, hour, timezone, paper_limit, trending from subscribers where id = ${reader}`;
  expect(row).toEqual({
    cadence: "weekly",
    weekday: 3,
    hour: 18,
    timezone: "Asia/Tokyo",
    paper_limit: 5,
    trending: false,
  });
});

test("papers are shown escaped, with TeX as mathematics, at the address of their id, old ids too", async () => {
  const body = await (await app.request("/papers/2611.90999")).text();
  expect(body).toContain("Speech &lt;b&gt;&amp;&lt;/b&gt; <math><mi>α</mi></math>-boats");
  expect(body).toContain("<title>Speech &lt;b&gt;&amp;&lt;/b&gt; α-boats · Paper Round</title>");
  expect((await app.request("/papers/hep-th/9901001")).status).toBe(200);
  expect((await app.request("/papers/2611.00000")).status).toBe(404);
});

test.each([
  "",
  "?q=speech",
  "?q=speech&sort=new",
  "?date=2026-11-20",
  "?week=2026-W47",
  "?month=2026-11",
  "?page=2",
  "?page=x",
  "?sort=nonsense",
])("/papers%s answers 200", async (query) => {
  expect((await app.request(`/papers${query}`)).status).toBe(200);
});

test("a method that does not fit is told with those that do, in the site's own look", async () => {
  const paths = [...new Set(app.routes.filter((it) => it.method !== "ALL").map((it) => it.path))];
  expect(paths.length).toBeGreaterThan(25);
  for (const path of paths) {
    const address = path
      .replace(/:file\{[^/]*$/, "2026-11.xml")
      .replace(/:id\{[^}]*\}+/, "1")
      .replace(/:\w+/g, "x".repeat(32));
    const response = await app.request(address, { method: "DELETE" });
    expect(response.status, address).toBe(405);
    expect(response.headers.get("allow"), address).toMatch(/^(GET, HEAD|POST)/);
    if (!address.startsWith("/api/")) expect(await response.text()).toContain("Paper Round</a>");
  }
  expect((await app.request("/subscribe", { method: "PUT" })).headers.get("allow")).toBe("GET, HEAD, POST");
});

test("a page that there is not is told in the site's own look", async () => {
  const response = await app.request("/nowhere");
  expect(response.status).toBe(404);
  expect(await response.text()).toContain("There is no such page");
});

test("every answer carries the strict policy, and pages name no other host's scripts or styles", async () => {
  for (const path of ["/", "/papers", "/nowhere", `/unsubscribe/${token("unsubscribe")}`]) {
    const response = await app.request(path);
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("referrer-policy")).toBe("same-origin");
    expect(await response.text()).not.toMatch(/(src|href)="https?:\/\/[^"]*\.(js|css|woff2?)/);
  }
});

test("health and readiness are told", async () => {
  expect((await app.request("/healthz")).status).toBe(200);
  expect((await app.request("/readyz")).status).toBe(200);
});

test("a long abstract without spaces is cut all the same", async () => {
  await addPapers(context, paper({ title: "Chinese", abstract: "语".repeat(3000), upvotes: 900 }));
  const body = await (await app.request("/papers?q=chinese")).text();
  expect(body).toContain(`<span class="beginning">${"语".repeat(300)}… </span>`);
});
