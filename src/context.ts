import { resolve } from "node:path";
import { type Clock, systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { connect, type Database } from "./db.ts";
import { startPostgres } from "./embedded/postgres.ts";
import { describeError, UserError } from "./errors.ts";
import type { Log } from "./log.ts";
import { migrate } from "./migrate.ts";

/** What stages and pages are given: no module reaches for any of it by itself. */
export type Context = { sql: Database; clock: Clock; config: Config; log: Log };

/**
 * Connects to `DATABASE_URL`, or to our own PostgreSQL, and migrates it. Throws when the schema is not one that this program
 * knows. `close` ends the connections and lets go of the server. With `deadlines`, as for what runs for ever, no statement is
 * waited for without end.
 */
export async function openContext(
  config: Config,
  log: Log,
  options: { clock?: Clock; throwaway?: boolean; deadlines?: boolean } = {},
): Promise<Context & { close: () => Promise<void> }> {
  const own = config.databaseUrl ? undefined : await startPostgres(resolve(config.dataDir), options.throwaway);
  const url = config.databaseUrl ?? (own as { url: string }).url;
  let sql = connect(url); // migrations take their time
  const close = async () => {
    await sql.end({ timeout: 5 });
    await own?.release();
  };
  try {
    const migrations = await migrate(sql);
    if (migrations.length > 0) log.info({ migrations }, "migrated the database");
    if (options.deadlines) {
      const pooled = !(await takesDeadlines(url, config, log));
      await sql.end({ timeout: 5 });
      sql = connect(url, { deadline: config.databaseTimeout, pooled });
    }
  } catch (error) {
    await close();
    throw databaseError(error);
  }
  return { sql, clock: options.clock ?? systemClock, config, log, close };
}

/** PgBouncer refuses to connect when it is to pass on settings that it does not know. */
async function takesDeadlines(url: string, { databaseTimeout }: Config, log: Log): Promise<boolean> {
  const probe = connect(url, { deadline: databaseTimeout, max: 1 });
  try {
    await probe`select 1`;
    return true;
  } catch (error) {
    if ((error as { code?: string }).code !== "08P01") throw error;
    log.warn(
      { error: describeError(error) },
      "PostgreSQL sets no deadline for statements: set statement_timeout for the role that DATABASE_URL names",
    );
    return false;
  } finally {
    await probe.end({ timeout: 1 });
  }
}

/** What a person can mend about a database that can't be used, in their words. */
function databaseError(error: unknown): unknown {
  const { code } = error as { code?: string };
  const unreachable = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "CONNECT_TIMEOUT", "28P01", "28000", "3D000"].includes(
    code ?? "",
  );
  return unreachable ? new UserError("unavailable", `DATABASE_URL can't be used: ${describeError(error)}`) : error;
}
