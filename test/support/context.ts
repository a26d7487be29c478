import { type Config, loadConfig } from "../../src/config.ts";
import type { Context } from "../../src/context.ts";
import { createLog } from "../../src/log.ts";
import { createDatabase } from "./database.ts";

export type TestContext = Context & {
  url: string;
  /** Moves the clock. */
  setNow: (at: string | Temporal.Instant) => void;
};

/** A context on a database of its own, with a clock that stands still until it is set. */
export async function createContext(
  environment: Record<string, string> = {},
  now = "2026-11-20T06:00:00Z",
): Promise<TestContext> {
  const { sql, url } = await createDatabase();
  let at = Temporal.Instant.from(now);
  return {
    sql,
    url,
    config: testConfig({ DATABASE_URL: url, ...environment }),
    clock: () => at,
    log: createLog(process.env.LOG_LEVEL ?? "silent"),
    setNow: (value) => {
      at = Temporal.Instant.from(value);
    },
  };
}

export function testConfig(environment: Record<string, string>): Config {
  return loadConfig({
    SECRET: "a secret of more than thirty-two characters",
    BASE_URL: "https://papers.example.org",
    MAIL_FROM: "Paper Round <round@papers.example.org>",
    SOURCES: "",
    ARXIV_INTERVAL: "0",
    ...environment,
  });
}
