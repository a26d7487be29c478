import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Context } from "../context.ts";
import { readArxivXml } from "./arxiv_xml.ts";
import { type Answer, get } from "./http.ts";
import type { Reading, Source, SourceState } from "./source.ts";

/** arXiv's feeds have a batch at midnight of this zone. */
export const arxivZone = "America/New_York";
const retryPause = { minutes: 30 };
const apiPageSize = 1000;
/** Longer than any request may take: the slot of a process that died is free again after this. */
const slotSeconds = 60;

/** The announcements of one category: `rss.arxiv.org/rss/CATEGORY`, asked for apart because a feed holds 2,000 rows at most. */
export function arxivCategory(category: string): Source {
  return {
    name: arxivSource(category),
    async *latest(context, state) {
      const address = `${context.config.arxivRssUrl}/rss/${category}`;
      const answer = await politeGet(context, address, state.etag);
      const again = context.clock().add(retryPause);
      if (answer.unchanged)
        return yield { papers: [], skipped: [], state: { nextPollAt: nextPoll(context, state.batchDate) } };

      const page = readArxivXml(answer.text);
      const fingerprint = fingerprintOf(page);
      const date = page.date ? Temporal.PlainDate.from(page.date) : null;
      const served = { etag: answer.etag };
      // Yesterday's batch has been served under today's date: what was read already is no news, so ask again soon.
      const stale = fingerprint === state.batchFingerprint && date?.toString() !== state.batchDate?.toString();
      if (stale || page.papers.length === 0)
        return yield {
          papers: [],
          skipped: page.skipped,
          state: { ...served, nextPollAt: stale ? again : nextPoll(context, date) },
        };
      yield {
        papers: page.papers,
        skipped: page.skipped,
        state: { ...served, batchFingerprint: fingerprint, batchDate: date, nextPollAt: nextPoll(context, date) },
      };
    },
  };
}

/** Papers submitted from `from` to `to` in the configured categories, from the API, 30,000 at most for a question. */
export async function* arxivSubmitted(
  context: Context,
  from: Temporal.PlainDate,
  to: Temporal.PlainDate,
): AsyncGenerator<Reading> {
  const compact = (date: Temporal.PlainDate) => date.toString().replaceAll("-", "");
  const categories = context.config.arxivCategories.map((category) => `cat:${category}`).join(" OR ");
  const question = `(${categories}) AND submittedDate:[${compact(from)}0000 TO ${compact(to)}2359]`;
  for (let start = 0, total = 1; start < total; start += apiPageSize) {
    const parameters = new URLSearchParams({
      search_query: question,
      sortBy: "submittedDate",
      sortOrder: "ascending",
      start: String(start),
      max_results: String(apiPageSize),
    });
    const answer = await politeGet(context, `${context.config.arxivApiUrl}/api/query?${parameters}`, null);
    const page = readArxivXml(answer.text);
    total = page.total ?? 0;
    yield page;
  }
}

/** One request at a time and a pause between two, for all of arXiv and across all machines, as arXiv asks. */
async function politeGet(context: Context, address: string, etag: string | null): Promise<Answer> {
  for (let wait = await takeSlot(context); wait > 0; wait = await takeSlot(context)) await delay(wait * 1000);
  try {
    return await get(address, { userAgent: `PaperRound (+${context.config.baseUrl})`, etag });
  } finally {
    await freeSlot(context);
  }
}

/** Takes the slot and answers 0, or answers the seconds until it may be free. Real time, of one clock: it is about arXiv, not about us. */
async function takeSlot({ sql }: Context): Promise<number> {
  const [taken] = await sql`
    insert into request_slots (host, free_at) values ('arxiv', clock_timestamp() + ${slotSeconds} * interval '1 second')
    on conflict (host) do update set free_at = excluded.free_at where request_slots.free_at <= clock_timestamp()
    returning host`;
  if (taken) return 0;
  const [slot] = await sql<{ seconds: number }[]>`
    select extract(epoch from free_at - clock_timestamp())::float8 as seconds from request_slots where host = 'arxiv'`;
  return Math.min(Math.max(slot?.seconds ?? 0, 0.05), 1);
}

async function freeSlot({ sql, config }: Context): Promise<void> {
  await sql`
    update request_slots set free_at = clock_timestamp() + ${config.arxivInterval} * interval '1 second'
    where host = 'arxiv'`;
}

/** Soon after the next midnight in New York once today's batch is here or none is to come, else in half an hour. */
function nextPoll({ clock }: Context, batchDate: SourceState["batchDate"]): Temporal.Instant {
  const now = clock().toZonedDateTimeISO(arxivZone);
  const weekend = now.dayOfWeek > 5;
  const have = batchDate !== null && Temporal.PlainDate.compare(batchDate, now.toPlainDate()) >= 0;
  if (!weekend && !have) return clock().add(retryPause);
  return now.toPlainDate().add({ days: 1 }).toZonedDateTime({ timeZone: arxivZone, plainTime: "00:10" }).toInstant();
}

function fingerprintOf(reading: Reading): string {
  const ids = reading.papers.map((paper) => `${paper.arxivId}v${paper.version ?? 1}`).sort();
  return createHash("sha256").update(ids.join(" ")).digest("base64url");
}

/** What the source of a category is called. */
export function arxivSource(category: string): string {
  return `arxiv ${category}`;
}
