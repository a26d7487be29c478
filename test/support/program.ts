import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { whenFileEnds } from "./cleanup.ts";

const cli = new URL("../../src/cli.ts", import.meta.url).pathname;

/** The program is started dozens of times; what Node has made of its files is kept from start to start, and from run to run. */
const compiled = new URL("../../node_modules/.cache/paper-round", import.meta.url).pathname;

export type Program = {
  process: ChildProcess;
  /** What it has printed so far. */
  output: () => string;
  /** Waits until it prints something that matches. Fails when it ends first. */
  printed: (pattern: RegExp) => Promise<RegExpExecArray>;
  /** Waits for its end and answers the exit code. */
  ended: () => Promise<number | null>;
};

/** Starts the real program, with an environment of its own. */
export function startProgram(args: string[], environment: Record<string, string> = {}): Program {
  const child = spawn(process.execPath, [cli, ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TZ: "UTC", NODE_COMPILE_CACHE: compiled, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const waiting = new Set<() => void>();
  const hear = (chunk: Buffer) => {
    output += chunk;
    for (const look of waiting) look();
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const exit = once(child, "exit") as Promise<[number | null]>;
  whenFileEnds(() => child.kill("SIGKILL"));
  return {
    process: child,
    output: () => output,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(output);
          if (match) {
            waiting.delete(look);
            resolve(match);
          }
        };
        waiting.add(look);
        look();
        exit.then(() => reject(new Error(`it ended without printing ${pattern}:\n${output}`)));
      }),
    ended: async () => (await exit)[0],
  };
}

/** Runs the real program to its end. */
export async function runProgram(
  args: string[],
  environment: Record<string, string> = {},
): Promise<{ code: number | null; output: string }> {
  const program = startProgram(args, environment);
  const code = await program.ended();
  return { code, output: program.output() };
}
