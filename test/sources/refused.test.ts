import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ingestFile } from "../../src/sources/ingest.ts";
import { createContext } from "../support/context.ts";
import { temporaryFolder } from "../support/folder.ts";

test("a paper that the database refuses is skipped by name, and the rest of its page is kept", async () => {
  const context = await createContext();
  await context.sql`
    create function refuse() returns trigger language plpgsql as $$
    begin if new.title = 'Refused' then perform to_tsvector(repeat('x', 3000000)::text) || (select string_agg(md5(i::text), ' ')::tsvector from generate_series(1, 60000) i); end if; return new; end $$`;
  await context.sql`create trigger refuse before insert on papers for each row execute function refuse()`;
  const path = join(temporaryFolder(), "papers.jsonl");
  await writeFile(path, ["One", "Refused", "Two"].map((title) => JSON.stringify({ title })).join("\n"));
  const report = await ingestFile(context, path);
  expect(report).toMatchObject({
    added: 2,
    skipped: [{ entry: "Refused", reason: expect.stringContaining("can't be stored") }],
  });
});

test("words that grow when they are folded, and a line that is longer than any paper, lose nobody else's paper", async () => {
  const context = await createContext();
  const grown = Array.from(
    { length: 16_000 },
    (_, index) => `\u3300-${String.fromCodePoint(0x3300 + (index % 200))}${index}`,
  ).join(" ");
  const path = join(temporaryFolder(), "papers.jsonl");
  const lines = [
    { title: "One", abstract: grown },
    { title: "Long", abstract: "x".repeat(9_000_000) },
    { title: "Two" },
  ];
  await writeFile(path, lines.map((line) => JSON.stringify(line)).join("\n"));
  const report = await ingestFile(context, path);
  expect(report).toMatchObject({ added: 2, skipped: [{ entry: "line 2", reason: "it is longer than 8 MB" }] });
});
