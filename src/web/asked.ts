import { type PaperSearch, sorts } from "../papers/search.ts";
import type { Web } from "./page.ts";
import { type NamedPeriod, periodHelp, readPeriod } from "./periods.ts";
import { readSearchText, type SearchText } from "./search_box.ts";

const pageSize = 25;
export const mostPages = 400;

/** What an address asks for. */
export type Asked = {
  text: SearchText;
  period: NamedPeriod | undefined;
  periodProblem: string | undefined;
  search: PaperSearch;
  page: number;
};

export async function readAsked({ sql }: Web, query: Record<string, string>): Promise<Asked> {
  const text = await readSearchText(sql, query.q ?? "");
  const fallback = text.tsquery ? "relevance" : "trending";
  const wanted = sorts.find((sort) => sort === query.sort) ?? fallback;
  const sort = wanted === "relevance" && !text.tsquery ? "trending" : wanted;
  const number = Number(query.page);
  const page = Number.isInteger(number) && number >= 1 && number <= mostPages ? number : 1;
  let period: NamedPeriod | undefined;
  let periodProblem: string | undefined;
  try {
    period = readPeriod(query);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    periodProblem = periodHelp;
  }
  const offset = (page - 1) * pageSize;
  const { tsquery } = text;
  const search = { tsquery, period, sort, until: readUntil(query.until), offset, limit: pageSize };
  return { text, period, periodProblem, search, page };
}

function readUntil(text: string | undefined): Temporal.Instant | undefined {
  if (!text || !/^20\d\d-\d\d-\d\dT[\d:.]+Z$/.test(text)) return undefined;
  try {
    return Temporal.Instant.from(text);
  } catch {
    return undefined;
  }
}

/** The address of a list as it is asked for, or with changes; from its first page on. */
export function addressOf(
  { text, period, search }: Asked,
  changes: {
    period?: NamedPeriod | undefined;
    sort?: string;
    page?: number | undefined;
    until?: string | undefined;
  } = {},
): string {
  const shown = "period" in changes ? changes.period : period;
  const parts: [string, string | undefined][] = [
    ["q", text.typed],
    [shown?.unit ?? "date", shown?.name],
    ["sort", changes.sort ?? (search.sort === (text.tsquery ? "relevance" : "trending") ? undefined : search.sort)],
    ["page", changes.page?.toString()],
    ["until", changes.until],
  ];
  const given = new URLSearchParams(parts.filter((part): part is [string, string] => Boolean(part[1])));
  return given.size > 0 ? `/papers?${given}` : "/papers";
}
