import { once } from "node:events";
import { createServer } from "node:net";

/** A TCP port that nothing listens on: `wanted` if it is free on `host`, else any. */
export async function freePort(host: string, wanted = 0): Promise<number> {
  const probe = createServer();
  try {
    probe.listen(wanted, host);
    await once(probe, "listening");
    return (probe.address() as { port: number }).port;
  } catch {
    return wanted === 0 ? Promise.reject(new Error(`no TCP port is free on ${host}`)) : freePort(host);
  } finally {
    probe.close();
  }
}
