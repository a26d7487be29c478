import { createHash, createHmac } from "node:crypto";
import type { Sql } from "./db.ts";
import { addressKey } from "./subscribers/address.ts";

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
 * each time, so that a mail rendered again after a crash is the same mail, though only its hash is kept. A reader's links are
 * others after each of their `moves` to another address.
 */
export function deriveToken(secret: string, purpose: Purpose, id: number, moves = 0): string {
  const name = moves > 0 ? `${purpose}:${id}:${moves}` : `${purpose}:${id}`;
  return createHmac("sha256", secret).update(name).digest().subarray(0, 24).toString("base64url");
}

export type NewToken = {
  token: string;
  purpose: Purpose;
  subscriberId: number;
  subjectId?: number;
  expiresAt?: Temporal.Instant;
  /** The key of the address that it is mailed to, where it acts for the reader there. */
  mailedTo?: string;
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
    mailed_to: it.mailedTo ?? null,
  }));
  await sql`
    insert into tokens select * from jsonb_populate_recordset(null::tokens, ${sql.json(rows)})
    on conflict do nothing`;
}

/** Who is mailed links of their own: `moves` is how often their mails have gone to another address. */
export type Linked = { subscriberId: number; email: string; moves: number };

/** The links that act for readers: leaving, taking it back, fewer mails, and their preferences. */
export function readerTokens(secret: string, readers: Linked[]): NewToken[] {
  const purposes: Purpose[] = ["unsubscribe", "preferences", "fewer", "resubscribe"];
  return readers.flatMap(({ subscriberId, email, moves }) =>
    purposes.map((purpose) => ({
      token: deriveToken(secret, purpose, subscriberId, moves),
      purpose,
      subscriberId,
      mailedTo: addressKey(email),
    })),
  );
}

export type TokenHolder = {
  subscriberId: number;
  subjectId: number | null;
  /** It was mailed to an address that the reader's mails no longer go to: a link for leaving then does nothing. */
  moved: boolean;
};

/** What is voted on papers of long ago tells little of what a reader cares for. */
const voteWithin = { hours: 100 * 24 };

/**
 * The links that are about a digest: to see it, which goes on wherever the reader's mails go, since it shows what was mailed and
 * nothing else; and to vote on its papers, which acts for the reader at that address.
 */
export function digestTokens(
  secret: string,
  it: Linked & { subjectId: number; createdAt: Temporal.Instant },
): NewToken[] {
  const { subscriberId, subjectId, email, moves, createdAt } = it;
  const link = (purpose: Purpose, token: string) => ({ token, purpose, subscriberId, subjectId });
  return [
    link("digest", deriveToken(secret, "digest", subjectId)),
    {
      ...link("vote", deriveToken(secret, "vote", subjectId, moves)),
      mailedTo: addressKey(email),
      expiresAt: createdAt.add(voteWithin),
    },
  ];
}

/**
 * Whom a token acts for, or undefined when it was never made for this purpose, has expired, or came to an address that is not
 * the reader's any more. A link for leaving is known for ever.
 */
export async function findToken(
  sql: Sql,
  purpose: Purpose,
  token: string,
  now: Temporal.Instant,
): Promise<TokenHolder | undefined> {
  if (!/^[\w-]{32}$/.test(token)) return undefined;
  const [row] = await sql<TokenHolder[]>`
    select t.subscriber_id as "subscriberId", t.subject_id as "subjectId", coalesce(t.mailed_to <> s.email_key, false) as moved
    from tokens t join subscribers s on s.id = t.subscriber_id
    where t.hash = ${hashOf(token)} and t.purpose = ${purpose} and (t.expires_at is null or t.expires_at > ${now})`;
  return row?.moved && purpose !== "unsubscribe" ? undefined : row;
}

function hashOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
