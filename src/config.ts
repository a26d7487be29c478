import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { domainToASCII } from "node:url";
import { createSigner } from "./delivery/dkim.ts";
import { certificateMistakes } from "./delivery/inbound_tls.ts";
import { UserError } from "./errors.ts";
import {
  certificate,
  connections,
  domain,
  hours,
  list,
  longSecret,
  mailbox,
  oneOf,
  port,
  privateKey,
  rate,
  seconds,
  text,
  url,
  webUrl,
} from "./setting_values.ts";

/**
 * Every setting, in the order that `npm run cli -- settings` prints. `read` turns the text into a value, or throws an
 * error whose message says what would do. `fallback` is the text read when the setting is unset; none: the value is undefined.
 */
export const settings = {
  databaseUrl: {
    name: "DATABASE_URL",
    meaning: "PostgreSQL 15 or newer. Unset: one of our own, kept under DATA_DIR",
    secret: true,
    read: url("postgres:", "postgresql:"),
  },
  databaseTimeout: {
    name: "DATABASE_TIMEOUT",
    fallback: "300",
    meaning: "Seconds that the database may take for a statement before it is given up and tried again later",
    read: seconds,
  },
  dataDir: { name: "DATA_DIR", fallback: ".data", meaning: "Where our own PostgreSQL keeps its files", read: text },
  smtpUrl: {
    name: "SMTP_URL",
    meaning:
      "The server that takes our mail: smtp://user:password@host:587 or smtps://. Unset: the local mailbox at /mailbox",
    secret: true,
    read: url("smtp:", "smtps:"),
  },
  baseUrl: {
    name: "BASE_URL",
    meaning: "The address that readers reach the site at, for links. Unset: http://localhost:PORT",
    read: (value: string) => url("https:", "http:")(value).replace(/\/+$/, ""),
  },
  port: { name: "PORT", fallback: "3000", meaning: "Where the site listens", read: port },
  host: { name: "HOST", fallback: "0.0.0.0", meaning: "The address the site listens on", read: text },
  adminPort: {
    name: "ADMIN_PORT",
    fallback: "3001",
    meaning: "Where the admin page and the metrics listen",
    read: port,
  },
  adminHost: { name: "ADMIN_HOST", fallback: "127.0.0.1", meaning: "The address they listen on", read: text },
  mailFrom: {
    name: "MAIL_FROM",
    fallback: "Paper Round <paper-round@localhost>",
    meaning: "The sender: Name <address>. Required with SMTP_URL",
    read: mailbox,
  },
  secret: {
    name: "SECRET",
    meaning:
      "Signs the links in mails: 32 characters or more. Required with DATABASE_URL; else made and kept in DATA_DIR",
    secret: true,
    read: longSecret,
  },
  sources: {
    name: "SOURCES",
    fallback: "huggingface,arxiv",
    meaning: "Where papers are read from",
    list: true,
    read: list(/^(huggingface|arxiv)$/, "huggingface and arxiv"),
  },
  arxivCategories: {
    name: "ARXIV_CATEGORIES",
    fallback: "cs.AI,cs.CL,cs.CV,cs.LG",
    meaning: "The arXiv categories whose announcements are read",
    list: true,
    read: list(/^[a-z-]+(\.[A-Za-z-]+)?$/, "categories such as cs.CL or hep-th"),
  },
  hfUrl: { name: "HF_URL", fallback: "https://huggingface.co", meaning: "Hugging Face", read: webUrl },
  arxivRssUrl: {
    name: "ARXIV_RSS_URL",
    fallback: "https://rss.arxiv.org",
    meaning: "arXiv's announcements",
    read: webUrl,
  },
  arxivApiUrl: { name: "ARXIV_API_URL", fallback: "https://export.arxiv.org", meaning: "arXiv's API", read: webUrl },
  arxivOaiUrl: {
    name: "ARXIV_OAI_URL",
    fallback: "https://oaipmh.arxiv.org",
    meaning: "arXiv's OAI-PMH",
    read: webUrl,
  },
  arxivInterval: {
    name: "ARXIV_INTERVAL",
    fallback: "3",
    meaning: "Seconds between two requests to arXiv, across the whole installation. arXiv asks for 3",
    read: seconds,
  },
  announcementWait: {
    name: "ANNOUNCEMENT_WAIT",
    fallback: "2",
    meaning:
      "Hours that a digest waits at most for the day's announcement of arXiv, when that is about to come or to be read. 0: it does not",
    read: hours,
  },
  smtpConnections: {
    name: "SMTP_CONNECTIONS",
    fallback: "10",
    meaning: "Connections that each worker opens to the mail server at most",
    read: connections,
  },
  mailRate: {
    name: "MAIL_RATE",
    meaning: "Mails a second at most, for the whole installation. Unset: no limit",
    read: rate,
  },
  mailDomainRate: {
    name: "MAIL_DOMAIN_RATE",
    meaning: "Mails a minute at most to any one recipient domain, for the whole installation. Unset: no limit",
    read: rate,
  },
  dkimDomain: { name: "DKIM_DOMAIN", meaning: "DKIM: the domain that signs", read: text },
  dkimSelector: { name: "DKIM_SELECTOR", meaning: "DKIM: the selector of its DNS record", read: text },
  dkimPrivateKey: {
    name: "DKIM_PRIVATE_KEY",
    meaning: "DKIM: the private key, PEM (\\n stands for a new line), or the path of its file",
    secret: true,
    read: privateKey,
  },
  trustedProxies: {
    name: "TRUSTED_PROXIES",
    fallback: "",
    meaning: "Addresses of the proxies whose X-Forwarded-For is believed",
    list: true,
    read: list(/^[0-9a-fA-F.:/]+$/, "IP addresses"),
  },
  inboundSmtpPort: {
    name: "INBOUND_SMTP_PORT",
    meaning: "Where mail that comes back is received. Unset: nowhere",
    read: port,
  },
  inboundSmtpHost: { name: "INBOUND_SMTP_HOST", fallback: "0.0.0.0", meaning: "The address it listens on", read: text },
  inboundTlsCert: {
    name: "INBOUND_TLS_CERT",
    meaning: "Its certificate, for STARTTLS: PEM, or the path of its file. Unset: no TLS there",
    read: certificate,
  },
  inboundTlsKey: {
    name: "INBOUND_TLS_KEY",
    meaning: "The private key of that certificate: PEM, or the path of its file",
    secret: true,
    read: privateKey,
  },
  returnDomain: {
    name: "RETURN_DOMAIN",
    meaning:
      "The domain of the addresses that mail comes back to, the same for all workers; its MX leads to the INBOUND_SMTP_PORT of one. Unset: that of MAIL_FROM, where that port is set",
    read: domain,
  },
  logLevel: {
    name: "LOG_LEVEL",
    fallback: "info",
    meaning: "debug, info, warn or error",
    read: oneOf("trace", "debug", "info", "warn", "error", "silent"),
  },
} satisfies Record<string, Setting<unknown>>;

