import { setTimeout as delay } from "node:timers/promises";
import { loadConfig } from "../config.ts";
import { startDemo } from "../demo.ts";
import { createLog } from "../log.ts";
import { type Part, type Running, start } from "../start.ts";

/** Milliseconds that a start which a signal interrupts may still take, to be undone in order. */
const startGrace = 5000;

/** `start`, `web` and `worker`: runs parts until a signal. */
export async function keepRunning(parts: Part[]): Promise<void> {
  const config = loadConfig(process.env);
  const log = createLog(config.logLevel);
  await runUntilSignal(
    () => start(config, log, parts),
    ({ url, adminUrl, inboundPort }) => {
      if (url) console.log(`Paper Round is at ${url}`);
      if (url && !config.smtpUrl)
        console.log(`  its mailbox at  ${url}/mailbox (no SMTP_URL is set: no mail leaves this machine)`);
      if (adminUrl) console.log(`  how it is at    ${adminUrl}`);
      if (inboundPort)
        console.log(`  mail that comes back to ${config.returnDomain} is received on port ${inboundPort}`);
    },
  );
}

/** `demo` */
export async function demoCommand(): Promise<void> {
  const log = createLog(process.env.LOG_LEVEL || "warn");
  await runUntilSignal(
    () => startDemo(process.env, log),
    ({ url, adminUrl }) =>
      console.log(`Paper Round, with sample papers and one reader:

  today's papers, and the form    ${url}
  the first digest, as mailed     ${url}/mailbox
  how everything is               ${adminUrl}

Ctrl-C ends it and leaves nothing behind.`),
  );
}

/**
 * Starts, waits for SIGINT or SIGTERM, and stops in order. A signal that comes while it still starts is heard too: the first
 * process of a container has no handlers but its own. A second signal does not wait.
 */
async function runUntilSignal(begin: () => Promise<Running>, announce: (running: Running) => void): Promise<void> {
  const signalled = new Promise<"signal">((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve("signal"));
  });
  const starting = begin();
  if ((await Promise.race([starting, signalled])) === "signal") {
    await Promise.race([starting.then((running) => running.stop()).catch(() => {}), delay(startGrace)]);
    process.exit(0);
  }
  const running = await starting;
  announce(running);
  await signalled;
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  await running.stop();
  process.exit(0);
}
