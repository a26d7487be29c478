import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import type { Hono } from "hono";
import { UserError } from "./errors.ts";
import { freePort } from "./ports.ts";

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
    if (error.code === "EADDRINUSE") throw portTaken(host, port, setting);
    throw new UserError(
      "unavailable",
      `Port ${port} on ${host} can't be listened on (${error.code}). Set ${setting} to another.`,
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

/** Throws, with what would do, when something else listens on the port. 0 is always free. */
export async function requireFree(host: string, port: number, setting: string): Promise<void> {
  if (port !== 0 && (await freePort(host, port)) !== port) throw portTaken(host, port, setting);
}

function portTaken(host: string, port: number, setting: string): UserError {
  const other = `Set ${setting} to another, such as ${setting}=${port + 10}.`;
  return new UserError("unavailable", `Port ${port} on ${host} is taken by another program. ${other}`);
}
