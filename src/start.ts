import { createAdmin } from "./admin/app.ts";
import type { Config } from "./config.ts";
import { type Context, openContext } from "./context.ts";
import { startInbound } from "./delivery/inbound.ts";
import type { Log } from "./log.ts";
import { freePort } from "./ports.ts";
import { type Listener, listen, requireFree } from "./serve.ts";
import { createApp } from "./web/app.ts";
import { startWorker } from "./worker.ts";

/** The parts of the service: any number of each may run, on any number of machines, on one database. */
export type Part = "web" | "worker";

export type Running = {
  context: Context;
  url: string | undefined;
  adminUrl: string | undefined;
  /** Where mail that comes back is received, if it is. */
  inboundPort: number | undefined;
  stop: () => Promise<void>;
};

/**
 * Starts the site, the worker with its admin page and its port for returned mail, or both in one process. `stop` ends them in
 * turn and lets what runs finish. `prepare` runs on the migrated database before anything listens.
 */
export async function start(
  given: Config,
  log: Log,
  parts: Part[],
  options: { throwaway?: boolean; prepare?: (context: Context) => Promise<void> } = {},
): Promise<Running> {
  const config = await withPorts(given);
  // Before anything is made or migrated: a second start says so at once.
  if (parts.includes("web")) await requireFree(config.host, config.port, "PORT");
  if (parts.includes("worker")) await requireFree(config.adminHost, config.adminPort, "ADMIN_PORT");
  const inboundPort = parts.includes("worker") ? config.inboundSmtpPort : undefined;
  if (inboundPort !== undefined) await requireFree(config.inboundSmtpHost, inboundPort, "INBOUND_SMTP_PORT");
  const context = await openContext(config, log, { ...options, deadlines: true });
  const stops = [context.close];
  const stop = async () => {
    for (const it of stops.splice(0).reverse()) await it();
  };
  const opened = (listener: Listener) => {
    stops.push(listener.close);
    return listener;
  };
  try {
    const site = parts.includes("web")
      ? opened(await listen(createApp(context), config.host, config.port, "PORT"))
      : undefined;
    const admin = parts.includes("worker")
      ? opened(await listen(createAdmin(context), config.adminHost, config.adminPort, "ADMIN_PORT"))
      : undefined;
    await options.prepare?.(context);
    const inbound = inboundPort === undefined ? undefined : opened(await startInbound(context));
    if (parts.includes("worker")) stops.push((await startWorker(context)).stop);
    return {
      context,
      url: site && config.baseUrl,
      adminUrl: admin && `http://${config.adminHost}:${admin.port}`,
      inboundPort: inbound?.port,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Port 0 means any free one; links in mails need to know which before the first is written. */
async function withPorts(config: Config): Promise<Config> {
  if (config.port !== 0) return config;
  const port = await freePort(config.host);
  const baseUrl = config.baseUrl === "http://localhost:0" ? `http://localhost:${port}` : config.baseUrl;
  return { ...config, port, baseUrl };
}
