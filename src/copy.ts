import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";

/**
 * Writes rows through a `copy ... from stdin`, which takes a third of the time that inserts do. `statement` is that statement,
 * not run yet; the lines are made by `copyLine`. All rows are written or none.
 */
export async function copyRows(statement: { writable(): Promise<Writable> }, lines: string[]): Promise<void> {
  if (lines.length === 0) return;
  const stream = await statement.writable();
  stream.end(lines.join(""));
  await finished(stream);
}

/** A row in the text format of COPY. What a cell holds must be text that PostgreSQL reads as the column's type. */
export function copyLine(...cells: (string | number | null)[]): string {
  let line = "";
  for (let at = 0; at < cells.length; at++) line += (at > 0 ? "\t" : "") + toText(cells[at] ?? null);
  return `${line}\n`;
}

function toText(cell: string | number | null): string | number {
  if (cell === null) return "\\N";
  if (typeof cell === "number") return cell;
  return /[\\\t\n\r]/.test(cell) ? cell.replace(/[\\\t\n\r]/g, (sign) => escapes[sign] as string) : cell;
}

const escapes: Record<string, string> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };
