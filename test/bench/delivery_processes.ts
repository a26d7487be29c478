import { type ChildProcess, fork, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../../src/ports.ts";
import { timed } from "./setup.ts";

export type Sink = { name: string; url: string; port: number; stop: () => void };

/** Postfix's smtp-sink, in C, or where it is not installed one of ours. */
export async function startSink(): Promise<Sink> {
  const port = await freePort("127.0.0.1");
  const theirs = isInstalled("smtp-sink");
  const asUser = process.getuid?.() === 0 ? ["-u", "nobody"] : [];
  const child = theirs
    ? spawn("smtp-sink", [...asUser, "-c", `127.0.0.1:${port}`, "256"], { stdio: "ignore" })
    : fork(new URL("delivery_sink.ts", import.meta.url), [String(port)]);
  process.once("exit", () => child.kill());
  await untilOpen(port);
  return {
    name: theirs ? "smtp-sink" : "a sink of our own",
    url: `smtp://127.0.0.1:${port}`,
    port,
    stop: () => void child.kill(),
  };
}

async function untilOpen(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const socket = connect(port, "127.0.0.1");
    const isOpen = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await delay(50);
  }
  throw new Error("the sink did not start");
}

/** Mails a second that postfix's smtp-source gets rid of, over as many connections; undefined where it is not installed. */
export async function timeSmtpSource(port: number, bytes: number, count: number): Promise<number | undefined> {
  if (!isInstalled("smtp-source")) return undefined;
  const messages = Math.min(count, 20_000);
  const args = ["-d", "-s", "10", "-m", String(messages), "-l", String(bytes)];
  const { milliseconds } = await timed(async () => {
    const child = spawn("smtp-source", [...args, "-f", "a@example.org", "-t", "b@example.org", `127.0.0.1:${port}`]);
    const [code] = await once(child, "exit");
    if (code !== 0) throw new Error(`smtp-source ended with ${code}`);
  });
  return (messages / milliseconds) * 1000;
}

/** Runs worker processes until nothing is queued: from the word to go to the last mail settled. */
export async function startWorkers(
  count: number,
  environment: Record<string, string>,
): Promise<{ sent: number; perSecond: number; megabytes: number }> {
  const workers = Array.from({ length: count }, () =>
    fork(new URL("delivery_worker.ts", import.meta.url), { env: { PATH: process.env.PATH, ...environment } }),
  );
  await Promise.all(workers.map((worker) => once(worker, "message")));
  const { result, milliseconds } = await timed(() => Promise.all(workers.map(run)));
  for (const worker of workers) if (worker.connected) worker.disconnect();
  const sent = result.reduce((sum, it) => sum + it.done, 0);
  return { sent, perSecond: (sent / milliseconds) * 1000, megabytes: Math.max(...result.map((it) => it.megabytes)) };
}

async function run(worker: ChildProcess): Promise<{ done: number; megabytes: number }> {
  worker.send("go");
  const [report] = await once(worker, "message");
  return report;
}

function isInstalled(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}
