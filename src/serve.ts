import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import type { Hono } from "hono";
import { UserError } from "./errors.ts";

/** How long answers under way may take once we stop. */
const graceMilliseconds = 3000;

export type Listener = { port: number; close: () => Promise<void> };

/** Listens on `host`:`port` (0: any free port). Throws a message that says what to do when the port is taken. */
export async function listen(app: Hono, host: string, port: number, setting: string): Promise<Listener> {
  const server = serve({ fetch: app.fetch, hostname: host, port });
  await new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", reject);
  }).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === "EADDRINUSE" ? "is taken by another program" : `can't be listened on (${error.code})`;
    throw new UserError(
      "unavailable",
      `Port ${port} on ${host} ${why}. Set ${setting} to another, such as ${setting}=${port + 10}.`,
    );
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      if (!("closeIdleConnections" in server)) return;
      server.closeIdleConnections();
      // Half a request, never finished, must not hold up the end.
      setTimeout(() => server.closeAllConnections(), graceMilliseconds).unref();
    });
  return { port: (server.address() as AddressInfo).port, close };
}
