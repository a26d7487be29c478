import { createHmac, timingSafeEqual } from "node:crypto";
import { domainToASCII } from "node:url";
import type { Config } from "../config.ts";

/**
 * What a signed address is for, and what its number names:
 *
 * - `bounce`: the envelope sender of a mail; the number is the mail's in the outbox.
 * - `unsubscribe`: in List-Unsubscribe; the number is the reader's.
 * - `feedback`: for the complaints of a provider's feedback loop, which all go to one address; the number is 0.
 */
export type ReturnKind = "bounce" | "unsubscribe" | "feedback";

export type ReturnAddress = {
  kind: ReturnKind;
  id: number;
  /** Of a reader's address for leaving: how often their mails had moved to another address when it was made. */
  moves?: number;
  /** Of a mail that a complaint returned: its reader's, for when the mail itself is not kept any more. */
  otherwise?: ReturnAddress;
};

/**
 * An address that only we can make. Servers may change its case, so it has only signs that survive that; they stay below 64
 * octets before the @ (RFC 5321, 4.5.3.1.1). There is no plus sign in it, which some programs take for a space in `mailto:`.
 */
export function makeReturnAddress(config: Config, kind: ReturnKind, id: number, moves = 0): string {
  const number = moves > 0 ? `${id}.${moves}` : `${id}`;
  return `${kind}-${number}-${sign(config.secret, kind, number)}@${config.returnDomain}`;
}

/** Where a mail comes back to when it can't be delivered: to its own address if we receive mail, else to the sender. */
export function envelopeSender(config: Config, outboxId: number): string {
  if (!config.takesReturns) return config.mailFrom.address;
  return makeReturnAddress(config, "bounce", outboxId);
}

/** The `mailto:` that unsubscribes a reader, where we receive mail. */
export function unsubscribeByMail(config: Config, subscriberId: number, moves = 0): string | undefined {
  if (!config.takesReturns) return undefined;
  return `mailto:${makeReturnAddress(config, "unsubscribe", subscriberId, moves)}?subject=unsubscribe`;
}

const localPart = /^(bounce|unsubscribe|feedback)-((0|[1-9]\d{0,14})(?:\.([1-9]\d{0,5}))?)-([0-9a-v]{26})$/;

/** What an address that somebody wrote to is for. Undefined: it is none that we made. */
export function readReturnAddress(config: Config, address: string): ReturnAddress | undefined {
  const at = address.lastIndexOf("@");
  if (domainToASCII(address.slice(at + 1)).toLowerCase() !== config.returnDomain) return undefined;
  const [, kind, number, id, moves, signature] = localPart.exec(address.slice(0, Math.max(at, 0)).toLowerCase()) ?? [];
  if (!kind || !number || !signature) return undefined;
  const expected = sign(config.secret, kind as ReturnKind, number);
  if (!timingSafeEqual(Buffer.from(signature), Buffer.from(expected))) return undefined;
  return { kind: kind as ReturnKind, id: Number(id), ...(moves ? { moves: Number(moves) } : {}) };
}

/**
 * The address of ours that a report names somewhere: the mail's own, in Return-Path or To, and that in its List-Unsubscribe,
 * which is the reader's.
 */
export function findReturnAddress(config: Config, source: Uint8Array): ReturnAddress | undefined {
  const text = Buffer.from(source).toString("latin1");
  const found = text
    .matchAll(/\b(?:bounce|unsubscribe)-\d{1,15}(?:\.\d{1,6})?-[0-9a-v]{26}@[\w.-]{1,255}/gi)
    .map(([address]) => readReturnAddress(config, address))
    .filter((it) => it !== undefined)
    .toArray();
  const mail = found.find((it) => it.kind === "bounce");
  const reader = found.find((it) => it.kind === "unsubscribe");
  return mail && reader ? { ...mail, otherwise: reader } : (mail ?? reader);
}

/** 128 bits in digits and the letters a to v. The purpose is no other token's. */
function sign(secret: string, kind: ReturnKind, number: string): string {
  const bits = createHmac("sha256", secret).update(`return-${kind}:${number}`).digest("hex").slice(0, 32);
  return BigInt(`0x${bits}`).toString(32).padStart(26, "0");
}
