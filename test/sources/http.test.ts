import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { get, SourceError } from "../../src/sources/http.ts";
import { startUpstream } from "../support/upstream.ts";

const answers: Record<string, string | ((response: ServerResponse) => void)> = {};
const upstream = await startUpstream((path) => answers[path] ?? "");
const host = new URL(upstream.url).host;

let made = 0;
async function ask(answer: string | ((response: ServerResponse) => void), etag?: string) {
  const path = `/page${++made}`;
  answers[path] = answer;
  return get(`${upstream.url}${path}`, {
    userAgent: "PaperRound (+https://papers.example.org)",
    ...(etag ? { etag } : {}),
  });
}

async function failure(answer: string | ((response: ServerResponse) => void)): Promise<SourceError> {
  const error = await ask(answer).catch((it) => it);
  expect(error).toBeInstanceOf(SourceError);
  expect(error.message).toContain(host);
  return error;
}

test("an answer is its text, its ETag and the address of the next page", async () => {
  const answer = await ask((response) =>
    response.writeHead(200, { etag: '"one"', link: '</first>; rel="first", </page?p=2>; rel="next"' }).end("Grüße"),
  );
  expect(answer).toEqual({ unchanged: false, text: "Grüße", etag: '"one"', next: "/page?p=2" });
});

test("a plain answer has neither ETag nor next page", async () => {
  expect(await ask("text")).toEqual({ unchanged: false, text: "text", etag: null, next: undefined });
  const previous = await ask((response) => response.writeHead(200, { link: '</page?p=1>; rel="prev"' }).end());
  expect(previous.next).toBeUndefined();
});

test("a request says who asks", async () => {
  await ask("");
  expect(upstream.requests.at(-1)?.headers["user-agent"]).toBe("PaperRound (+https://papers.example.org)");
});

test("an ETag is sent, and 304 is no change", async () => {
  const answer = await ask((response) => response.writeHead(304).end(), '"one"');
  expect(upstream.requests.at(-1)?.headers["if-none-match"]).toBe('"one"');
  expect(answer).toMatchObject({ unchanged: true, text: "", etag: '"one"' });
});

test("a character cut in two by the network is put together again", async () => {
  const bytes = Buffer.from("é日");
  const { text } = await ask((response) => {
    response.write(bytes.subarray(0, 1), () =>
      response.write(bytes.subarray(1, 3), () => response.end(bytes.subarray(3))),
    );
  });
  expect(text).toBe("é日");
});

test("a compressed answer is read", async () => {
  const { text } = await ask((response) =>
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("whole")),
  );
  expect(text).toBe("whole");
});

test.each([
  ['"api";r=0;t=55', "7", 55],
  [undefined, "120", 120],
  ['"api";r=0', "120", 120],
  [undefined, undefined, undefined],
  [undefined, "soon", undefined],
])("429 with RateLimit %s and Retry-After %s asks for a pause of %s seconds", async (rateLimit, retryAfter, pause) => {
  const error = await failure((response) => {
    if (rateLimit) response.setHeader("RateLimit", rateLimit);
    if (retryAfter) response.setHeader("Retry-After", retryAfter);
    response.writeHead(429).end("<html><body><h1>Slow\ndown</h1></body></html>");
  });
  expect(error.message).toBe(`${host} answered 429: Slow down`);
  expect(error.retryAfter).toBe(pause);
});

test("an error page of any length is told in a line", async () => {
  const error = await failure((response) => response.writeHead(503).end(`<p>${"sorry\n".repeat(10_000)}</p>`));
  expect(error.message).toMatch(/answered 503: sorry sorry/);
  expect(error.message.length).toBeLessThan(200);
  expect(error.message).not.toContain("\n");
});

test("a connection that is reset is told, before the answer and in the midst of it", async () => {
  const before = await failure((response) => response.socket?.resetAndDestroy());
  expect(before.message).toMatch(/ECONNRESET|fetch failed|socket/);
  await failure((response) => {
    response.writeHead(200, { "content-length": "1000" });
    response.write("half", () => response.socket?.destroy());
  });
});

test("a server that is not there is told", async () => {
  const error = await get("http://127.0.0.1:9/", { userAgent: "test" }).catch((it) => it);
  expect(error).toBeInstanceOf(SourceError);
  expect(error.message).toContain("127.0.0.1:9");
});

test("redirects are followed, but not in circles", async () => {
  answers["/target"] = "found";
  const redirected = await ask((response) => response.writeHead(302, { location: "/target" }).end());
  expect(redirected.text).toBe("found");
  answers["/circle"] = (response) => response.writeHead(302, { location: "/circle" }).end();
  const error = await failure((response) => response.writeHead(302, { location: "/circle" }).end());
  expect(error.message).toContain("redirect");
});

test("a few kilobytes that unpack to more than is read are refused", async () => {
  const bomb = gzipSync(Buffer.alloc(70 * 1024 * 1024));
  expect(bomb.length).toBeLessThan(100_000);
  const error = await failure((response) => response.writeHead(200, { "content-encoding": "gzip" }).end(bomb));
  expect(error.message).toMatch(/sent more than \d+ bytes/);
});

test("what claims to be gzip and is not is told", async () => {
  await failure((response) => response.writeHead(200, { "content-encoding": "gzip" }).end("plain"));
});
