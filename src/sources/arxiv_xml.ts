import { XMLParser, XMLValidator } from "fast-xml-parser";
import { parseArxivId, parseDoi } from "../papers/identity.ts";
import { SourceError } from "./http.ts";
import { authority, isoDate, type Listing, oneLine, type PaperRecord, paragraphs, type Reading } from "./source.ts";

/** A page in one of arXiv's XML forms. */
export type ArxivPage = Reading & {
  /** The day that a feed of announcements is for. */
  date?: string | undefined;
  /** How many records the whole answer has, over all its pages. */
  total?: number | undefined;
  /** OAI-PMH: what to ask for the next page with. */
  resumptionToken?: string | undefined;
};

/** Reads an announcement feed (RSS or Atom), an API answer (Atom) or an OAI-PMH answer. Throws when it is none, or an error. */
export function readArxivXml(text: string): ArxivPage {
  const root = parse(text);
  if (root.rss) return readRss(object(root.rss.channel));
  if (root.feed) return readAtom(object(root.feed));
  if (root["OAI-PMH"]) return readOai(object(root["OAI-PMH"]));
  throw new SourceError(`This is no feed of arXiv: ${JSON.stringify(text.trim().slice(0, 60))}`);
}

// biome-ignore lint/suspicious/noExplicitAny: parsed XML has no shape until it is looked at
type Node = Record<string, any>;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  parseTagValue: false,
  removeNSPrefix: true,
  htmlEntities: true,
  isArray: (name) => ["item", "entry", "record", "category", "author", "link", "skipDays"].includes(name),
});

function parse(text: string): Node {
  if (/^\s*(<!doctype html|<html)/i.test(text)) throw new SourceError("This is a web page, not a feed");
  // Feeds have no use for a DOCTYPE, and its entities can grow without bound.
  const prolog = /^(?:\s|<\?[\s\S]*?\?>|<!--[\s\S]*?-->)*/.exec(text)?.[0] ?? "";
  if (/^<!DOCTYPE/i.test(text.slice(prolog.length, prolog.length + 9)))
    throw new SourceError("The feed has a DOCTYPE, which is refused");
  const valid = XMLValidator.validate(text);
  if (valid !== true)
    throw new SourceError(`The feed is not well-formed XML: ${valid.err.msg} (line ${valid.err.line})`);
  return parser.parse(text);
}

function readRss(channel: Node): ArxivPage {
  const title = string(channel.title);
  if (/^Feed error/i.test(title)) throw new SourceError(`arXiv: ${title} ${string(channel.description)}`);
  const section = /^(\S+) updates on arXiv/.exec(title)?.[1] ?? "";
  const date = rfc822Date(string(channel.pubDate) || string(channel.lastBuildDate));
  const page = readEach(list(channel.item), (item) => {
    const announced = announcement(string(item.description));
    return {
      ...identified(string(item.guid) || announced.id || string(list(item.link)[0])),
      title: item.title,
      abstract: announced.abstract,
      authors: splitAuthors(string(item.creator)),
      categories: list(item.category).map(string),
      listings: listing(
        section,
        string(item.announce_type) || announced.type,
        rfc822Date(string(item.pubDate)) ?? date,
      ),
    };
  });
  return { ...page, date, total: list(channel.item).length };
}

function readAtom(feed: Node): ArxivPage {
  const entries = list(feed.entry);
  const failure = entries.find((entry) => /arxiv\.org\/api\/errors/.test(string(entry.id)));
  if (failure) throw new SourceError(`arXiv's API refused the question: ${oneLine(string(failure.summary))}`);
  const section = /^(\S+) updates on arXiv/.exec(string(feed.title))?.[1];
  const page = readEach(entries, (entry) => {
    const announced = announcement(string(entry.summary));
    const primary = entry.primary_category?.["@term"] ?? list(entry.category)[0]?.["@term"] ?? "";
    const published = isoDate(string(entry.published));
    const creators = splitAuthors(string(entry.creator));
    return {
      ...identified(string(entry.id)),
      doi: parseDoi(string(entry.doi)),
      title: entry.title,
      abstract: announced.abstract,
      authors: creators.length > 0 ? creators : list(entry.author).map((author) => string(author.name)),
      categories: list(entry.category).map((category) => string(category["@term"])),
      comment: string(entry.comment),
      publishedOn: section ? undefined : published,
      listings: listing(section ?? primary, string(entry.announce_type) || announced.type || "new", published),
    };
  });
  const total = Number(string(feed.totalResults) || entries.length);
  return { ...page, date: section ? isoDate(string(feed.updated)) : undefined, total };
}

