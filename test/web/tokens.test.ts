import { expect, test } from "vitest";
import type { Context } from "../../src/context.ts";
import { plan } from "../../src/digests/plan.ts";
import { match } from "../../src/interests/match.ts";
import { actOnAddressChange, requestAddressChange } from "../../src/subscribers/change_address.ts";
import { subscribe } from "../../src/subscribers/subscribe.ts";
import { deriveToken, digestTokens, issueTokens, type Purpose, readerTokens } from "../../src/token.ts";
import { createApp } from "../../src/web/app.ts";
import { createContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";

/** Every page that a link of a mail, or a button on such a page, leads to, and what its token is for. */
const routes: [purposes: Purpose[], methods: string[], path: string][] = [
  [["confirm"], ["GET", "POST"], "/confirm/:token"],
  [["preferences"], ["GET", "POST"], "/preferences/:token"],
  ...["mute", "unmute", "pause", "resume", "address", "preview", "unvote", "forget-votes"].map(
    (button): [Purpose[], string[], string] => [["preferences"], ["POST"], `/preferences/:token/${button}`],
  ),
  [["preferences"], ["GET"], "/preferences/:token/data.json"],
  [["preferences"], ["GET"], "/preferences/:token/why"],
  [["preferences"], ["GET", "POST"], "/preferences/:token/erase"],
  [["unsubscribe"], ["GET", "POST"], "/unsubscribe/:token"],
  [["fewer"], ["GET", "POST"], "/fewer/:token"],
  [["resubscribe"], ["GET", "POST"], "/resubscribe/:token"],
  [["address", "address-undo"], ["GET", "POST"], "/address/:token"],
  [["digest"], ["GET"], "/digests/:token"],
  [["vote"], ["GET", "POST"], "/more/:token/:place"],
  [["vote"], ["GET", "POST"], "/less/:token/:place"],
];

const context = await createContext({}, "2026-11-20T06:00:00Z");
const app = createApp(context);
const { sql, config } = context;

/** A reader with a digest, a form that waits to be confirmed, and two changes of address: one made, one asked for. */
async function withEverything(email: string): Promise<Record<Purpose, string>> {
  const reader = await addReader(context, { email, interests: "speech" });
  const numberOf = async (table: string) =>
    (await sql<{ id: number }[]>`select max(id) as id from ${sql(table)} where subscriber_id = ${reader}`)[0]
      ?.id as number;
  await addPapers(context, paper({ title: "Speech" }));
  await match(context);
  await plan(context);
  await requestAddressChange(context, reader, `new.${email}`);
  const change = await numberOf("address_changes");
  await actOnAddressChange(context, deriveToken(config.secret, "address", change));
  await requestAddressChange(context, reader, `newer.${email}`);
  await subscribe(context, { email: `new.${email}`, interests: "robots" });
  // As the next mail would: the reader has moved once.
  await issueTokens(
    sql,
    context.clock(),
    readerTokens(config.secret, [{ subscriberId: reader, email: `new.${email}`, moves: 1 }]),
  );
  const own = (purpose: Purpose) => deriveToken(config.secret, purpose, reader, 1);
  return {
    confirm: deriveToken(config.secret, "confirm", await numberOf("subscription_requests")),
    digest: deriveToken(config.secret, "digest", await numberOf("digests")),
    vote: deriveToken(config.secret, "vote", await numberOf("digests"), 1),
    address: deriveToken(config.secret, "address", await numberOf("address_changes")),
    "address-undo": deriveToken(config.secret, "address-undo", change),
    preferences: own("preferences"),
    unsubscribe: own("unsubscribe"),
    fewer: own("fewer"),
    resubscribe: own("resubscribe"),
  };
}

const ada = await withEverything("ada@example.org");
const editions = await sql<Parameters<typeof digestTokens>[1][]>`
  select d.id as "subjectId", d.planned_at as "createdAt", s.id as "subscriberId", s.email, s.moves from digests d join subscribers s on s.id = d.subscriber_id`;
await issueTokens(
  sql,
  context.clock(),
  editions.flatMap((edition) => digestTokens(config.secret, edition)),
);

const ask = (path: string, token: string, method: string) =>
  app.request(path.replace(":token", encodeURIComponent(token)).replace(":place", "1"), {
    method,
    ...(method === "POST"
      ? { body: new URLSearchParams({ interests: "x", email: "eve@example.net", until: "2026-12-24" }) }
      : {}),
  });

/** What readers have, but for the mails about it. */
const everything = async ({ sql: of }: Context) =>
  JSON.stringify([
    await of`select * from subscribers order by id`,
    await of`select * from interests order by id`,
    await of`select * from address_changes order by id`,
    await of`select * from muted_interests order by 1, 2`,
    await of`select * from votes order by 1, 2`,
  ]);

const badly: [string, (good: string) => string][] = [
  ["cut short", (good) => good.slice(0, -1)],
  ["with a letter more", (good) => `${good}A`],
  ["with a letter changed", (good) => (good.startsWith("A") ? "B" : "A") + good.slice(1)],
  ["in capitals", (good) => (good === good.toUpperCase() ? good.toLowerCase() : good.toUpperCase())],
  ["that was never made", () => "x".repeat(32)],
  ["with a line break", (good) => `${good}\n`],
  ["with a NUL", (good) => `${good}\0`],
  ["of SQL", () => "' or '1'='1"],
  ["of 5,000 letters", () => "A".repeat(5000)],
  ["of dots", () => "..%2f.."],
];

test("every route that takes a token is in this list", () => {
  const known = new Set(routes.flatMap(([, methods, path]) => methods.map((method) => `${method} ${path}`)));
  const there = app.routes
    .filter((it) => it.method !== "ALL" && it.path.includes("/:token"))
    .map((it) => `${it.method} ${it.path}`);
  expect([...new Set(there)].sort()).toEqual([...known].sort());
});

test.each(routes)(
  "a link for %s opens %s %s, and no broken one does, nor one for anything else",
  async (purposes, methods, path) => {
    const before = await everything(context);
    for (const method of methods) {
      const isUsed = method === "POST";
      if (!isUsed)
        for (const purpose of purposes) expect((await ask(path, ada[purpose], method)).status, purpose).toBe(200);
      for (const [how, break_] of badly)
        expect((await ask(path, break_(ada[purposes[0] as Purpose]), method)).status, `${method} ${how}`).toBe(404);
      const others = (Object.keys(ada) as Purpose[]).filter((purpose) => !purposes.includes(purpose));
      for (const other of others) expect((await ask(path, ada[other], method)).status, `${method} ${other}`).toBe(404);
    }
    expect(await everything(context)).toBe(before);
  },
);

test("what expires does so on the minute, whatever its page: a form, a new address, the way back from it", async () => {
  const eve = await withEverything("eve@example.org");
  const expiring: [string, string][] = [
    ["/confirm/:token", eve.confirm],
    ["/address/:token", eve.address],
    ["/address/:token", eve["address-undo"]],
  ];
  context.setNow("2026-11-27T05:59:59Z");
  for (const [path, token] of expiring) expect((await ask(path, token, "GET")).status).toBe(200);
  context.setNow("2026-11-27T06:00:00Z");
  const before = await everything(context);
  for (const [path, token] of expiring)
    for (const method of ["GET", "POST"]) expect((await ask(path, token, method)).status).toBe(404);
  expect(await everything(context)).toBe(before);
  for (const purpose of ["preferences", "unsubscribe", "fewer"] as const)
    expect((await ask(`/${purpose}/:token`, eve[purpose], "GET")).status).toBe(200);
  context.setNow("2026-11-20T06:00:00Z");
});

test("a link that is used again does nothing more, and says what holds", async () => {
  const bob = await withEverything("bob@example.org");
  for (const [path, token] of [
    ["/confirm/:token", bob.confirm],
    ["/address/:token", bob.address],
  ] as const) {
    expect((await ask(path, token, "POST")).status).toBe(200);
    const before = await everything(context);
    expect((await ask(path, token, "POST")).status).toBe(200);
    expect(await (await ask(path, token, "GET")).text()).toContain("This is done already");
    expect(await everything(context)).toBe(before);
  }
});
