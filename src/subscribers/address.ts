import { domainToASCII } from "node:url";
import { UserError } from "../errors.ts";

/** Longest forms that SMTP carries (RFC 5321, 4.5.3.1). */
const longest = { local: 64, address: 254 };

/**
 * One mail address as a person types it, checked: the local part as given, the domain in lower case and ASCII. Quoted local
 * parts, address literals and comments are refused: no reader has one, and each is a way to smuggle something else in.
 */
export function parseAddress(typed: string): string {
  const text = typed.trim();
  const refuse = (message: string) => new UserError("invalid", message, "email");
  if (!text) throw refuse("Type the address that the papers should go to.");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u001f\u007f\s]/.test(text)) throw refuse("An address has no spaces or line breaks in it.");
  const parts = text.split("@");
  if (parts.length > 2 || /[,;]/.test(text)) throw refuse("Type one address only.");
  const [local, domain] = parts;
  if (!local || !domain) throw refuse("An address looks like name@example.org.");
  if (Buffer.byteLength(local) > longest.local)
    throw refuse(`The part before the @ is longer than ${longest.local} characters.`);
  if (!/^[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+)*$/u.test(local))
    throw refuse(
      `The part before the @, ${JSON.stringify(local.slice(0, 40))}, has a sign that an address can't have.`,
    );
  const ascii = domainToASCII(domain).toLowerCase();
  if (!/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{2,59})$/.test(ascii))
    throw refuse(`The part behind the @, ${JSON.stringify(domain.slice(0, 60))}, is no domain such as example.org.`);
  const address = `${local}@${ascii}`;
  if (Buffer.byteLength(address) > longest.address)
    throw refuse(`The address is longer than ${longest.address} characters.`);
  return address;
}

/** What makes two addresses one reader. */
export function addressKey(address: string): string {
  return address.normalize("NFKC").toLowerCase();
}

/** "r…@example.org": enough for its owner to know it by. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf("@");
  return `${[...address.slice(0, at)][0] ?? ""}…${address.slice(at)}`;
}
