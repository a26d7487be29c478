import { generateKeyPairSync } from "node:crypto";
import { readFile } from "node:fs/promises";
import mjml from "mjml";
import mustache from "mustache";
import nodemailer from "nodemailer";
import type { DigestView } from "../../emails/digest.ts";
import * as digestWords from "../../emails/digest.ts";
import type { Config } from "../../src/config.ts";
import type { Database } from "../../src/db.ts";
import { composeMail } from "../../src/delivery/compose.ts";
import { createSigner } from "../../src/delivery/dkim.ts";
import { createMailer, type Message } from "../../src/delivery/smtp.ts";
import { compileTemplates, inOnePiece, type Templates } from "../../src/delivery/templates.ts";
import { readDigests } from "../../src/digests/digest.ts";
import { benchConfig, fillOutbox, queueAgain } from "./delivery_data.ts";
import { startSink, startWorkers, timeSmtpSource } from "./delivery_processes.ts";
import { printTable, timed, withDatabase } from "./setup.ts";

const mails = 8000;
const fullMails = 1_000_000;
/** Mails of the ways that take long. */
const few = 400;
/** The ways take turns, each ratio is of one turn, and their means count: a machine is not the same from minute to minute. */
const turns = 3;

/**
 * Digests from a database into an SMTP sink on this machine: each step alone, all of them in one and two worker processes, what a
 * plain nodemailer loop does, and what the sink could take at most.
 */
export async function benchDelivery({ corpus, full }: { corpus: string | undefined; full: boolean }): Promise<void> {
  await withDatabase(async (sql, url) => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const sink = await startSink();
    const environment = {
      DATABASE_URL: url,
      SMTP_URL: sink.url,
      DKIM_DOMAIN: "papers.example.org",
      DKIM_SELECTOR: "round",
      DKIM_PRIVATE_KEY: pem,
    };
    const config = benchConfig(environment);
    const count = await fillOutbox(sql, config, corpus, full ? fullMails : mails);
    const views = await sampleViews(sql, config);
    const bytes = await stepsAlone(sql, config, views, pem);
    const plain = await plainLoop(config, pem);
    const source = await mjmlSource();
    const rounds: Turn[] = [];
    for (let turn = 0; turn < (full ? 1 : turns); turn++) {
      const limit = await timeSmtpSource(sink.port, bytes, count);
      const withMjml = await plain.rate(
        views.slice(0, 60),
        async (view) => (await mjml(mustache.render(source, view))).html,
      );
      const withTemplate = await plain.rate([...views, ...views]);
      const workers: Turn["workers"] = [];
      for (const processes of [1, 2]) {
        await queueAgain(sql);
        workers.push(await startWorkers(processes, environment));
      }
      rounds.push({ limit, withMjml, withTemplate, workers });
    }
    plain.close();
    sink.stop();
    printWays(rounds, `${count} mails of ${Math.round(bytes / 1024)} KB into ${sink.name}`);
  });
}

/** Mails a second of each way; undefined where smtp-source is not installed. */
type Turn = {
  limit: number | undefined;
  withMjml: number;
  withTemplate: number;
  workers: { perSecond: number; megabytes: number }[];
};

function printWays(turns: Turn[], what: string): void {
  const mean = (of: (turn: Turn) => number) => turns.reduce((sum, turn) => sum + of(turn), 0) / turns.length;
  const row = (way: string, rate: (turn: Turn) => number, megabytes: number | string = "") => [
    way,
    Math.round(mean(rate)),
    turns[0]?.limit ? mean((turn) => rate(turn) / (turn.limit as number)).toFixed(3) : "–",
    `${mean((turn) => rate(turn) / turn.withTemplate).toFixed(2)}x`,
    megabytes,
  ];
  const hasLimit = turns[0]?.limit !== undefined;
  console.log(
    `\nThe whole way, ${what}, the means of ${turns.length} turns${hasLimit ? "" : "; smtp-source is not installed (Debian's postfix), so there is no limit to compare with"}\n`,
  );
  printTable([
    ["way", "mails a second", "of smtp-source", "against the plain loop", "MB of memory"],
    ...(hasLimit ? [row("smtp-source", (turn) => turn.limit as number)] : []),
    row("a plain nodemailer loop, signing from PEM, MJML for each reader", (turn) => turn.withMjml),
    row("the same with a template compiled once", (turn) => turn.withTemplate),
    ...[0, 1].map((at) =>
      row(
        `claimed to settled, ${at + 1} worker process${at ? "es" : ""}`,
        (turn) => turn.workers[at]?.perSecond as number,
        Math.max(...turns.map((turn) => turn.workers[at]?.megabytes as number)),
      ),
    ),
  ]);
}

async function sampleViews(sql: Database, config: Config): Promise<DigestView[]> {
  const rows = await sql<{ subject_id: number }[]>`
    select subject_id from outbox where kind = 'digest' order by id limit ${few}`;
  const editions = await readDigests(
    { sql, config },
    rows.map((row) => row.subject_id),
  );
  const links = {
    preferencesUrl: `${config.baseUrl}/preferences/${"x".repeat(32)}`,
    unsubscribeUrl: `${config.baseUrl}/unsubscribe/${"x".repeat(32)}`,
  };
  const votes = {
    moreLikeUrl: `${config.baseUrl}/more/${"x".repeat(32)}/1`,
    lessLikeUrl: `${config.baseUrl}/less/${"x".repeat(32)}/1`,
  };
  return [...editions.values()].map((edition) => ({
    ...edition,
    papers: edition.papers.map((entry) => ({ ...entry, ...votes })),
    trending: edition.trending.map((entry) => ({ ...entry, ...votes })),
    ...links,
  }));
}

