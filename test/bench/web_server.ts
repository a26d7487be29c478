import { Hono } from "hono";
import { loadConfig } from "../../src/config.ts";
import { connect } from "../../src/db.ts";
import { createLog } from "../../src/log.ts";
import { listen } from "../../src/serve.ts";
import { createApp } from "../../src/web/app.ts";

/** The site, or a route that does nothing, in a process of its own: it says its port, and when asked the CPU time that it has used. */
const [url = "", now = ""] = process.argv.slice(2);
const config = loadConfig({ SECRET: "a secret of more than thirty-two characters", DATABASE_URL: url, SOURCES: "" });
const clock = () => Temporal.Instant.from(now);
const app = createApp({ sql: connect(url), config, clock, log: createLog("silent") });
const bare = new Hono().get("/", (c) => c.text("ok"));
const ports = await Promise.all([bare, app].map(async (it) => (await listen(it, "127.0.0.1", 0, "PORT")).port));
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.((user + system) / 1000);
});
process.send?.(ports);
