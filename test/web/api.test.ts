import fc from "fast-check";
import { expect, test } from "vitest";
import { paperSchema, papersSchema, previewSchema, problemSchema } from "../../src/web/api/schemas.ts";
import { createApp } from "../../src/web/app.ts";
import { createContext } from "../support/context.ts";
import { addPapers, paper } from "../support/make.ts";

async function site() {
  const context = await createContext({}, "2026-11-20T10:00:00Z");
  const app = createApp(context);
  const get = async (path: string, headers: Record<string, string> = {}) => app.request(`/api/v1${path}`, { headers });
  const post = async (path: string, body: unknown, headers: Record<string, string> = {}) =>
    app.request(`/api/v1${path}`, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers },
    });
  return { context, app, get, post };
}

test.each(["trending", "new", "relevance"])(
  "cursors ordered by %s bring each paper once while new papers come in between",
  async (sort) => {
    const { context, get } = await site();
    const some = (count: number) =>
      Array.from({ length: count }, (_, at) => paper({ title: "Speech", upvotes: at % 5 }));
    await addPapers(context, ...some(23));
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const response = await get(`/papers?q=speech&limit=5&sort=${sort}${cursor && `&cursor=${cursor}`}`);
      expect(response.headers.get("link") !== null).toBe(seen.length < 20);
      const page = papersSchema.parse(await response.json());
      seen.push(...page.papers.map((it) => it.id));
      cursor = page.next;
      context.setNow(context.clock().add({ minutes: 1 }));
      await addPapers(context, ...some(4));
    }
    expect(seen).toHaveLength(23);
    expect(new Set(seen).size).toBe(23);
  },
);

test("papers are found by search, category and date, and one by its id, old ids too", async () => {
  const { context, get } = await site();
  const listings = [{ source: "huggingface", section: "", kind: "daily" as const, date: "2026-11-19" }];
  await addPapers(
    context,
    paper({ arxivId: "2611.10001", title: "Speech $\\alpha$", categories: ["cs.RO"], listings }),
    paper({ arxivId: "hep-th/9901001", title: "Speech or boats", categories: ["hep-th"] }),
  );
  const ids = async (query: string) =>
    papersSchema.parse(await (await get(`/papers?${query}`)).json()).papers.map((it) => it.id);
  expect(await ids("q=speech&category=cs.RO")).toEqual(["2611.10001"]);
  expect(await ids("q=boats%20OR%20quays&category=hep-th")).toEqual(["hep-th/9901001"]);
  expect(await ids("q=boats&category=cs.RO")).toEqual([]);
  expect(await ids("date=2026-11-19")).toEqual(["2611.10001"]);
  expect(await ids("month=2026-10")).toEqual([]);
  const one = paperSchema.parse(await (await get("/papers/hep-th%2F9901001")).json());
  expect(one).toMatchObject({ title: "Speech or boats", url: "https://papers.example.org/papers/hep-th/9901001" });
  expect(papersSchema.parse(await (await get("/papers?q=speech&category=cs.RO")).json()).papers[0]?.title).toBe(
    "Speech α",
  );
});

test("a preview is the same by address and by body", async () => {
  const { context, get, post } = await site();
  await addPapers(context, paper({ title: "Speech", publishedOn: "2026-11-19" }));
  const byAddress = previewSchema.parse(await (await get("/preview?interests=speech%0Asay%20%22ah")).json());
  const byBody = previewSchema.parse(await (await post("/preview", { interests: ["speech", 'say "ah'] })).json());
  expect(byBody).toEqual(byAddress);
  expect(byAddress).toMatchObject({ lastWeek: 1, errors: [{ line: 1, position: 4, length: 3, mend: 'say "ah"' }] });
  expect((await post("/preview", { interests: Array(13).fill("speech") })).status).toBe(422);
});

test("a subscription is asked for as by the form: the same answer whatever is known, nothing in force before it is confirmed", async () => {
  const { context, post } = await site();
  const bodies = new Set<string>();
  for (const email of ["ada@example.org", "ada@example.org", "bob@example.org"]) {
    const response = await post("/subscriptions", {
      email,
      interests: ["speech", "boats"],
      cadence: "weekly",
      weekday: 3,
    });
    expect(response.status).toBe(202);
    bodies.add((await response.text()).replaceAll(email, "EMAIL"));
  }
  expect(bodies.size).toBe(1);
  const rows =
    await context.sql`select s.email, s.status, r.preferences from subscribers s join subscription_requests r on r.subscriber_id = s.id order by r.id`;
  expect(rows[0]).toMatchObject({
    status: "pending",
    preferences: { interests: "speech\nboats", cadence: "weekly", weekday: 3 },
  });
  expect(await context.sql`select from interests`).toHaveLength(0);
});

