import type { Context } from "../context.ts";
import { digestTokens, issueTokens, readerTokens } from "../token.ts";
import type { OutboxRow } from "./claim.ts";

/** The links of a mail work from the moment that it can arrive, also when the secret has changed since the reader confirmed. */
export async function issueMailTokens(
  { sql, config }: Pick<Context, "sql" | "config">,
  rows: OutboxRow[],
  now: Temporal.Instant,
): Promise<void> {
  const toReaders = rows.filter((row) => row.kind === "digest" || row.kind === "preferences-link");
  const digests = rows.filter((row) => row.kind === "digest");
  await issueTokens(sql, now, [
    ...readerTokens(
      config.secret,
      toReaders.map((row) => row.subscriberId),
    ),
    ...digests.flatMap(({ subscriberId, subjectId }) => digestTokens(config.secret, subscriberId, subjectId)),
  ]);
}
