import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createContext } from "./support/context.ts";
import { createDatabase } from "./support/database.ts";
import { temporaryFolder } from "./support/folder.ts";
import { addPapers, addReader, paper } from "./support/make.ts";
import { runProgram, startProgram } from "./support/program.ts";
import { startSink } from "./support/smtp_sink.ts";

const folder = temporaryFolder();

const shared = (url: string, more: Record<string, string> = {}) => ({
  DATABASE_URL: url,
  SECRET: "a secret of more than thirty-two characters",
  BASE_URL: "https://papers.example.org",
  MAIL_FROM: "round@papers.example.org",
  SOURCES: "",
  ...more,
});

test("a mistake on the command line is told with the usage, and the exit code is 1", async () => {
  for (const [args, message] of [
    [["nonsense"], 'There is no command "nonsense"'],
    [["tick", "lunch"], 'There is no stage "lunch"'],
    [["tick", "--now", "yesterday"], "is no instant"],
    [["ingest", "--date", "2026-13-45"], "is no date"],
    [["ingest", "--file", "x", "--date", "2026-11-20"], "--file stands alone"],
    [["status", "--now", "2026-11-20T00:00:00Z"], "status takes no --now"],
    [["start", "--frobnicate"], "There is no option --frobnicate.\n\nPaper Round"],
    [["ingest", "--file"], "--file needs a value."],
    [["status", "--json=yes"], "--json takes no value."],
    [["ingest", "--from", "9999-01-01"], "9999-01-01 has not come yet."],
  ] as [string[], string][]) {
    const { code, output } = await runProgram(args, { DATA_DIR: folder });
    expect(code, output).toBe(1);
    expect(output).toContain(message);
    expect(output).not.toMatch(/\n\s+at /);
  }
});

test("all mistakes in the settings are told at once, and no secret is shown", async () => {
  const { code, output } = await runProgram(["status"], {
    PORT: "http",
    SOURCES: "nature",
    DATABASE_URL: "mysql://root:hunter2@db/x",
    LOG_LEVEL: "loud",
  });
  expect(code).toBe(1);
  for (const name of ["PORT", "SOURCES", "DATABASE_URL", "LOG_LEVEL", "SECRET"])
    expect(output).toContain(`  ${name} is`);
  expect(output).not.toContain("hunter2");
  const { output: listed } = await runProgram(["settings"], {
    SMTP_URL: "smtp://user:hunter2@mail",
    MAIL_FROM: "a@example.org",
  });
  expect(listed).toContain("SMTP_URL=(hidden)");
  expect(listed).toMatch(/ARXIV_CATEGORIES\n {4}.*Default: cs\.AI/);
});

test("a database that can't be reached is told in one line", async () => {
  const { code, output } = await runProgram(["status"], shared("postgres://nobody:wrong@127.0.0.1:9/none"));
  expect(code).toBe(1);
  expect(output.trim()).toMatch(/^DATABASE_URL can't be used: .*ECONNREFUSED/);
});

test("a file is ingested, and again, by the command line, with what was skipped by name", async () => {
  const { url } = await createDatabase();
  const path = join(folder, "papers.jsonl");
  await writeFile(
    path,
    `${JSON.stringify({ id: "2611.91111v2", title: "One", abstract: "A" })}\nnot json\n${JSON.stringify({ title: "Two" })}\n`,
  );
  const first = await runProgram(["ingest", "--file", path], shared(url));
  expect(first.output).toContain("2 new, 0 updated, 0 unchanged, 1 skipped");
  expect(first.output).toContain("skipped line 2: it is not JSON");
  const second = await runProgram(["ingest", "--file", path], shared(url));
  expect(second.output).toContain("0 new, 0 updated, 2 unchanged, 1 skipped");
});

test("status tells what fails, with the remedy, and as JSON", async () => {
  const { url } = await createDatabase();
  const environment = shared(url, { SOURCES: "huggingface", HF_URL: "http://127.0.0.1:65533" });
  const { output } = await runProgram(["tick"], environment);
  expect(output).toContain("ingest: 1 done, 0 left");
  const status = await runProgram(["status"], environment);
  expect(status.output).toMatch(
    /Problem {2}huggingface can't be read: 127\.0\.0\.1:65533: .*ECONNREFUSED.*tried again at/,
  );
  const json = JSON.parse((await runProgram(["status", "--json"], environment)).output);
  expect(json.problems).toHaveLength(1);
});

test("ticks that are killed at any moment and run again lose no digest and plan none twice", async () => {
  const context = await createContext();
  const sink = await startSink();
  await addPapers(context, ...Array.from({ length: 5 }, () => paper({ title: "Speech in harbours" })));
  for (let count = 0; count < 40; count++) await addReader(context, { interests: "speech" });
  await context.sql`delete from outbox where kind = 'confirm'`;
  const environment = shared(context.url, { SMTP_URL: sink.url });
  const args = ["tick", "--now", "2026-11-20T08:00:00Z", "--until-idle"];
  let killed = 0;
  for (let round = 0; round < 6; round++) {
    const program = startProgram(args, environment);
    const reached = sink.mails.length + 3 * round;
    // Killed somewhere in the middle: at the start, while it plans, or with mails in its hands.
    await Promise.race([
      expect
        .poll(() => sink.mails.length, { timeout: 30_000, interval: 1 })
        .toBeGreaterThan(reached)
        .catch(() => {}),
      program.ended(),
    ]);
    if (program.process.exitCode === null) killed++;
    program.process.kill("SIGKILL");
    await program.ended();
  }
  const { code, output } = await runProgram(args, environment);
  expect(code, output).toBe(0);
  expect(killed).toBeGreaterThan(0);
  const digests = new Map<string, Set<string>>();
  for (const mail of sink.mails) {
    const to = mail.to[0] as string;
    digests.set(to, (digests.get(to) ?? new Set()).add(mail.parsed.messageId as string));
  }
  expect(digests.size).toBe(40);
  for (const ids of digests.values()) expect(ids.size).toBe(1);
  // A second copy of a mail can only be of one that was in a killed process's hands.
  expect(sink.mails.length - 40).toBeLessThanOrEqual(killed * 20);
});

test("four ticks at once send each reader one digest", async () => {
  const context = await createContext();
  const sink = await startSink();
  await addPapers(context, paper({ title: "Speech in harbours" }));
  for (let count = 0; count < 30; count++) await addReader(context, { interests: "speech" });
  await context.sql`delete from outbox where kind = 'confirm'`;
  const args = ["tick", "--now", "2026-11-20T08:00:00Z", "--until-idle"];
  const results = await Promise.all(
    Array.from({ length: 4 }, () => runProgram(args, shared(context.url, { SMTP_URL: sink.url }))),
  );
  expect(results.map((result) => result.code)).toEqual([0, 0, 0, 0]);
  expect(sink.mails).toHaveLength(30);
  expect(new Set(sink.mails.map((mail) => mail.to[0])).size).toBe(30);
});
