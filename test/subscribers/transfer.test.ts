import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { suppress } from "../../src/subscribers/suppress.ts";
import { createContext, type TestContext } from "../support/context.ts";
import { temporaryFolder } from "../support/folder.ts";
import { addReader } from "../support/make.ts";
import { runProgram } from "../support/program.ts";

function run({ url, config }: TestContext, ...args: string[]) {
  return runProgram(["subscribers", ...args], {
    DATABASE_URL: url,
    SECRET: config.secret,
    BASE_URL: config.baseUrl,
    MAIL_FROM: "round@papers.example.org",
    SOURCES: "",
  });
}

async function file(lines: unknown[]): Promise<string> {
  const path = join(temporaryFolder(), "readers.jsonl");
  await writeFile(path, lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"));
  return path;
}

test("readers move to another installation with all that they chose, and go on from now", async () => {
  const here = await createContext();
  const reader = await addReader(here, {
    email: "ada@example.org",
    interests: 'speech\n"chain of thought" -survey',
    cadence: "weekly",
    weekday: "3",
    hour: "18",
    timezone: "Asia/Tokyo",
    limit: "7",
  });
  await here.sql`update subscribers set paused_until = '2199-01-01' where id = ${reader}`;
  await here.sql`insert into muted_interests values (${reader}, 'boats', 'Boats', ${here.clock()})`;
  const { code, output } = await run(here, "export");
  expect(code).toBe(0);
  const there = await createContext();
  const imported = await run(there, "import", "--file", await file([output.trim()]));
  expect(imported.output).toContain("Mailed as before: 1.");
  const { output: again } = await run(there, "export");
  const comparable = (text: string) => ({ ...JSON.parse(text) });
  expect(comparable(again)).toEqual(comparable(output));
  expect((await there.sql`select from outbox`).length).toBe(0);
  const [row] = await there.sql`select status, next_due_at > now() as later from subscribers`;
  expect(row).toEqual({ status: "active", later: true });
});

test("who never confirmed is asked first, who left stays so, who is known is as they were; a bad line stops no other", async () => {
  const context = await createContext();
  await addReader(context, { email: "known@example.org", interests: "speech" });
  const path = await file([
    { email: "new@example.org", interests: ["boats"] },
    "not JSON",
    { email: "left@example.org", status: "unsubscribed", confirmedAt: "2026-01-01T00:00:00Z" },
    { email: "KNOWN@example.org", interests: "robots", confirmedAt: "2026-01-01T00:00:00Z" },
    { email: "odd@example.org", interests: ['say "ah'], confirmedAt: "2026-01-01T00:00:00Z" },
  ]);
  const { code, output } = await run(context, "import", "--file", path);
  expect(code).toBe(1);
  expect(output).toContain("line 2: it is no reader as export writes them");
  expect(output).toContain("line 5: ");
  const rows = await context.sql`select email, status from subscribers order by email`;
  expect(rows.map((row) => `${row.email} ${row.status}`)).toEqual([
    "known@example.org active",
    "left@example.org unsubscribed",
    "new@example.org pending",
  ]);
  expect(await context.sql`select typed from interests`).toEqual([{ typed: "speech" }]);
});

test("whose address is suppressed here is not mailed because a list has it", async () => {
  const context = await createContext();
  const { sql, config, clock } = context;
  const emails = ["angry@example.org", "gone@example.org"];
  await suppress(sql, config.secret, { emails, reason: "complaint", result: "a complaint", now: clock() });
  const lines = [{ email: "Angry@example.org", confirmedAt: "2026-01-01T00:00:00Z" }, { email: "gone@example.org" }];
  const { code } = await run(context, "import", "--file", await file(lines));
  expect(code).toBe(0);
  const rows = await sql`select status, next_due_at as due from subscribers`;
  expect([...rows]).toEqual(Array(2).fill({ status: "suppressed", due: null }));
  expect(await sql`select from outbox where state <> 'cancelled'`).toHaveLength(0);
});

test("a reader is shown and forgotten by address", async () => {
  const context = await createContext();
  await addReader(context, { email: "ada@example.org", interests: "speech" });
  const { output } = await run(context, "show", "Ada@example.org");
  expect(JSON.parse(output).interests[0].typed).toBe("speech");
  expect((await run(context, "erase", "ada@example.org")).output).toContain("is erased");
  expect(await context.sql`select from subscribers`).toHaveLength(0);
  const { code, output: gone } = await run(context, "show", "ada@example.org");
  expect({ code, gone: gone.trim() }).toEqual({ code: 1, gone: "Nobody reads at ada@example.org." });
});
