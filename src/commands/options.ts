import type { parseArgs } from "node:util";
import { UserError } from "../errors.ts";

/** Every option of every command. */
export const options = {
  file: { type: "string" },
  source: { type: "string" },
  date: { type: "string" },
  from: { type: "string" },
  to: { type: "string" },
  now: { type: "string" },
  "until-idle": { type: "boolean" },
  json: { type: "boolean" },
  email: { type: "string" },
  paper: { type: "string" },
  apply: { type: "boolean" },
  folder: { type: "string" },
  days: { type: "string" },
  failed: { type: "boolean" },
  requeue: { type: "string" },
  resume: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

export type Options = ReturnType<typeof parseArgs<{ options: typeof options }>>["values"];

/** Reads a date of the command line. Throws `UserError`. */
export function readDate(text: string | undefined): Temporal.PlainDate | undefined {
  if (text === undefined) return undefined;
  try {
    return Temporal.PlainDate.from(text);
  } catch {
    throw new UserError("invalid", `${JSON.stringify(text)} is no date. Write one such as 2026-11-20.`);
  }
}

/** Reads an instant of the command line. Throws `UserError`. */
export function readInstant(text: string | undefined): Temporal.Instant | undefined {
  if (text === undefined) return undefined;
  try {
    return Temporal.Instant.from(text);
  } catch {
    throw new UserError("invalid", `${JSON.stringify(text)} is no instant. Write one such as 2026-11-20T08:00:00Z.`);
  }
}
