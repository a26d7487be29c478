import type { Config } from "../config.ts";
import type { Sql } from "../db.ts";
import { arxivSource } from "../sources/arxiv.ts";
import { lastAnnouncement } from "../sources/expected.ts";

/** What was last read from each source, and what failed: so that silence never hides a failure. Answers the receipt's number. */
export async function saveReceipt(sql: Sql, config: Config, now: Temporal.Instant): Promise<number> {
  // A source that was taken out of the settings keeps its row.
  const names = config.sources.flatMap((name) => (name === "arxiv" ? config.arxivCategories.map(arxivSource) : [name]));
  const rows = await sql<SourceRow[]>`
    select name, seen, expected, last_error, name like 'arxiv %' and next_poll_at < ${lastAnnouncement(now).until} as late
    from sources where name = any(${names}) order by name`;
  const read = rows.filter((row) => row.seen !== null && row.last_error === null).map(describe);
  const receipt = read.length > 0 ? `Read last: ${read.join(", ")}.` : "";
  const problems = rows.flatMap(({ name, last_error, late }) => {
    if (last_error !== null) return [`${sourceTitle(name)} could not be read; what it has comes with a later edition.`];
    return late ? [`${sourceTitle(name)} has not announced its papers yet; they come with a later edition.`] : [];
  });
  return findOrAddReceipt(sql, receipt, problems);
}

async function findOrAddReceipt(sql: Sql, receipt: string, problems: string[]): Promise<number> {
  const [known] = await sql<{ id: number }[]>`
    select id from (select * from receipts order by id desc limit 20) as newest
    where receipt = ${receipt} and problems = ${problems}::text[] limit 1`;
  if (known) return known.id;
  const [added] = await sql<{ id: number }[]>`
    insert into receipts (receipt, problems) values (${receipt}, ${problems}::text[]) returning id`;
  return (added as { id: number }).id;
}

type SourceRow = {
  name: string;
  seen: number | null;
  expected: number | null;
  last_error: string | null;
  late: boolean;
};

function describe({ name, seen, expected }: SourceRow): string {
  const count = seen === expected ? `${seen}` : `${seen} of ${expected}`;
  return `${sourceTitle(name)} ${count} ${expected === 1 ? "paper" : "papers"}`;
}

/** `huggingface` and `arxiv cs.CL` as people write them. */
export function sourceTitle(name: string): string {
  return name.replace(/^huggingface/, "Hugging Face").replace(/^arxiv/, "arXiv");
}