type Setting<T> = {
  name: string;
  meaning: string;
  fallback?: string;
  secret?: boolean;
  list?: boolean;
  read: (text: string) => T;
};
type Values = {
  [Key in keyof typeof settings]: (typeof settings)[Key] extends { fallback: string }
    ? ReturnType<(typeof settings)[Key]["read"]>
    : ReturnType<(typeof settings)[Key]["read"]> | undefined;
};
/** Every setting read and checked; what can be derived is filled in. */
export type Config = Values & {
  baseUrl: string;
  secret: string;
  returnDomain: string;
  /** Mail that comes back is received, here or by another worker: mails name addresses for it. */
  takesReturns: boolean;
};

/** Reads the environment: the only place that does. Throws one `UserError` that lists every mistake. */
export function loadConfig(environment: Record<string, string | undefined>): Config {
  const mistakes: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries<Setting<unknown>>(settings)) {
    const found = environment[setting.name]?.trim();
    // Compose and .env files leave empty values for what is not set; only a list can mean "none" by it.
    const source = found || (found === "" && setting.list) ? found : setting.fallback;
    if (source === undefined) continue;
    try {
      values[key] = setting.read(source);
    } catch (error) {
      const shown = setting.secret ? "a value that is not shown" : JSON.stringify(source);
      mistakes.push(`${setting.name} is ${shown}: ${(error as Error).message}`);
    }
  }
  const set = (name: string) => Boolean(environment[name]?.trim());
  if (set("DATABASE_URL") && !set("SECRET"))
    mistakes.push(
      "SECRET is not set: with DATABASE_URL it must be 32 random characters or more (openssl rand -hex 32)",
    );
  if (set("SMTP_URL") && !set("MAIL_FROM"))
    mistakes.push("MAIL_FROM is not set: with SMTP_URL it must be the sender that your server accepts");
  const dkim = ["DKIM_DOMAIN", "DKIM_SELECTOR", "DKIM_PRIVATE_KEY"];
  const missing = dkim.filter((name) => !set(name));
  if (missing.length > 0 && missing.length < dkim.length)
    mistakes.push(`${missing.join(" and ")} not set: DKIM needs all of ${dkim.join(", ")}, or none`);
  const { dkimDomain, dkimSelector, dkimPrivateKey } = values as Partial<Values>;
  if (dkimDomain && dkimSelector && dkimPrivateKey)
    mistakes.push(...dkimMistakes(dkimDomain, dkimSelector, dkimPrivateKey));
  const { inboundTlsCert, inboundTlsKey } = values as Partial<Values>;
  mistakes.push(...certificateMistakes(inboundTlsCert, inboundTlsKey));
  if (mistakes.length > 0)
    throw new UserError("invalid", `These settings need mending:\n${mistakes.map((line) => `  ${line}`).join("\n")}`);

  values.baseUrl ??= `http://localhost:${values.port}`;
  const { address } = values.mailFrom as ReturnType<typeof mailbox>;
  values.takesReturns = values.returnDomain !== undefined || values.inboundSmtpPort !== undefined;
  values.returnDomain ??= domainToASCII(address.slice(address.lastIndexOf("@") + 1)).toLowerCase();
  values.secret ??= keptSecret(values.dataDir as string);
  return values as Config;
}

