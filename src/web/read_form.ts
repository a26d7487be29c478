import type { Context } from "hono";
import { UserError } from "../errors.ts";

/** The fields of a posted form, as text without what no database can hold; a file or a second field of the name is left out. */
export async function readForm(c: Context): Promise<Record<string, string>> {
  const form = await c.req.parseBody().catch(() => {
    throw new UserError("invalid", "The form could not be read. Send it again.");
  });
  const fields = Object.entries(form).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return Object.fromEntries(fields.map(([name, value]) => [name, value.replaceAll("\0", "").toWellFormed()]));
}
