import { once } from "node:events";
import { systemClock } from "../../src/clock.ts";
import { connect } from "../../src/db.ts";
import { createLog } from "../../src/log.ts";
import { openStages } from "../../src/worker.ts";
import { benchConfig } from "./delivery_data.ts";

// A worker process of the bench: the deliver stage over and over from the word to go until nothing is left, or MAILS are sent.
const config = benchConfig(process.env as Record<string, string>);
const sql = connect(config.databaseUrl as string);
const stages = await openStages({ sql, config, clock: systemClock, log: createLog("warn") });
await sql`select 1`;
process.send?.("ready");
await once(process, "message");
const before = process.cpuUsage();
const most = Number(process.env.MAILS ?? Number.POSITIVE_INFINITY);
let done = 0;
for (let more = true; more; ) {
  const run = await stages.deliver();
  done += run.done;
  more = run.done > 0 && done < most;
}
const { user, system } = process.cpuUsage(before);
const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
process.send?.({ done, megabytes, cpu: (user + system) / 1000 });
await stages.close();
await sql.end();
