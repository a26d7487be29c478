import { expect, test } from "vitest";
import {
  envelopeSender,
  findReturnAddress,
  makeReturnAddress,
  readReturnAddress,
  unsubscribeByMail,
} from "../../src/delivery/return_address.ts";
import { deriveToken } from "../../src/token.ts";
import { testConfig } from "../support/context.ts";

const config = testConfig({ INBOUND_SMTP_PORT: "2525", RETURN_DOMAIN: "bounces.example.org" });
const kinds = ["bounce", "unsubscribe", "feedback"] as const;

test.each(kinds)("an address for %s comes back as what it is for, in whatever case", (kind) => {
  for (const id of [0, 1, 12_345, 999_999_999_999_999]) {
    const address = makeReturnAddress(config, kind, id);
    expect(address).toMatch(/^[a-z0-9-]{1,63}@bounces\.example\.org$/);
    for (const seen of [address, address.toUpperCase(), address.replace("bounces", "Bounces")])
      expect(readReturnAddress(config, seen)).toEqual({ kind, id });
  }
});

test("what was not signed by us is none of ours", () => {
  const address = makeReturnAddress(config, "bounce", 7);
  const signature = /-([0-9a-v]{26})@/.exec(address)?.[1] as string;
  const other = testConfig({
    INBOUND_SMTP_PORT: "2525",
    RETURN_DOMAIN: "bounces.example.org",
    SECRET: "another secret of more than thirty-two characters",
  });
  for (const forged of [
    address.replace("bounce-7", "bounce-8"),
    address.replace("bounce-7", "bounce-07"),
    address.replace("bounce-7", "unsubscribe-7"),
    address.replace("bounce-7", "feedback-7"),
    address.replace("bounce-7-", "bounce-7--"),
    address.replace(/.@/, (it) => (it === "0@" ? "1@" : "0@")),
    address.replace("@", "0@"),
    address.replace("bounces.example.org", "example.org"),
    address.replace("@", "@example.net@"),
    `bounce-7-${"0".repeat(26)}@bounces.example.org`,
    `bounce-7-${deriveToken(config.secret, "unsubscribe", 7).slice(0, 26)}@bounces.example.org`,
    makeReturnAddress(other, "bounce", 7),
    `x${address}`,
    signature,
    "postmaster",
    "postmaster@bounces.example.org",
    "@bounces.example.org",
    "",
  ])
    expect(readReturnAddress(config, forged), forged).toBeUndefined();
});

test("without a port for returned mail, mail comes back to the sender, and nobody is told to unsubscribe by mail", () => {
  const without = testConfig({});
  expect(envelopeSender(without, 7)).toBe("round@papers.example.org");
  expect(unsubscribeByMail(without, 7)).toBeUndefined();
  expect(envelopeSender(config, 7)).toBe(makeReturnAddress(config, "bounce", 7));
  expect(unsubscribeByMail(config, 7)).toBe(
    `mailto:${makeReturnAddress(config, "unsubscribe", 7)}?subject=unsubscribe`,
  );
});

test("the return domain is the sender's unless another is set", () => {
  expect(testConfig({ INBOUND_SMTP_PORT: "2525" }).returnDomain).toBe("papers.example.org");
  expect(testConfig({ RETURN_DOMAIN: "Bücher.example" }).returnDomain).toBe("xn--bcher-kva.example");
  for (const wrong of ["a b", "user@example.org", "a..b", "a".repeat(64)])
    expect(() => testConfig({ RETURN_DOMAIN: wrong }), wrong).toThrow(/RETURN_DOMAIN/);
});

test("workers that receive nothing send with the same addresses as the one that does, where RETURN_DOMAIN is set for all", () => {
  const everywhere = { RETURN_DOMAIN: "bounces.example.org" };
  const [one, other] = [testConfig(everywhere), testConfig({ ...everywhere, INBOUND_SMTP_PORT: "25" })];
  expect(envelopeSender(one, 7)).toBe(envelopeSender(other, 7));
  expect(unsubscribeByMail(one, 8)).toBe(unsubscribeByMail(other, 8));
  expect(envelopeSender(one, 7)).toMatch(/^bounce-7-.*@bounces\.example\.org$/);
  expect(unsubscribeByMail(testConfig({}), 8)).toBeUndefined();
});

test("the address that a report names is found, that of the mail before that of the reader, and only what we signed", () => {
  const find = (text: string) => findReturnAddress(config, Buffer.from(text));
  const mail = makeReturnAddress(config, "bounce", 7);
  const reader = `List-Unsubscribe: <https://papers.example.org/x>,\r\n <mailto:${makeReturnAddress(config, "unsubscribe", 8)}?subject=unsubscribe>\r\n`;
  expect(find(`${reader}Return-Path: <${mail.toUpperCase()}>\r\n`)).toEqual({
    kind: "bounce",
    id: 7,
    otherwise: { kind: "unsubscribe", id: 8 },
  });
  expect(find(`To: ${mail.replace("7", "9")}\r\n${reader}`)).toEqual({ kind: "unsubscribe", id: 8 });
  expect(find(`To: ${mail.replace("7", "9")}\r\n`)).toBeUndefined();
  expect(find("bounce-1-".repeat(100_000))).toBeUndefined();
});
