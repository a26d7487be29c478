import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { describeSettings, loadConfig } from "../src/config.ts";
import { UserError } from "../src/errors.ts";
import { temporaryFolder } from "./support/folder.ts";

const secret = "a secret of more than thirty-two characters";
const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString().trim();
const database = "postgres://round:hunter2hunter2@localhost/round";

const load = (environment: Record<string, string>) => loadConfig({ SECRET: secret, ...environment });

function mistakesOf(environment: Record<string, string | undefined>): string {
  try {
    loadConfig(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message;
  }
  throw new Error("there was no mistake");
}

test("with nothing set there is a default for everything that needs one", () => {
  const config = load({});
  expect(config).toMatchObject({
    port: 3000,
    adminPort: 3001,
    adminHost: "127.0.0.1",
    baseUrl: "http://localhost:3000",
    sources: ["huggingface", "arxiv"],
    arxivInterval: 3,
    logLevel: "info",
  });
  expect(config.databaseUrl).toBeUndefined();
  expect(config.smtpUrl).toBeUndefined();
});

test("the port is in the address that links begin with, unless that is set", () => {
  expect(load({ PORT: "8080" }).baseUrl).toBe("http://localhost:8080");
  expect(load({ PORT: "8080", BASE_URL: "https://papers.example.org//" }).baseUrl).toBe("https://papers.example.org");
});

test("an empty value is an unset one, but an empty list is an empty list", () => {
  const config = load({ PORT: "", DATABASE_URL: " ", SMTP_URL: "", SOURCES: "" });
  expect(config.port).toBe(3000);
  expect(config.databaseUrl).toBeUndefined();
  expect(config.sources).toEqual([]);
});

test("a list is read with its spaces and repetitions left out", () => {
  expect(load({ SOURCES: " arxiv , huggingface,arxiv," }).sources).toEqual(["arxiv", "huggingface"]);
  const categories = "cs.CL,hep-th,cond-mat.mtrl-sci,physics.ao-ph";
  expect(load({ ARXIV_CATEGORIES: categories }).arxivCategories).toEqual(categories.split(","));
});

test("an unknown source is named, and so are those that are known", () => {
  const message = mistakesOf({ SECRET: secret, SOURCES: "huggingface,arxive" });
  expect(message).toContain("SOURCES");
  expect(message).toContain('"arxive" is not known');
  expect(message).toContain("huggingface and arxiv");
});

test("several mistakes are told at once, each by its name with what was found", () => {
  const message = mistakesOf({
    SECRET: secret,
    PORT: "70000",
    ADMIN_PORT: "http",
    BASE_URL: "papers.example.org",
    LOG_LEVEL: "loud",
    MAIL_FROM: "nobody",
    ARXIV_INTERVAL: "-1",
    ARXIV_CATEGORIES: "cs.CL,cs CV",
  });
  for (const found of ['PORT is "70000"', 'ADMIN_PORT is "http"', 'BASE_URL is "papers.example.org"'])
    expect(message).toContain(found);
  for (const found of ['LOG_LEVEL is "loud"', 'MAIL_FROM is "nobody"', 'ARXIV_INTERVAL is "-1"', '"cs CV"'])
    expect(message).toContain(found);
  expect(message.split("\n")).toHaveLength(8);
});

test.each([
  ["DATABASE_URL", "mysql://round:hunter2hunter2@localhost/"],
  ["SMTP_URL", "http://round:hunter2hunter2@mail.example.org"],
  ["SECRET", "hunter2hunter2"],
  ["DKIM_PRIVATE_KEY", "hunter2hunter2/MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEA"],
])("what %s holds is never told, not even when it is wrong", (name, value) => {
  const message = mistakesOf({ SECRET: secret, [name]: value });
  expect(message).toContain(name);
  expect(message).not.toContain("hunter2");
});

test("the list of settings hides the secret ones", () => {
  const environment = {
    SECRET: "hunter2-".repeat(5),
    DATABASE_URL: database,
    SMTP_URL: "smtp://round:hunter2@mail.example.org",
    DKIM_PRIVATE_KEY: "hunter2",
    PORT: "8080",
  };
  const listed = describeSettings(environment);
  expect(JSON.stringify(listed)).not.toContain("hunter2");
  expect(listed.find((it) => it.name === "SECRET")?.value).toBe("(hidden)");
  expect(listed.find((it) => it.name === "PORT")).toMatchObject({ value: "8080", fallback: "3000" });
});

test("SECRET must be set with DATABASE_URL, and be long enough", () => {
  expect(mistakesOf({ DATABASE_URL: database })).toContain("SECRET is not set");
  expect(mistakesOf({ DATABASE_URL: database, SECRET: "short" })).toMatch(/SECRET is a value that is not shown.*32/);
  expect(loadConfig({ DATABASE_URL: database, SECRET: secret }).secret).toBe(secret);
});

test("MAIL_FROM must be set with SMTP_URL", () => {
  expect(mistakesOf({ SECRET: secret, SMTP_URL: "smtp://localhost" })).toContain("MAIL_FROM is not set");
  const config = load({ SMTP_URL: "smtp://localhost", MAIL_FROM: "Paper Round <round@example.org>" });
  expect(config.mailFrom).toEqual({ name: "Paper Round", address: "round@example.org" });
});

test.each([
  ["round@example.org", { name: "", address: "round@example.org" }],
  ["<round@example.org>", { name: "", address: "round@example.org" }],
  ['"Round, Paper" <round@example.org>', { name: "Round, Paper", address: "round@example.org" }],
])("MAIL_FROM may be %s", (value, expected) => {
  expect(load({ MAIL_FROM: value }).mailFrom).toEqual(expected);
});

test("a MAIL_FROM with a line break or two addresses is refused", () => {
  expect(mistakesOf({ SECRET: secret, MAIL_FROM: "Round\r\nBcc: all <round@example.org>" })).toContain("MAIL_FROM");
  expect(mistakesOf({ SECRET: secret, MAIL_FROM: "a@example.org, b@example.org" })).toContain("MAIL_FROM");
});

test("DKIM needs all three of its settings, or none", () => {
  const all = { DKIM_DOMAIN: "example.org", DKIM_SELECTOR: "round", DKIM_PRIVATE_KEY: pem };
  expect(load(all)).toMatchObject({ dkimDomain: "example.org", dkimSelector: "round", dkimPrivateKey: pem });
  for (const name of Object.keys(all)) {
    const without: Record<string, string> = { ...all, SECRET: secret };
    delete without[name];
    expect(mistakesOf(without)).toContain(`${name} not set: DKIM needs all`);
  }
});

test("a DKIM key or name that can't sign is told with the other mistakes", () => {
  const broken = "-----BEGIN PRIVATE KEY-----\nbm8ga2V5\n-----END PRIVATE KEY-----";
  const message = mistakesOf({
    SECRET: "short",
    DKIM_DOMAIN: "example.org",
    DKIM_SELECTOR: "round",
    DKIM_PRIVATE_KEY: broken,
  });
  expect(message).toContain("DKIM_PRIVATE_KEY can't sign mails");
  expect(message).toContain("SECRET is");
  expect(message).not.toContain("bm8ga2V5");
  expect(mistakesOf({ SECRET: secret, DKIM_DOMAIN: "a b", DKIM_SELECTOR: "round", DKIM_PRIVATE_KEY: pem })).toContain(
    "DKIM_DOMAIN",
  );
});

test("limits of sending are numbers above 0", () => {
  expect(load({}).smtpConnections).toBe(10);
  expect(load({ MAIL_RATE: "0.5", MAIL_DOMAIN_RATE: "600" })).toMatchObject({ mailRate: 0.5, mailDomainRate: 600 });
  for (const name of ["MAIL_RATE", "MAIL_DOMAIN_RATE", "SMTP_CONNECTIONS"])
    for (const value of ["0", "-1", "many"]) expect(mistakesOf({ SECRET: secret, [name]: value })).toContain(name);
});

test("the DKIM key may be on one line, or in a file", () => {
  const others = { DKIM_DOMAIN: "example.org", DKIM_SELECTOR: "round" };
  expect(load({ ...others, DKIM_PRIVATE_KEY: pem.replaceAll("\n", "\\n") }).dkimPrivateKey).toBe(pem);
  const file = join(temporaryFolder(), "dkim.pem");
  writeFileSync(file, pem);
  expect(load({ ...others, DKIM_PRIVATE_KEY: file }).dkimPrivateKey).toBe(pem);
  writeFileSync(file, "no key at all");
  expect(mistakesOf({ SECRET: secret, ...others, DKIM_PRIVATE_KEY: file })).toContain("PEM");
});

test("without DATABASE_URL a secret is made, kept for its owner alone, and found again", () => {
  const folder = join(temporaryFolder(), "data");
  const made = loadConfig({ DATA_DIR: folder }).secret;
  expect(Buffer.from(made, "base64url")).toHaveLength(32);
  expect(loadConfig({ DATA_DIR: folder }).secret).toBe(made);
  expect(readFileSync(join(folder, "secret"), "utf8")).toBe(made);
  expect(statSync(join(folder, "secret")).mode & 0o077).toBe(0);
});

test("a kept secret that was lost or cut short is never used", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "secret"), "");
  expect(mistakesOf({ DATA_DIR: folder })).toContain(join(folder, "secret"));
});

test("a DATA_DIR that can't be written is told by its name", () => {
  expect(mistakesOf({ DATA_DIR: "/dev/null/data" })).toMatch(/DATA_DIR is \/dev\/null\/data/);
});

test("processes that start together agree on one secret", async () => {
  const folder = join(temporaryFolder(), "data");
  const program = `import { loadConfig } from "./src/config.ts"; console.log(loadConfig({ DATA_DIR: ${JSON.stringify(folder)} }).secret);`;
  const start = () => promisify(execFile)(process.execPath, ["--input-type=module", "-e", program]);
  const secrets = (await Promise.all(Array.from({ length: 6 }, start))).map(({ stdout }) => stdout.trim());
  expect(new Set(secrets)).toEqual(new Set([loadConfig({ DATA_DIR: folder }).secret]));
});
