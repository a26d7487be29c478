import type { Context } from "../context.ts";
import { digestTokens, issueTokens, readerTokens } from "../token.ts";
import type { OutboxRow } from "./claim.ts";
import { followsReader } from "./outbox.ts";

/** The links of a mail work from the moment that it can arrive, also when the secret has changed since the reader confirmed. */
export async function issueMailTokens(
  { sql, config }: Pick<Context, "sql" | "config">,
  rows: OutboxRow[],
  now: Temporal.Instant,
): Promise<void> {
  const digests = rows.filter((row) => row.kind === "digest");
  await issueTokens(sql, now, [
    ...readerTokens(
      config.secret,
      rows.filter((row) => followsReader.includes(row.kind)),
    ),
    ...digests.flatMap((row) => digestTokens(config.secret, row)),
  ]);
}
