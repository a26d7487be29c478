import type { Context } from "../context.ts";

/** A paper's appearance in a source. `section` is the arXiv category that announced it, else empty. */
export type Listing = {
  source: string;
  section: string;
  kind: "daily" | "new" | "cross" | "replace" | "replace-cross";
  date: string;
};

/** A paper as one source tells it: cleaned, but not yet matched to the papers that we have. */
export type PaperRecord = {
  /** Without the version. */
  arxivId?: string | undefined;
  version?: number | undefined;
  doi?: string | undefined;
  title: string;
  abstract: string;
  authors: string[];
  organization?: string | undefined;
  categories: string[];
  comment?: string | undefined;
  publishedOn?: string | undefined;
  upvotes?: number | undefined;
  comments?: number | undefined;
  codeUrl?: string | undefined;
  projectUrl?: string | undefined;
  /** How far the text is trusted; see `authority`. */
  authority: number;
  listings: Listing[];
};

/** Whose text wins when two sources tell of one paper. */
export const authority = { unidentified: 0, huggingface: 1, arxiv: 2 } as const;

/** An entry that could not be used: which one, and why. */
export type Skipped = { entry: string; reason: string };

/** One page of a source or file, read. */
export type Reading = {
  papers: PaperRecord[];
  skipped: Skipped[];
  /** What to remember for the next poll; given by `latest` only. */
  state?: Partial<SourceState>;
};

/** What the source's row remembers from poll to poll. */
export type SourceState = {
  etag: string | null;
  batchFingerprint: string | null;
  batchDate: Temporal.PlainDate | null;
  nextPollAt: Temporal.Instant;
};

export type Source = {
  /** The name of its row in `sources`, such as `huggingface` or `arxiv cs.CL`. */
  name: string;
  /** What the source lists now, page by page. Throws when it can't be read; the pages before that are kept. */
  latest: (context: Context, state: SourceState) => AsyncIterable<Reading>;
};

/** Reads what a source listed from one date to another, both included, page by page. */
export type RangeReader = (
  context: Context,
  from: Temporal.PlainDate,
  to: Temporal.PlainDate,
) => AsyncIterable<Reading>;

/** One line of text: line breaks and runs of space folded; what no database or mail can hold taken out. */
export function oneLine(text: string): string {
  return storable(text).replace(/\s+/g, " ").trim();
}

/** Running text: a single line break is a space, an empty line parts paragraphs. */
export function paragraphs(text: string): string {
  return storable(text)
    .split(/\n\s*\n/)
    .map((part) => part.replace(/\s+/g, " ").trim())
    .filter(Boolean)
    .join("\n\n");
}

function storable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to take out
  return text.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, "");
}

/** The calendar date that `2026-07-26...` begins with, when it is one that a database can hold. */
export function isoDate(text: string): string | undefined {
  try {
    const date = Temporal.PlainDate.from(text.slice(0, 10));
    return date.year > 0 ? date.toString() : undefined;
  } catch {
    return undefined;
  }
}

/** The address when it is one for the web, else undefined: what outsiders send is never linked unchecked. */
export function webAddress(text: unknown): string | undefined {
  if (typeof text !== "string" || text.length > 2000) return undefined;
  const address = URL.parse(text.trim());
  return address && /^https?:$/.test(address.protocol) ? address.href : undefined;
}
