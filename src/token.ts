import { createHash, createHmac } from "node:crypto";
import type { Sql } from "./db.ts";

/** What a link may do: one thing each. */
export type Purpose =
  | "confirm"
  | "preferences"
  | "unsubscribe"
  | "fewer"
  | "resubscribe"
  | "digest"
  | "vote"
  | "address"
  | "address-undo";

/**
 * The token in the link for one purpose and row: 192 bits that only the holder of the secret can make. It comes out the same
 * each time, so that a mail rendered again after a crash is the same mail, though only its hash is kept.
 */
export function deriveToken(secret: string, purpose: Purpose, id: number): string {
  return createHmac("sha256", secret).update(`${purpose}:${id}`).digest().subarray(0, 24).toString("base64url");
}

export type NewToken = {
  token: string;
  purpose: Purpose;
  subscriberId: number;
  subjectId?: number;
  expiresAt?: Temporal.Instant;
};

/** Makes tokens valid. One that is valid already stays as it is. */
export async function issueTokens(sql: Sql, now: Temporal.Instant, tokens: NewToken[]): Promise<void> {
  if (tokens.length === 0) return;
  const rows = tokens.map((it) => ({
    hash: `\\x${hashOf(it.token).toString("hex")}`,
    purpose: it.purpose,
    subscriber_id: it.subscriberId,
    subject_id: it.subjectId ?? null,
    created_at: now.toString(),
    expires_at: it.expiresAt?.toString() ?? null,
  }));
  await sql`
    insert into tokens select * from jsonb_populate_recordset(null::tokens, ${sql.json(rows)})
    on conflict do nothing`;
}

/** The links that act for readers: leaving, taking it back, fewer mails, and their preferences. */
export function readerTokens(secret: string, subscriberIds: number[]): NewToken[] {
  const purposes: Purpose[] = ["unsubscribe", "preferences", "fewer", "resubscribe"];
  return subscriberIds.flatMap((subscriberId) =>
    purposes.map((purpose) => ({ token: deriveToken(secret, purpose, subscriberId), purpose, subscriberId })),
  );
}

/** The links that are about a digest: to see it, and to vote on its papers. */
export function digestTokens(secret: string, subscriberId: number, subjectId: number): NewToken[] {
  const purposes: Purpose[] = ["digest", "vote"];
  return purposes.map((purpose) => ({
    token: deriveToken(secret, purpose, subjectId),
    purpose,
    subscriberId,
    subjectId,
  }));
}

export type TokenHolder = { subscriberId: number; subjectId: number | null };

/** Whom a token acts for, or undefined when it was never made for this purpose or has expired. */
export async function findToken(
  sql: Sql,
  purpose: Purpose,
  token: string,
  now: Temporal.Instant,
): Promise<TokenHolder | undefined> {
  if (!/^[\w-]{32}$/.test(token)) return undefined;
  const [row] = await sql<TokenHolder[]>`
    select subscriber_id as "subscriberId", subject_id as "subjectId" from tokens
    where hash = ${hashOf(token)} and purpose = ${purpose} and (expires_at is null or expires_at > ${now})`;
  return row;
}

function hashOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
