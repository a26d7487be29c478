import { clockAt } from "../clock.ts";
import { loadConfig } from "../config.ts";
import { type Context, openContext } from "../context.ts";
import { createLog } from "../log.ts";

/** Does a command's work on the database of the settings, as if it were `now` where that is given. */
export async function withContext(
  now: Temporal.Instant | undefined,
  work: (context: Context) => Promise<void>,
): Promise<void> {
  const config = loadConfig(process.env);
  // A command's own lines are its report; the log adds only what went wrong.
  const log = createLog(process.env.LOG_LEVEL ? config.logLevel : "error");
  const context = await openContext(config, log, now ? { clock: clockAt(now) } : {});
  try {
    await work(context);
  } finally {
    await context.close();
  }
}
