import { spawnSync } from "node:child_process";
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, verify } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { composeMail } from "../../src/delivery/compose.ts";
import { createSigner } from "../../src/delivery/dkim.ts";
import { UserError } from "../../src/errors.ts";

const pairs = { rsa: generateKeyPairSync("rsa", { modulusLength: 2048 }), ed25519: generateKeyPairSync("ed25519") };
const kinds = ["rsa", "ed25519"] as const;
const settings = { domain: "papers.example.org", selector: "round" };
const pem = (key: KeyObject) => key.export({ type: "pkcs8", format: "pem" }).toString();
/** What puts the signature on top of a mail. */
function signerWith(settings: Parameters<typeof createSigner>[0]): (mail: Buffer) => Promise<Buffer> {
  const sign = createSigner(settings);
  return async (mail) => Buffer.concat([Buffer.from(await sign(mail)), mail]);
}
const signerOf = (kind: keyof typeof pairs) => signerWith({ ...settings, privateKey: pem(pairs[kind].privateKey) });

const mail = composeMail({
  messageId: "<1d3f7a52-53f1-4a3c-9a49-5e8fbd9d6a0b@papers.example.org>",
  from: { name: 'Round, "Paper"', address: "digest@papers.example.org" },
  to: "jürgen@bücher.example",
  subject: "Speech 🦔 and a subject that is long enough to be folded, 田中さんにあげて下さい",
  text: "Two  spaces,\ta tab \n.\nFrom here\n\n\n",
  html: `<p>Speech 🦔 = x</p>\n${"<p>A line that is too long for one.</p>".repeat(20)}\n\n`,
  date: Temporal.Instant.from("2026-11-20T08:00:00Z"),
  headers: {
    "Auto-Submitted": "auto-generated",
    "Feedback-ID": "digest:paper-round:papers.example.org",
    "List-Id": "Paper Round <digest.papers.example.org>",
    "List-Unsubscribe": "<https://papers.example.org/unsubscribe/token>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    Precedence: "list",
  },
});

/** A verifier that knows RFC 6376 (relaxed/relaxed) and RFC 8463 only, and works through bytes where ours uses patterns. */
function verifies(message: Buffer, key: KeyObject, index = 0): boolean {
  const source = message.toString("latin1");
  const end = source.indexOf("\r\n\r\n");
  const fields: { name: string; value: string }[] = [];
  for (const line of source.slice(0, end).split("\r\n")) {
    const last = fields.at(-1);
    if (last && (line[0] === " " || line[0] === "\t")) last.value += line;
    else
      fields.push({ name: line.split(":")[0]?.trim().toLowerCase() ?? "", value: line.slice(line.indexOf(":") + 1) });
  }
  const own = fields.filter((it) => it.name === "dkim-signature")[index];
  if (!own) return false;
  const tags = new Map<string, string>();
  for (const tag of own.value.split(";")) {
    const [name = "", ...value] = tag.split("=");
    if (tags.has(name.trim())) return false;
    tags.set(name.trim(), value.join("=").trim());
  }
  const tag = (name: string) => (tags.get(name) ?? "").replace(/[ \t]/g, "");
  if (tag("v") !== "1" || tag("c") !== "relaxed/relaxed" || !tag("d") || !tag("s") || tags.has("l")) return false;
  const hash = createHash("sha256").update(relaxedLines(source.slice(end + 4)), "latin1");
  if (hash.digest("base64") !== tag("bh")) return false;
  const left = [...fields];
  let covered = "";
  for (const name of tag("h").toLowerCase().split(":")) {
    const at = left.findLastIndex((it) => it.name === name);
    if (at >= 0) covered += `${name}:${relaxedWords(left.splice(at, 1)[0]?.value ?? "")}\r\n`;
  }
  covered += `dkim-signature:${relaxedWords(own.value.replace(/((?:^|;)[ \t]*b[ \t]*=)[^;]*/, "$1"))}`;
  const bytes = Buffer.from(covered, "latin1");
  const signature = Buffer.from(tag("b"), "base64");
  if (tag("a") === "rsa-sha256") return verify("sha256", bytes, key, signature);
  if (tag("a") !== "ed25519-sha256") return false;
  return verify(null, createHash("sha256").update(bytes).digest(), key, signature);
}

function relaxedWords(line: string): string {
  return line.split(/[ \t]/).filter(Boolean).join(" ");
}