/** A mail that was to be signed must never leave without: what can't sign is told before anything starts. */
function dkimMistakes(domain: string, selector: string, privateKey: string): string[] {
  try {
    createSigner({ domain, selector, privateKey });
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

/** The settings as `name`, value in force, default and meaning; a secret's value is hidden. */
export function describeSettings(environment: Record<string, string | undefined>) {
  return Object.values<Setting<unknown>>(settings).map(({ name, fallback, meaning, secret }) => {
    const given = environment[name]?.trim();
    return { name, value: given ? (secret ? "(hidden)" : given) : undefined, fallback: fallback || undefined, meaning };
  });
}

function keptSecret(folder: string): string {
  const file = join(folder, "secret");
  if (!existsSync(file)) makeSecret(folder, file);
  const secret = readFileSync(file, "utf8").trim();
  if (secret.length < 32)
    throw new UserError("unavailable", `${file} holds no whole secret. Put the one that was there back, or remove it.`);
  return secret;
}

function makeSecret(folder: string, file: string): void {
  const draft = `${file}.${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(draft, randomBytes(32).toString("base64url"), { mode: 0o600 });
    try {
      linkSync(draft, file); // whole or not at all, whoever else looks
    } finally {
      rmSync(draft);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return; // another process was faster
    throw new UserError(
      "unavailable",
      `DATA_DIR is ${folder}, which can't be written (${code}). Set it to a folder that can.`,
    );
  }
}
