import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { composeMail, type Mail } from "../../src/delivery/compose.ts";
import { Lines } from "../../src/delivery/content.ts";
import { createSigner } from "../../src/delivery/dkim.ts";
import { onTheWire } from "../../src/delivery/wire.ts";

const { privateKey } = generateKeyPairSync("ed25519");
const sign = createSigner({
  domain: "papers.example.org",
  selector: "round",
  privateKey: privateKey.export({ format: "pem", type: "pkcs8" }) as string,
});

const words = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.string({ unit: fc.constantFrom(..." \t\r\n\u2028\0é🦔\uD800=.aF", "From ", "\r\n.\r\n", "x".repeat(76)) }),
);
const shared = new Lines("What all of them are shown.\n.\nFrom the same \n");

const mail: fc.Arbitrary<Mail> = fc.tuple(words, words, words, fc.nat()).map(([subject, text, html, number]) => ({
  messageId: `<${number}@papers.example.org>`,
  from: { name: "Paper Round", address: "digest@papers.example.org" },
  to: "reader@example.org",
  subject,
  text: [`${text}\n`, shared, text],
  html: [shared, html],
  date: Temporal.Instant.from("2026-11-20T08:00:00Z"),
  headers: {},
}));

test("mails that are composed at once are each signed as verifiers reckon, and have no words of one another", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(mail, { minLength: 1, maxLength: 4 }), async (mails) => {
      const written = await Promise.all(mails.map((it) => onTheWire(it, sign)));
      for (const [at, it] of mails.entries()) {
        const composed = composeMail(it);
        const signature = await sign(composed); // which takes no body for relaxed
        expect(written[at]?.toString("latin1")).toBe(`${signature}${composed.toString("latin1")}.\r\n`);
        expect(composed.toString("latin1")).not.toMatch(/^\./m);
      }
    }),
    { numRuns: 200 },
  );
});
