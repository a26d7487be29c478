import { readFileSync } from "node:fs";
import { domainToASCII } from "node:url";

// What a setting's text may be. Each answers the value, or throws an error whose message says what would do.

/** Any text, as it is. */
export function text(value: string): string {
  return value;
}

/** A TCP port; 0 means any free one. */
export function port(value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number > 65535) throw new Error("it must be a port from 0 to 65535");
  return number;
}

/** Seconds, up to an hour. */
export function seconds(value: string): number {
  const number = Number(value);
  if (!(number >= 0 && number <= 3600)) throw new Error("it must be a number of seconds from 0 to 3600");
  return number;
}

/** Hours, up to half a day. */
export function hours(value: string): number {
  const number = Number(value);
  if (!(number >= 0 && number <= 12)) throw new Error("it must be a number of hours from 0 to 12");
  return number;
}

/** How many connections, 1 to 100. */
export function connections(value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < 1 || number > 100) throw new Error("it must be a number from 1 to 100");
  return number;
}

/** How many in a time, above 0. */
export function rate(value: string): number {
  const number = Number(value);
  if (!(number > 0 && number <= 100_000)) throw new Error("it must be a number above 0, up to 100000");
  return number;
}

/** An address of one of these protocols, such as `https:`. */
export function url(...protocols: string[]): (value: string) => string {
  return (value) => {
    if (!protocols.includes(URL.parse(value)?.protocol ?? ""))
      throw new Error(`it must be an address that begins with ${protocols.map((name) => `${name}//`).join(" or ")}`);
    return value;
  };
}

/** A web address, without a slash at its end. */
export function webUrl(value: string): string {
  return url("https:", "http:")(value).replace(/\/+$/, "");
}

/** A domain, in ASCII and lower case. */
export function domain(value: string): string {
  const ascii = domainToASCII(value).toLowerCase();
  if (!/^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*$/.test(ascii) || ascii.length > 190)
    throw new Error("it must be a domain such as bounces.example.org");
  return ascii;
}

/** Items with commas between them, each once; `meaning` says what they are. */
export function list(item: RegExp, meaning: string): (value: string) => string[] {
  return (value) => {
    const items = [...new Set(value.split(",").map((part) => part.trim()))].filter(Boolean);
    const wrong = items.filter((part) => !item.test(part));
    if (wrong.length > 0)
      throw new Error(`${JSON.stringify(wrong.join(", "))} is not known; it must list ${meaning}, with commas`);
    return items;
  };
}

/** One of these words. */
export function oneOf(...choices: string[]): (value: string) => string {
  return (value) => {
    if (!choices.includes(value)) throw new Error(`it must be one of ${choices.join(", ")}`);
    return value;
  };
}

/** A secret that nobody guesses. */
export function longSecret(value: string): string {
  if (value.length < 32) throw new Error("it must have 32 characters or more (openssl rand -hex 32)");
  return value;
}

/** A private key in PEM: the text, in which `\\n` may stand for a new line, or the path of its file. */
export function privateKey(value: string): string {
  return readPem(value, "PRIVATE KEY-----", "it must be a PEM private key, or the path of one");
}

/** A certificate in PEM, with those that vouch for it behind it, or the path of its file. */
export function certificate(value: string): string {
  return readPem(value, "CERTIFICATE-----", "it must be a PEM certificate, or the path of one");
}

function readPem(value: string, mark: string, message: string): string {
  const mistake = new Error(message);
  let pem = value.replaceAll("\\n", "\n");
  try {
    if (!value.includes("-----BEGIN")) pem = readFileSync(value, "utf8");
  } catch {
    throw mistake; // what the file system says would show a key that came without its first line
  }
  if (!pem.includes(mark)) throw mistake;
  return pem;
}

/** `Name <address>`, or an address. */
export function mailbox(value: string): { name: string; address: string } {
  const match = /^(?:"?([^"<>\r\n]*?)"?\s*<)?([^\s<>@]+@[^\s<>@]+)>?$/.exec(value);
  if (!match?.[2]) throw new Error("it must be an address, or Name <address>");
  return { name: match[1] ?? "", address: match[2] };
}
