import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../../src/clock.ts";
import { connect } from "../../src/db.ts";
import { createLog } from "../../src/log.ts";
import { benchConfig, planAll } from "./planning.ts";

/** One of several workers that share the readers. */
const sql = connect((workerData as { url: string }).url);
parentPort?.postMessage(await planAll({ sql, config: benchConfig(), clock: systemClock, log: createLog("silent") }));
await sql.end();
