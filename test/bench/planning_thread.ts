import { parentPort, workerData } from "node:worker_threads";
import { connect } from "../../src/db.ts";
import { createLog } from "../../src/log.ts";
import { planAll } from "./planning.ts";
import { benchConfig } from "./planning_world.ts";

/** One of several workers that share the readers. */
const { url, now } = workerData as { url: string; now: string };
const sql = connect(url);
const clock = () => Temporal.Instant.from(now);
parentPort?.postMessage(await planAll({ sql, config: benchConfig(), clock, log: createLog("silent") }));
await sql.end();