function relaxedLines(body: string): string {
  const lines: string[] = [];
  for (const line of body.split("\r\n"))
    lines.push(
      (line.startsWith(" ") || line.startsWith("\t") ? " " : "").concat(relaxedWords(line)).replace(/^ $/, ""),
    );
  while (lines.length > 0 && lines.at(-1) === "") lines.pop();
  return lines.map((line) => `${line}\r\n`).join("");
}

/** RFC 8463, appendix A: keys, and one mail signed twice. */
const example = {
  ed25519: "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
  rsa: [
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutAC",
    "DfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB",
  ].join(""),
  mail: Buffer.from(
    `DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.

`.replaceAll("\n", "\r\n"),
  ),
};

test("the verifier of these tests agrees with RFC 8463's own example", () => {
  const raw = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), Buffer.from(example.ed25519, "base64")]);
  const ed25519 = createPublicKey({ key: raw, format: "der", type: "spki" });
  const rsa = createPublicKey({ key: Buffer.from(example.rsa, "base64"), format: "der", type: "spki" });
  expect(verifies(example.mail, ed25519, 0)).toBe(true);
  expect(verifies(example.mail, rsa, 1)).toBe(true);
});

test.each(kinds)("a mail signed with %s verifies, and stays as it is below the signature", async (kind) => {
  const signed = await signerOf(kind)(mail);
  expect(verifies(signed, pairs[kind].publicKey)).toBe(true);
  expect(signed.subarray(-mail.length)).toEqual(mail);
  const signature = signed.toString("latin1", 0, signed.length - mail.length);
  expect(signature).toMatch(
    new RegExp(`^DKIM-Signature: v=1; a=${kind}-sha256; c=relaxed/relaxed;\r\n d=papers\\.example\\.org; s=round;`),
  );
  expect(signature).toMatch(/^([!-~][ -~]{0,77}\r\n)( [!-~][ -~]{0,76}\r\n)+$/);
  expect(/h=([^;]*)/.exec(signature)?.[1]?.replace(/\s/g, "").split(":")).toEqual([
    ..."from to subject date message-id mime-version content-type list-unsubscribe".split(" "),
    ..."list-unsubscribe-post list-id auto-submitted feedback-id".split(" "),
  ]);
});

test("a header that a mail has not got is not named", async () => {
  const bare = Buffer.from("From: a@example.org\r\nSubject: Hello\r\nX-Other: 1\r\n\r\nHello.\r\n");
  const signed = await signerOf("ed25519")(bare);
  expect(signed.toString()).toContain(" h=from:\r\n subject;\r\n");
  expect(verifies(signed, pairs.ed25519.publicKey)).toBe(true);
});

test.each(kinds)("the same mail has the same signature of %s", async (kind) => {
  expect(await signerOf(kind)(mail)).toEqual(await signerOf(kind)(mail));
});

test.each([
  ["a header that is covered is changed", "Subject: =?", "Subject: x =?", false],
  ["the way to unsubscribe is changed", "/unsubscribe/token", "/unsubscribe/other", false],
  ["a word of the text is changed", "a tab", "a cab", false],
  ["lines are added at the end", /$/, "x\r\n", false],
  ["an empty line is added at the end", /$/, "\r\n\r\n", true],
  ["a header that is covered is folded again", "Paper Round <digest.", "Paper\r\n\t  Round   <digest.", true],
  ["spaces get more", "A line that", "A  line \t that", true],
  ["a header is added on top", /^/, "Received: from somewhere\r\n", true],
])("when %s on the way, the signature holds or not as RFC 6376 says", async (_, from, to, holds) => {
  const signed = (await signerOf("rsa")(mail)).toString("latin1");
  const changed = signed.replace(from, to);
  expect(changed).not.toBe(signed);
  expect(verifies(Buffer.from(changed, "latin1"), pairs.rsa.publicKey)).toBe(holds);
});

