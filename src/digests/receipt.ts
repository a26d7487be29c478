import type { Sql } from "../db.ts";

/** What was last read from each source, and what failed, as one line: so that silence never hides a failure. */
export async function readReceipt(sql: Sql, sources: string[]): Promise<string> {
  const rows = await sql<{ name: string; seen: number | null; expected: number | null; last_error: string | null }[]>`
    select name, seen, expected, last_error from sources where split_part(name, ' ', 1) = any(${sources}) order by name`;
  const read = rows.filter((row) => row.seen !== null && row.last_error === null).map(describe);
  const failing = rows.filter((row) => row.last_error !== null).map((row) => sourceTitle(row.name));
  const sentences = [];
  if (read.length > 0) sentences.push(`Read for this edition: ${read.join(", ")}.`);
  if (failing.length > 0) sentences.push(`Could not be read, and will be tried again: ${failing.join(", ")}.`);
  return sentences.join(" ");
}

function describe({ name, seen, expected }: { name: string; seen: number | null; expected: number | null }): string {
  const count = seen === expected ? `${seen}` : `${seen} of ${expected}`;
  return `${sourceTitle(name)} ${count} ${expected === 1 ? "paper" : "papers"}`;
}

/** `huggingface` and `arxiv cs.CL` as people write them. */
export function sourceTitle(name: string): string {
  return name.replace(/^huggingface/, "Hugging Face").replace(/^arxiv/, "arXiv");
}
