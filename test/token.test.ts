import fc from "fast-check";
import { expect, test } from "vitest";
import { deriveToken, findToken, issueTokens, type Purpose } from "../src/token.ts";
import { createContext } from "./support/context.ts";
import { addReader } from "./support/make.ts";

const context = await createContext();
const now = context.clock();
const purposes: Purpose[] = ["confirm", "preferences", "unsubscribe", "fewer", "resubscribe", "digest"];

test("a token holds 192 bits, comes out the same each time, and differs for each purpose, row and secret", () => {
  fc.assert(
    fc.property(
      fc.tuple(fc.constantFrom(...purposes), fc.nat(), fc.string({ minLength: 32 })),
      fc.tuple(fc.constantFrom(...purposes), fc.nat(), fc.string({ minLength: 32 })),
      ([purpose, id, secret], [otherPurpose, otherId, otherSecret]) => {
        const token = deriveToken(secret, purpose, id);
        expect(Buffer.from(token, "base64url")).toHaveLength(24);
        expect(deriveToken(secret, purpose, id)).toBe(token);
        const same = purpose === otherPurpose && id === otherId && secret === otherSecret;
        expect(deriveToken(otherSecret, otherPurpose, otherId) === token).toBe(same);
      },
    ),
  );
});

test("a token does one purpose and no other", async () => {
  const subscriberId = await addReader(context);
  const token = deriveToken(context.config.secret, "unsubscribe", subscriberId);
  for (const purpose of purposes) {
    const holder = await findToken(context.sql, purpose, token, now);
    expect(holder?.subscriberId).toBe(purpose === "unsubscribe" ? subscriberId : undefined);
  }
});

test("only the hash of a token is kept", async () => {
  const subscriberId = await addReader(context);
  const token = deriveToken(context.config.secret, "preferences", subscriberId);
  const rows = await context.sql`select t::text as row from tokens t`;
  expect(rows.some((row) => row.row.includes(token))).toBe(false);
});

test("a token that expires stops working then, and one that does not works for ever, whatever becomes of the secret", async () => {
  const subscriberId = await addReader(context);
  const token = deriveToken("another secret that is long enough for it", "confirm", 99);
  await issueTokens(context.sql, now, [{ token, purpose: "confirm", subscriberId, expiresAt: now.add({ hours: 1 }) }]);
  expect(await findToken(context.sql, "confirm", token, now.add({ minutes: 59 }))).toBeDefined();
  expect(await findToken(context.sql, "confirm", token, now.add({ minutes: 61 }))).toBeUndefined();
  const unsubscribe = deriveToken(context.config.secret, "unsubscribe", subscriberId);
  expect(await findToken(context.sql, "unsubscribe", unsubscribe, now.add({ hours: 24 * 365 * 20 }))).toBeDefined();
});

test("anything that is no token finds nobody", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string(), async (text) => {
      expect(await findToken(context.sql, "unsubscribe", text, now)).toBeUndefined();
    }),
    { numRuns: 50 },
  );
});
