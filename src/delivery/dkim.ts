import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from "node:crypto";
import { domainToASCII } from "node:url";
import { promisify } from "node:util";
import { UserError } from "../errors.ts";

/**
 * Answers the DKIM-Signature that belongs on top of a mail. `isRelaxed`: its body is in DKIM's relaxed form already, as that of a
 * composed mail is, and need not be gone through.
 */
export type Signer = (message: Buffer, isRelaxed?: boolean) => Promise<string>;

/** RFC 8058 wants both headers of one-click unsubscribing covered; the rest is what tells a reader whose mail this is. */
const signedHeaders = [
  "from",
  "to",
  "subject",
  "date",
  "message-id",
  "mime-version",
  "content-type",
  "list-unsubscribe",
  "list-unsubscribe-post",
  "list-id",
  "auto-submitted",
  "feedback-id",
];

/** Bits. Receivers take a signature of less for none (RFC 8301, 3.2). */
const smallestRsaKey = 1024;

/**
 * Makes what signs mails with DKIM (RFC 6376, relaxed/relaxed; RFC 8463 for ed25519), whose lines end in CRLF; without `t=`, so
 * that the same mail gives the same bytes. Throws a `UserError` when the settings can't sign: a mail that was to be signed never
 * leaves without.
 */
export function createSigner(settings: { domain: string; selector: string; privateKey: string }): Signer {
  const domain = dnsName("DKIM_DOMAIN", settings.domain);
  const selector = dnsName("DKIM_SELECTOR", settings.selector);
  const { algorithm, signBytes } = readKey(settings.privateKey);
  return async (message, isRelaxed = false) => {
    const end = message.indexOf("\r\n\r\n");
    if (end < 0) throw new Error("a mail without an empty line behind its headers can't be signed");
    const headers = readHeaders(message.toString("latin1", 0, end));
    const body = message.subarray(end + 4);
    const names = signedHeaders.filter((name) => headers.has(name));
    const field = [
      `DKIM-Signature: v=1; a=${algorithm}; c=relaxed/relaxed;`,
      ` d=${domain}; s=${selector};`,
      ` h=${names.join(":").replace(/.{1,70}:/g, "$&\r\n ")};`,
      ` bh=${hash("sha256", isRelaxed ? body : relaxedBody(body), "base64")};`,
      " b=",
    ].join("\r\n");
    const covered = [...names.map((name) => headers.get(name)), relaxedHeader(field)].join("\r\n");
    const signature = (await signBytes(Buffer.from(covered, "latin1"))).toString("base64");
    return `${field}${signature.match(/.{1,72}/g)?.join("\r\n ")}\r\n`;
  };
}

function dnsName(setting: string, value: string): string {
  // Only where it must be: a name of digits alone would be read as an IP address.
  const name = /^[ -~]*$/.test(value) ? value : domainToASCII(value);
  if (/^\w([\w-]*\w)?(\.\w([\w-]*\w)?)*$/.test(name)) return name;
  throw new UserError("invalid", `${setting}, ${JSON.stringify(value)}, is no name that DNS could hold.`);
}

function readKey(pem: string): { algorithm: string; signBytes: (bytes: Buffer) => Promise<Buffer> } {
  const refuse = (reason: string) => new UserError("invalid", `DKIM_PRIVATE_KEY can't sign mails: ${reason}.`);
  const key = parseKey(pem);
  if (!key) throw refuse("it must be a whole private key in PEM, without a passphrase");
  const kind = key.asymmetricKeyType;
  if (kind !== "rsa" && kind !== "ed25519")
    throw refuse(`DKIM knows keys of the kinds rsa and ed25519, and this is one of ${kind}`);
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (kind === "rsa" && bits < smallestRsaKey)
    throw refuse(`an RSA key needs ${smallestRsaKey} bits or more, and this one has ${bits}`);
  const { digest, prepare } = kinds[kind];
  const probe = prepare(Buffer.from("Paper Round"));
  if (!holds(() => verify(digest, probe, createPublicKey(key), sign(digest, probe, key))))
    throw refuse("what it signs does not verify with its own public half");
  // On a thread of its own: it takes as long as all the rest that is done for a mail.
  return { algorithm: `${kind}-sha256`, signBytes: (bytes) => signOnThread(digest, prepare(bytes), key) };
}

const signOnThread = promisify<string | null, Buffer, KeyObject, Buffer>(sign);

const kinds = {
  rsa: { digest: "sha256", prepare: (bytes: Buffer) => bytes },
  // Signs the SHA-256 of what is covered, and not the text (RFC 8463, 3).
  ed25519: { digest: null, prepare: (bytes: Buffer) => hash("sha256", bytes, "buffer") },
};

/** Without what OpenSSL says of it, which is of no use to anybody. */
function parseKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

function holds(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}

/** The headers in their relaxed form, by name. Of one that is there twice the last: verifiers look from below (RFC 6376, 5.4.2). */
function readHeaders(head: string): Map<string, string> {
  return new Map(
    head.split(/\r\n(?![ \t])/).map((field) => {
      const relaxed = relaxedHeader(field);
      return [relaxed.slice(0, relaxed.indexOf(":")), relaxed];
    }),
  );
}

/** RFC 6376, 3.4.2. */
function relaxedHeader(field: string): string {
  const colon = field.indexOf(":");
  const value = field.slice(colon + 1).replaceAll("\r\n", "");
  return `${field.slice(0, colon).trimEnd().toLowerCase()}:${value.replace(/[ \t]+/g, " ").replace(/^ | $/g, "")}`;
}

/** RFC 6376, 3.4.4. */
function relaxedBody(body: Buffer): Buffer {
  const text = `${body.toString("latin1")}\r\n`.replace(/[ \t]{2,}|\t/g, " ").replaceAll(" \r\n", "\r\n");
  let end = text.length;
  while (end > 0 && text.startsWith("\r\n", end - 2)) end -= 2;
  return Buffer.from(end > 0 ? `${text.slice(0, end)}\r\n` : "", "latin1");
}
