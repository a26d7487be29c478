import { describeError } from "../errors.ts";

const limits = { milliseconds: 25_000, bytes: 64 * 1024 * 1024 };

/** A source that did not answer as hoped. `retryAfter` is the pause in seconds that it asked for. */
export class SourceError extends Error {
  readonly retryAfter: number | undefined;
  constructor(message: string, retryAfter?: number) {
    super(message);
    this.name = "SourceError";
    this.retryAfter = retryAfter;
  }
}

export type Answer = { unchanged: boolean; text: string; etag: string | null; next: string | undefined };

/**
 * GETs a page of a source. With `etag`, an answer of 304 is `unchanged` with no text. `next` is the address in the `Link`
 * header. Throws `SourceError` for any other status, a stalled or broken answer, or one too large (decompressed).
 */
export async function get(address: string, options: { userAgent: string; etag?: string | null }): Promise<Answer> {
  const headers: Record<string, string> = { "user-agent": options.userAgent };
  if (options.etag) headers["if-none-match"] = options.etag;
  const place = new URL(address).host;
  try {
    const response = await fetch(address, { headers, signal: AbortSignal.timeout(limits.milliseconds) });
    if (response.status === 304) return { unchanged: true, text: "", etag: options.etag ?? null, next: undefined };
    const text = await boundedText(response);
    if (!response.ok) {
      const said = text
        .replace(/<[^>]*>/g, " ")
        .replace(/\s+/g, " ")
        .trim()
        .slice(0, 120);
      throw new SourceError(`${place} answered ${response.status}: ${said}`, pauseAskedFor(response.headers));
    }
    return { unchanged: false, text, etag: response.headers.get("etag"), next: nextLink(response.headers) };
  } catch (error) {
    if (error instanceof SourceError) throw error;
    const stalled = error instanceof Error && error.name === "TimeoutError";
    const reason = stalled ? `gave no whole answer within ${limits.milliseconds / 1000} seconds` : describeError(error);
    throw new SourceError(`${place}: ${reason}`);
  }
}

async function boundedText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    // Counted after decompression: a few kilobytes of gzip can stand for a gigabyte.
    if (bytes > limits.bytes)
      throw new SourceError(`${new URL(response.url).host} sent more than ${limits.bytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function pauseAskedFor(headers: Headers): number | undefined {
  const seconds = /;\s*t=(\d+)/.exec(headers.get("ratelimit") ?? "")?.[1] ?? headers.get("retry-after");
  return seconds && /^\d+$/.test(seconds) ? Number(seconds) : undefined;
}

function nextLink(headers: Headers): string | undefined {
  return /<([^>]+)>\s*;\s*rel="?next"?/.exec(headers.get("link") ?? "")?.[1];
}
