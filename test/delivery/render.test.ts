import { createVerify, generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { deliver } from "../../src/delivery/deliver.ts";
import { createMailer } from "../../src/delivery/smtp.ts";
import { compileTemplates } from "../../src/delivery/templates.ts";
import { plan } from "../../src/digests/plan.ts";
import { match } from "../../src/interests/match.ts";
import { oneLine, type PaperRecord } from "../../src/sources/source.ts";
import { subscribe } from "../../src/subscribers/subscribe.ts";
import { createContext } from "../support/context.ts";
import { addPapers, addReader, paper } from "../support/make.ts";
import { type SinkMail, startSink } from "../support/smtp_sink.ts";

const templates = await compileTemplates();
const sink = await startSink();

async function digestOf(papers: PaperRecord[], environment: Record<string, string> = {}): Promise<SinkMail> {
  const context = await createContext(environment);
  await addPapers(context, ...papers);
  await addReader(context, { interests: "speech", limit: "50", trending: "off" });
  await context.sql`delete from outbox where kind = 'confirm'`;
  await match(context);
  await plan(context);
  sink.mails.length = 0;
  const mailer = createMailer(context.config, sink.url);
  await deliver(context, mailer, templates);
  mailer.close();
  return sink.mails[0] as SinkMail;
}

const header = (mail: SinkMail, name: string) => mail.parsed.headers.find((it) => it.key === name)?.value;

test("a digest has the headers of one-click unsubscribing and of automatic mail", async () => {
  const mail = await digestOf([paper({ title: "Speech" })]);
  expect(header(mail, "list-unsubscribe")).toMatch(/^<https:\/\/papers\.example\.org\/unsubscribe\/[\w-]{32}>$/);
  expect(header(mail, "list-unsubscribe-post")).toBe("List-Unsubscribe=One-Click");
  expect(header(mail, "list-id")).toBe("Paper Round <digest.papers.example.org>");
  expect(header(mail, "auto-submitted")).toBe("auto-generated");
  expect(header(mail, "feedback-id")).toBe("digest:paper-round:papers.example.org");
  expect(header(mail, "message-id")).toMatch(/^<[\w-]{36}@papers\.example\.org>$/);
  expect(header(mail, "to")).toMatch(/^reader\d+@example\.org$/);
  expect(header(mail, "content-type")).toMatch(/^multipart\/alternative/);
});

test("a confirmation comes back to an address of its own, too, and tells of no other way to leave", async () => {
  const context = await createContext({ INBOUND_SMTP_PORT: "0", RETURN_DOMAIN: "bounces.example.org" });
  await subscribe(context, { email: "ada@example.org" });
  sink.mails.length = 0;
  const mailer = createMailer(context.config, sink.url);
  await deliver(context, mailer, templates);
  mailer.close();
  expect(sink.mails[0]?.from).toMatch(/^bounce-\d+-[0-9a-v]{26}@bounces\.example\.org$/);
  expect(header(sink.mails[0] as SinkMail, "from")).toBe("Paper Round <round@papers.example.org>");
  expect(sink.mails[0]?.raw).not.toMatch(/list-unsubscribe/i);
});

test("the text has all that the HTML has, and no remote picture, font or script is in either", async () => {
  const mail = await digestOf([
    paper({ title: "Speech & <b>harbours</b>", abstract: "It is about speech.", upvotes: 3 }),
  ]);
  const { text = "", html = "" } = mail.parsed;
  for (const words of ["It is about speech.", "Ada Okafor and Linh Nguyễn", "3 votes"]) {
    expect(text).toContain(words);
    expect(html.replace(/<\/?b[^>]*>/g, "")).toContain(words);
  }
  expect(text).toContain("Speech & <b>harbours</b>");
  expect(html).toContain("Speech &amp; &lt;b&gt;harbours&lt;/b&gt;");
  expect(html).not.toMatch(/<img|<script|<link|@import|@font-face|fonts\.g/i);
});

test("the words that hit are marked", async () => {
  const mail = await digestOf([
    paper({ title: "T", abstract: "First a sentence of no use to anybody at all. Then one about speeches." }),
  ]);
  expect(mail.parsed.html).toMatch(/<b class="hit"[^>]*>speeches<\/b>/);
});

test("hostile titles and authors stay text in every part and header", async () => {
  const nasty = [
    'Speech "><script>alert(1)</script>',
    "Speech\r\nBcc: victim@example.org\r\n\r\nbody",
    "Speech \u202Etxt.exe\u202C \u0000 \uD800 end",
    `Speech ${"x".repeat(5000)}`,
    "Speech 🦔 {{subject}} {{{html}}} =?utf-8?q?x?=",
    "Speech $\\alpha$ \\textbf{unclosed {{{",
  ];
  for (const title of nasty.map(oneLine)) {
    const mail = await digestOf([paper({ title, authors: [title], abstract: title })]);
    expect(mail.to).toHaveLength(1);
    expect(mail.parsed.bcc ?? []).toHaveLength(0);
    expect(mail.parsed.html).not.toContain("<script>alert");
    expect(mail.parsed.subject).toMatch(/^Speech/);
    expect((mail.parsed.subject ?? "").length).toBeLessThan(80);
    for (const line of mail.raw.split("\r\n")) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(998);
  }
});

test("twenty long papers stay under 100,000 bytes of HTML", async () => {
  const long = () =>
    paper({
      title: `Speech and ${"very long words about harbours ".repeat(6)}`,
      abstract: "This sentence is about speech and goes on for a while without saying much. ".repeat(25),
      authors: Array.from({ length: 300 }, (_, index) => `Author Number${index}`),
      organization: "An organisation with a rather long name",
      codeUrl: "https://example.org/code",
      projectUrl: "https://example.org/project",
    });
  const mail = await digestOf(Array.from({ length: 20 }, long));
  expect(Buffer.byteLength(mail.parsed.html ?? "")).toBeLessThan(100_000);
  expect(mail.parsed.html?.match(/<h2/g)).toHaveLength(20);
});

test("DKIM signs both unsubscribe headers, and the signature verifies", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const mail = await digestOf([paper({ title: "Speech" })], {
    DKIM_DOMAIN: "papers.example.org",
    DKIM_SELECTOR: "round",
    DKIM_PRIVATE_KEY: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  });
  const signature = header(mail, "dkim-signature") ?? "";
  const tag = (name: string) => new RegExp(`(?:^|;)\\s*${name}=([^;]*)`).exec(signature)?.[1]?.replace(/\s/g, "") ?? "";
  const signed = tag("h").split(":");
  expect(signed).toEqual(
    expect.arrayContaining(
      ["list-unsubscribe", "list-unsubscribe-post", "from", "to", "subject", "message-id"].map((it) =>
        expect.stringMatching(new RegExp(`^${it}$`, "i")),
      ),
    ),
  );
  // RFC 6376, relaxed/relaxed: the headers named, then the signature's own with an empty b=.
  const head = mail.raw
    .slice(0, mail.raw.indexOf("\r\n\r\n"))
    .replace(/\r\n(?=[ \t])/g, "")
    .split("\r\n");
  const relaxed = (line: string) => {
    const colon = line.indexOf(":");
    return `${line.slice(0, colon).trim().toLowerCase()}:${line
      .slice(colon + 1)
      .replace(/[ \t]+/g, " ")
      .trim()}`;
  };
  const lines = signed.map((name) => head.find((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`)));
  const own = head.find((line) => /^dkim-signature:/i.test(line)) as string;
  const content = [
    ...lines.filter((line) => line !== undefined).map((line) => `${relaxed(line)}\r\n`),
    relaxed(own).replace(/([;\s]b=)[^;]*/, "$1"),
  ].join("");
  expect(createVerify("sha256").update(content).verify(publicKey, tag("b"), "base64")).toBe(true);
});
