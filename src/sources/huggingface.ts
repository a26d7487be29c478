import { z } from "zod";
import type { Context } from "../context.ts";
import { parseArxivId } from "../papers/identity.ts";
import { get, SourceError } from "./http.ts";
import {
  authority,
  isoDate,
  oneLine,
  type PaperRecord,
  paragraphs,
  type Reading,
  type Source,
  webAddress,
} from "./source.ts";

/** Papers are looked at again for a week, because that is how long their upvotes and comments move. */
const daysLookedAt = 7;
const pause = { minutes: 30 };

/** Hugging Face Daily Papers, `GET /api/daily_papers`. */
export const huggingface: Source = {
  name: "huggingface",
  async *latest(context) {
    const today = context.clock().toZonedDateTimeISO("UTC").toPlainDate();
    yield* dailyPapers(context, today.subtract({ days: daysLookedAt - 1 }), today);
    yield { papers: [], skipped: [], state: { nextPollAt: context.clock().add(pause) } };
  },
};

/** The daily papers of each date from `from` to `to`. */
export async function* dailyPapers(
  { config }: Context,
  from: Temporal.PlainDate,
  to: Temporal.PlainDate,
): AsyncGenerator<Reading> {
  const userAgent = `PaperRound (+${config.baseUrl})`;
  for (let date = from; Temporal.PlainDate.compare(date, to) <= 0; date = date.add({ days: 1 })) {
    const seen = new Set<string>();
    let address: string | undefined = new URL(`${config.hfUrl}/api/daily_papers?date=${date}&limit=100`).href;
    while (address && !seen.has(address)) {
      seen.add(address);
      const { text, next } = await get(address, { userAgent });
      yield readDailyPapers(parseArray(text));
      // The link is the source's word, not ours: only its own host is followed, and no page twice.
      const following: URL | null = next ? URL.parse(next, address) : null;
      address = following?.origin === new URL(address).origin ? following.href : undefined;
    }
  }
}

function parseArray(text: string): unknown[] {
  try {
    const answer: unknown = JSON.parse(text);
    if (Array.isArray(answer)) return answer;
  } catch {}
  throw new SourceError(`Hugging Face sent no JSON array but ${JSON.stringify(text.slice(0, 60))}`);
}

const lenientText = z.string().optional().catch(undefined);
const lenientCount = z.number().int().min(0).max(2_000_000_000).optional().catch(undefined);
const organizationSchema = z
  .union([z.string(), z.object({ fullname: lenientText, name: lenientText }).transform((it) => it.fullname || it.name)])
  .optional()
  .catch(undefined);
/** Fields come and go: without an id or a title an entry is no paper, all else may be missing or odd. */
const entrySchema = z.object({
  title: lenientText,
  summary: lenientText,
  numComments: lenientCount,
  organization: organizationSchema,
  paper: z.object({
    id: z.string(),
    title: lenientText,
    summary: lenientText,
    authors: z.array(z.unknown()).catch([]),
    publishedAt: lenientText,
    submittedOnDailyAt: lenientText,
    upvotes: lenientCount,
    githubRepo: lenientText,
    projectPage: lenientText,
    organization: organizationSchema,
  }),
});
const authorSchema = z.object({ name: z.string(), hidden: z.boolean().optional().catch(undefined) });

/** The entries of a daily-papers array. */
export function readDailyPapers(entries: unknown[]): Reading {
  const reading: Reading = { papers: [], skipped: [] };
  entries.forEach((entry, index) => {
    const result = readEntry(entry);
    if (typeof result === "string")
      reading.skipped.push({ entry: nameOf(entry, index, entries.length), reason: result });
    else reading.papers.push(result);
  });
  return reading;
}

function readEntry(entry: unknown): PaperRecord | string {
  if (typeof entry !== "object" || entry === null)
    return `it is ${typeof entry === "string" ? "a string" : String(entry)}, not an object`;
  const parsed = entrySchema.safeParse(entry);
  if (!parsed.success) return "it has no `paper` with an `id`";
  const { paper, ...outer } = parsed.data;
  const arxiv = parseArxivId(paper.id);
  if (!arxiv) return `its id ${JSON.stringify(paper.id.slice(0, 40))} is no arXiv id`;
  const title = oneLine(paper.title || outer.title || "");
  if (!title) return "it has no title";
  const listedOn = isoDate(paper.submittedOnDailyAt ?? "");
  return {
    arxivId: arxiv.id,
    version: arxiv.version,
    title,
    abstract: paragraphs(paper.summary || outer.summary || ""),
    authors: visibleAuthors(paper.authors),
    organization: oneLine(outer.organization || paper.organization || "") || undefined,
    categories: [],
    publishedOn: isoDate(paper.publishedAt ?? ""),
    upvotes: paper.upvotes,
    comments: outer.numComments,
    codeUrl: webAddress(paper.githubRepo),
    projectUrl: webAddress(paper.projectPage),
    authority: authority.huggingface,
    listings: listedOn ? [{ source: "huggingface", section: "", kind: "daily", date: listedOn }] : [],
  };
}

function visibleAuthors(authors: unknown[]): string[] {
  return authors
    .map((author) => authorSchema.safeParse(author).data)
    .filter((author) => author !== undefined && !author.hidden)
    .map((author) => oneLine((author as { name: string }).name))
    .filter(Boolean);
}

function nameOf(entry: unknown, index: number, count: number): string {
  const { title, paper } = (entry ?? {}) as { title?: unknown; paper?: { id?: unknown } };
  const name = [paper?.id, title].filter((part) => typeof part === "string").join(" ");
  return `entry ${index + 1} of ${count}${name ? ` (${oneLine(name).slice(0, 80)})` : ""}`;
}