test.each([
  ["a search that can't be read", "GET", "/papers?q=say%20%22ah", undefined, 422, "q"],
  ["a category that can't be one", "GET", "/papers?category=-a", undefined, 422, "category"],
  ["a number that is none", "GET", "/papers?limit=many", undefined, 422, "limit"],
  ["a cursor that is not ours", "GET", "/papers?cursor=nonsense", undefined, 422, "cursor"],
  [
    "a cursor of another order",
    "GET",
    `/papers?sort=new&cursor=${cursor({ key: "6896.3", id: 1 })}`,
    undefined,
    422,
    "cursor",
  ],
  ["a week that there is not", "GET", "/papers?week=2026-W54", undefined, 422, "date"],
  ["a paper that is not here", "GET", "/papers/2611.00000", undefined, 404, undefined],
  ["an address that is none", "POST", "/subscriptions", { email: "nonsense" }, 422, "email"],
  ["an hour in words", "POST", "/subscriptions", { email: "a@example.org", hour: "seven" }, 422, "hour"],
  ["a zone that is none", "POST", "/subscriptions", { email: "a@example.org", timezone: "Mars" }, 422, "timezone"],
  [
    "an interest that can't be read",
    "POST",
    "/subscriptions",
    { email: "a@example.org", interests: ["-x"] },
    422,
    "interests",
  ],
  ["half a JSON", "POST", "/subscriptions", '{"email":', 400, undefined],
  ["nothing at all", "GET", "/nothing", undefined, 404, undefined],
] as [string, string, string, unknown, number, string | undefined][])(
  "%s is told as problem details",
  async (_name, method, path, body, status, field) => {
    const { get, post } = await site();
    const response = method === "GET" ? await get(path) : await post(path, body);
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    const problem = problemSchema.parse(await response.json());
    expect(problem.status).toBe(status);
    expect(problem.errors?.[0]?.field).toBe(field);
  },
);

test("what is no JSON, too large, or from another site is refused", async () => {
  const { post, get } = await site();
  expect(
    (await post("/subscriptions", "email=a@example.org", { "content-type": "application/x-www-form-urlencoded" }))
      .status,
  ).toBe(415);
  expect((await post("/subscriptions", { email: "a@example.org", interests: "x".repeat(300_000) })).status).toBe(413);
  const foreign = await post("/subscriptions", { email: "a@example.org" }, { origin: "https://evil.example" });
  expect(foreign.status).toBe(403);
  expect(foreign.headers.get("access-control-allow-origin")).toBe(null);
  expect((await get("/papers", { origin: "https://other.example" })).headers.get("access-control-allow-origin")).toBe(
    "*",
  );
});

test("the description has each operation, and its schemas are those that check the requests", async () => {
  const { get } = await site();
  const description = (await (await get("/openapi.json")).json()) as {
    openapi: string;
    paths: Record<string, Record<string, unknown>>;
    components: { schemas: Record<string, { properties: Record<string, { maximum?: number; enum?: string[] }> }> };
  };
  expect(description.openapi).toBe("3.1.0");
  expect(Object.entries(description.paths).map(([path, methods]) => `${path} ${Object.keys(methods)}`)).toEqual([
    "/papers get",
    "/papers/{id} get",
    "/preview get,post",
    "/subscriptions post",
  ]);
  const { properties } = description.components.schemas.Subscription as { properties: Record<string, object> };
  expect(properties.hour).toMatchObject({ type: "integer", minimum: 0, maximum: 23, default: 8 });
  expect(properties.cadence).toMatchObject({ enum: ["daily", "weekdays", "weekly"] });
});

test("whatever is asked, the answer is one that the description knows", async () => {
  const { context, get, post } = await site();
  await addPapers(context, paper({ title: "Speech" }));
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.string({ maxLength: 60 }),
    fc.constantFrom(
      '"',
      "*",
      "-x",
      "(((",
      "a OR",
      "title:",
      "💬",
      "שלום",
      "';drop table papers--",
      "\0",
      "<b>",
      "%",
      "\\",
      "'s",
    ),
  );
  const query = fc.record(
    {
      q: text,
      category: fc.oneof(text, fc.constant("cs.CL")),
      date: fc.oneof(text, fc.constantFrom("2026-11-20", "0000-01-01", "9999-12-31")),
      week: text,
      month: text,
      sort: fc.oneof(text, fc.constantFrom("new", "trending", "relevance")),
      limit: fc.oneof(text, fc.integer().map(String)),
      cursor: fc.oneof(text, fc.record({ key: text, id: fc.integer() }).map(cursor)),
      interests: text,
    },
    { requiredKeys: [] },
  );
  const check = async (response: Response, schema: { parse: (value: unknown) => unknown }) => {
    expect(response.status).toBeLessThan(500);
    const isProblem = response.headers.get("content-type") === "application/problem+json";
    expect(isProblem).toBe(response.status >= 400);
    (isProblem ? problemSchema : schema).parse(await response.json());
  };
  await fc.assert(
    fc.asyncProperty(query, text, async (asked, other) => {
      const address = new URLSearchParams(asked);
      await check(await get(`/papers?${address}`), papersSchema);
      await check(await get(`/papers/${encodeURIComponent(other)}?${address}`), paperOrList);
      await check(await get(`/preview?${address}`), previewSchema);
      await check(await post("/preview", { interests: [other, asked.q ?? ""] }), previewSchema);
      await check(await post("/subscriptions", { email: other, interests: asked.q, hour: asked.limit }), problemSchema);
    }),
    { numRuns: 60 },
  );
});

/** An empty id is the list. */
const paperOrList = {
  parse: (value: unknown) => (papersSchema.safeParse(value).success ? value : paperSchema.parse(value)),
};

function cursor(after: { key: string; id: number }): string {
  return Buffer.from(JSON.stringify({ until: "2026-11-20T10:00:00Z", after })).toString("base64url");
}