function readOai(answer: Node): ArxivPage {
  if (answer.error) {
    const code = string(answer.error["@code"]);
    if (code === "noRecordsMatch") return { papers: [], skipped: [], total: 0 };
    throw new SourceError(`arXiv's OAI-PMH refused the question: ${code}: ${oneLine(string(answer.error))}`);
  }
  const answered = object(answer.ListRecords ?? answer.GetRecord);
  const records = list(answered.record).filter((record) => record.header?.["@status"] !== "deleted");
  const page = readEach(records, (record) => {
    const data = object(record.metadata?.arXivRaw ?? record.metadata?.arXiv);
    const categories = string(data.categories).split(/\s+/).filter(Boolean);
    const versions = [data.version ?? []].flat();
    const firstVersion = rfc822Date(string(versions[0]?.date)) ?? isoDate(string(data.created));
    return {
      ...identified(string(data.id)),
      version: versions.length || undefined,
      doi: parseDoi(string(data.doi)),
      title: data.title,
      abstract: string(data.abstract),
      authors: data.authors?.author
        ? list(data.authors.author).map((it) =>
            [it.forenames, it.keyname, it.suffix].map(string).filter(Boolean).join(" "),
          )
        : splitAuthors(string(data.authors)),
      categories,
      comment: string(data.comments),
      publishedOn: firstVersion,
      listings: listing(categories[0] ?? "", "new", firstVersion),
    };
  });
  const token = answered.resumptionToken;
  const total = Number(token?.["@completeListSize"] ?? records.length);
  return { ...page, total, resumptionToken: string(token) || undefined };
}

type Draft = Partial<Omit<PaperRecord, "title">> & { title: unknown; given: string };

function readEach(nodes: Node[], read: (node: Node) => Draft): Reading {
  const reading: Reading = { papers: [], skipped: [] };
  for (const [index, node] of nodes.entries()) {
    const { given, ...draft } = read(object(node));
    const title = oneLine(string(draft.title));
    const name = `entry ${index + 1} of ${nodes.length} (${oneLine(`${given} ${title}`).slice(0, 80)})`;
    if (!draft.arxivId || !title) {
      reading.skipped.push({ entry: name, reason: draft.arxivId ? "it has no title" : "it has no arXiv id" });
      continue;
    }
    reading.papers.push({
      ...draft,
      title,
      abstract: paragraphs(draft.abstract ?? ""),
      authors: (draft.authors ?? []).map(oneLine).filter(Boolean),
      categories: [...new Set((draft.categories ?? []).map(oneLine).filter(Boolean))],
      comment: oneLine(draft.comment ?? "") || undefined,
      authority: authority.arxiv,
      listings: draft.listings ?? [],
    });
  }
  return reading;
}

function identified(given: string): { given: string; arxivId?: string; version?: number } {
  const parsed = parseArxivId(given);
  if (!parsed) return { given };
  return { given, arxivId: parsed.id, ...(parsed.version ? { version: parsed.version } : {}) };
}

/** Announcements put `arXiv:ID Announce Type: X` before the abstract. */
function announcement(text: string): { id?: string | undefined; type: string; abstract: string } {
  const match = /^\s*arXiv:(\S+)\s+Announce Type:\s*(\S+)\s+Abstract:\s*/.exec(text);
  if (!match) return { type: "", abstract: text };
  return { id: match[1], type: match[2] ?? "", abstract: text.slice(match[0].length) };
}

function listing(section: string, kind: string, date: string | undefined): Listing[] {
  const known = ["new", "cross", "replace", "replace-cross"] as const;
  const type = known.find((name) => name === kind.trim());
  return type && date ? [{ source: "arxiv", section: oneLine(section), kind: type, date }] : [];
}

/** `A. One, B. Two and C. Three (Institute)` as names. */
function splitAuthors(text: string): string[] {
  return text
    .replace(/\([^()]*\)/g, "")
    .split(/,|\band\b|\n/)
    .map((name) => name.trim())
    .filter(Boolean);
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The calendar date as written in `Mon, 27 Apr 2026 00:00:00 -0400`: arXiv's own day, not that of UTC. */
function rfc822Date(text: string): string | undefined {
  const match = /(\d{1,2}) ([A-Z][a-z]{2}) (\d{4})/.exec(text);
  const month = months.indexOf(match?.[2] ?? "") + 1;
  if (!match || month === 0) return undefined;
  return isoDate(`${match[3]}-${String(month).padStart(2, "0")}-${match[1]?.padStart(2, "0")}`);
}

function list(value: unknown): Node[] {
  return value === undefined || value === "" ? [] : ([value].flat() as Node[]);
}

function object(value: unknown): Node {
  return typeof value === "object" && value !== null ? (value as Node) : {};
}

/** An element's text, whether or not it has attributes. */
function string(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null && "#text" in value) return String(value["#text"]);
  return "";
}