/** CPU of this process for one of each; answers the bytes of a mail. */
async function stepsAlone(sql: Database, config: Config, views: DigestView[], pem: string): Promise<number> {
  const templates = await compileTemplates();
  const filled = views.map((view) => templates.digest(view));
  const messages = views.map((view, index) => messageOf(view, templates, index));
  const composed = messages.map(composeMail);
  const sign = createSigner({ domain: "papers.example.org", selector: "round", privateKey: pem });
  const mailer = createMailer(config, config.smtpUrl as string);
  const ids = (
    await sql<{ subject_id: number }[]>`select subject_id from outbox where kind = 'digest' order by id limit ${few}`
  ).map((row) => row.subject_id);
  const source = await mjmlSource();
  const each = async (name: string, work: (index: number) => unknown, times = views.length) => {
    for (let index = 0; index < Math.min(times, 100); index++) await work(index % views.length);
    const before = process.cpuUsage();
    const { milliseconds } = await timed(async () => {
      for (let index = 0; index < times; index++) await work(index % views.length);
    });
    const used = process.cpuUsage(before);
    return { name, cpu: (used.user + used.system) / 1000 / times, each: milliseconds / times };
  };
  const batch = 100;
  const rows = [
    await each("MJML for each reader", (index) => mjml(mustache.render(source, views[index] as DigestView)), 40),
    await each("filled from a template compiled once", (index) => templates.digest(views[index] as DigestView), 2000),
    await each("composed", (index) => composeMail(messages[index] as Message), 2000),
    await each("signed, rsa-2048", (index) => sign(composed[index] as Buffer, true), 1000),
    await each(
      "filled, composed and signed",
      (index) => sign(composeMail(messageOf(views[index] as DigestView, templates, index)), true),
      1000,
    ),
    await each(
      "composed, signed and sent, one after the other",
      (index) => mailer.send(messages[index] as Message),
      1000,
    ),
    perMail(
      await each(
        "read from the database, a hundred at a time",
        () => readDigests({ sql, config }, ids.slice(0, batch)),
        40,
      ),
      batch,
    ),
  ];
  mailer.close();
  const bytes = composed.reduce((sum, mail) => sum + mail.length, 0) / composed.length;
  const papers = views.reduce((sum, view) => sum + view.papers.length + view.trending.length, 0) / views.length;
  console.log(
    `delivery: digests of ${papers.toFixed(1)} papers, ${(filled.reduce((sum, it) => sum + inOnePiece(it).html.length, 0) / filled.length / 1024).toFixed(0)} KB of HTML, ${(bytes / 1024).toFixed(0)} KB on the wire\n`,
  );
  const mjmlCpu = rows[0]?.cpu ?? 0;
  printTable([
    ["step alone", "CPU ms a mail", "ms a mail", "of MJML for each"],
    ...rows.map((row) => [row.name, row.cpu.toFixed(3), row.each.toFixed(3), `1/${Math.round(mjmlCpu / row.cpu)}`]),
  ]);
  return Math.round(bytes);
}

function perMail(row: { name: string; cpu: number; each: number }, batch: number) {
  return { ...row, cpu: row.cpu / batch, each: row.each / batch };
}

function messageOf(view: DigestView, templates: Templates, index: number): Message {
  return {
    ...templates.digest(view),
    messageId: `<${index}.0b5c2a4e-53f1-4a3c-9a49-5e8fbd9d6a0b@papers.example.org>`,
    from: { name: "Paper Round", address: "round@papers.example.org" },
    to: `reader${index}@example.org`,
    date: Temporal.Instant.from("2026-11-20T08:00:00Z"),
    headers: {
      "Auto-Submitted": "auto-generated",
      "Feedback-ID": "digest:paper-round:papers.example.org",
      "List-Id": "Paper Round <digest.papers.example.org>",
      "List-Unsubscribe": `<${view.unsubscribeUrl}>`,
      "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
      Precedence: "list",
    },
  };
}

type PlainLoop = {
  /** Mails a second, their HTML made by `page` where it is not filled from a template. */
  rate: (views: DigestView[], page?: (view: DigestView) => Promise<string>) => Promise<number>;
  close: () => void;
};

/** What somebody would write who has the views in memory already: a pool that signs, and twenty mails at a time. */
async function plainLoop(config: Config, pem: string): Promise<PlainLoop> {
  const templates = await compileTemplates();
  const transport = nodemailer.createTransport({
    url: config.smtpUrl as string,
    pool: true,
    maxConnections: config.smtpConnections,
    maxMessages: Number.POSITIVE_INFINITY,
    dkim: { domainName: "papers.example.org", keySelector: "round", privateKey: pem },
  });
  const send = (view: DigestView, html: string, text: string) =>
    transport.sendMail({
      from: "Paper Round <round@papers.example.org>",
      to: "reader@example.org",
      subject: digestWords.subject(view),
      html,
      text,
      headers: {
        "List-Unsubscribe": `<${view.unsubscribeUrl}>`,
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
      },
    });
  return {
    rate: async (views, page) => {
      const work = async (view: DigestView) => {
        const { html, text } = inOnePiece(templates.digest(view));
        return send(view, page ? await page(view) : html, text);
      };
      await Promise.all(views.slice(0, 20).map(work));
      const { milliseconds } = await timed(async () => {
        for (let at = 0; at < views.length; at += 20) await Promise.all(views.slice(at, at + 20).map(work));
      });
      return (views.length / milliseconds) * 1000;
    },
    close: () => transport.close(),
  };
}

async function mjmlSource(): Promise<string> {
  const read = (name: string) => readFile(new URL(`../../emails/${name}.mjml`, import.meta.url), "utf8");
  return (await read("layout")).replace("[[body]]", await read("digest"));
}
