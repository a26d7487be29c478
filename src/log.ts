import pino, { type Logger } from "pino";
import pretty from "pino-pretty";

export type Log = Logger;

/**
 * JSON lines, or coloured text when standard output is a terminal. Addresses never enter the log at `info` or above:
 * log `maskAddress(address)` or a row's id.
 */
export function createLog(level: string, stream: NodeJS.WriteStream = process.stderr): Log {
  const options = { level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime };
  if (!stream.isTTY) return pino(options, pino.destination({ fd: 2, sync: true }));
  return pino(options, pretty({ destination: 2, sync: true, translateTime: "SYS:HH:MM:ss", ignore: "pid,hostname" }));
}

/** `ada@example.org` as `a…@example.org`: enough to find a provider's trouble, too little to find a person. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf("@");
  return at < 1 ? "…" : `${address.slice(0, 1)}…${address.slice(at)}`;
}