test("any mail that is signed verifies", async () => {
  const line = fc.string({ unit: fc.constantFrom(..."a:; \t=.\xe9", "  ", "\r\n "), maxLength: 30 });
  const body = fc.string({ unit: fc.constantFrom(..."a \t=\xe9", "\r\n", "  "), maxLength: 60 });
  const sign = signerOf("ed25519");
  await fc.assert(
    fc.asyncProperty(line, line, body, async (subject, to, text) => {
      const head = `From: a@example.org\r\nSubject:x${subject}\r\nTo: first\r\nto :\t${to}x\r\n\r\n`;
      const signed = await sign(Buffer.from(head + text, "latin1"));
      expect(verifies(signed, pairs.ed25519.publicKey)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test("an empty body has the hash that RFC 6376 gives it", async () => {
  for (const body of ["", "\r\n", " \t\r\n\r\n", " "])
    expect((await signerOf("rsa")(Buffer.from(`From: a@example.org\r\n\r\n${body}`))).toString()).toContain(
      "bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;",
    );
});

test("what has no body at all is not signed", async () => {
  await expect(signerOf("rsa")(Buffer.from("From: a@example.org\r\n"))).rejects.toThrow("can't be signed");
});

/** An RSA key whose public half belongs to another. */
function mismatched(): string {
  const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey;
  const modulus = (key: KeyObject) => Buffer.from(key.export({ format: "jwk" }).n ?? "", "base64url");
  const der = pairs.rsa.privateKey.export({ type: "pkcs8", format: "der" });
  der.set(modulus(other), der.indexOf(modulus(pairs.rsa.publicKey)));
  return `-----BEGIN PRIVATE KEY-----\n${der.toString("base64")}\n-----END PRIVATE KEY-----\n`;
}

const whole = "it must be a whole private key in PEM, without a passphrase";

test.each([
  ["text", "hunter2", whole],
  ["half a key", pem(pairs.rsa.privateKey).slice(0, 400), whole],
  ["a public key", pairs.rsa.publicKey.export({ type: "spki", format: "pem" }).toString(), whole],
  [
    "a key with a passphrase",
    pairs.rsa.privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "a" }).toString(),
    whole,
  ],
  ["an EC key", pem(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey), "this is one of ec"],
  ["an RSA-PSS key", pem(generateKeyPairSync("rsa-pss", { modulusLength: 2048 }).privateKey), "this is one of rsa-pss"],
  ["a short RSA key", pem(generateKeyPairSync("rsa", { modulusLength: 768 }).privateKey), "this one has 768"],
  ["a key of two halves that don't match", mismatched(), "does not verify with its own public half"],
])("%s is refused before a mail is sent, and not shown", (_, privateKey, reason) => {
  let message = "";
  try {
    createSigner({ ...settings, privateKey });
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    message = (error as UserError).message;
  }
  expect(message).toMatch(/^DKIM_PRIVATE_KEY can't sign mails: .*\.$/);
  expect(message).toContain(reason);
  expect(message).not.toContain("hunter2");
});

test("a domain or selector that DNS could not hold is refused; an IDN is written in ASCII", async () => {
  const privateKey = pem(pairs.ed25519.privateKey);
  for (const name of ["", "a b", "a;b=c", "a\r\nBcc: x", ".a", "a..b"]) {
    expect(() => createSigner({ ...settings, domain: name, privateKey })).toThrow("DKIM_DOMAIN, ");
    expect(() => createSigner({ ...settings, selector: name, privateKey })).toThrow("DKIM_SELECTOR, ");
  }
  const signed = await signerWith({ domain: "bücher.example", selector: "2026", privateKey })(mail);
  expect(signed.toString()).toContain("d=xn--bcher-kva.example; s=2026;");
});

/** Debian's python3-dkim, which an own build of Python does not see. */
const python = ["python3", "/usr/bin/python3"].find((it) => spawnSync(it, ["-c", "import dkim, nacl"]).status === 0);

test.skipIf(!python).each(kinds)("python3-dkim verifies a mail signed with %s", async (kind) => {
  const { publicKey } = pairs[kind];
  const key = publicKey.export({ type: "spki", format: "der" }).subarray(kind === "rsa" ? 0 : -32);
  const record = `v=DKIM1; k=${kind}; p=${key.toString("base64")}`;
  const verifier =
    "import dkim, sys; print(dkim.verify(sys.stdin.buffer.read(), dnsfunc=lambda *_, **__: sys.argv[1].encode()))";
  const verdict = (message: Buffer) =>
    spawnSync(python as string, ["-c", verifier, record], { input: message })
      .stdout.toString()
      .trim();
  const signed = await signerOf(kind)(mail);
  expect(verdict(signed)).toBe("True");
  expect(verdict(Buffer.from(signed.toString().replace("a tab", "a cab")))).toBe("False");
});
