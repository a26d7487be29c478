import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Config, loadConfig } from "./config.ts";
import type { Context } from "./context.ts";
import type { Log } from "./log.ts";
import { savePapers } from "./papers/save.ts";
import { freePort } from "./ports.ts";
import { readFile } from "./sources/file.ts";
import type { PaperRecord } from "./sources/source.ts";
import { type Running, start } from "./start.ts";
import { confirm } from "./subscribers/confirm.ts";
import { subscribe } from "./subscribers/subscribe.ts";
import { deriveToken } from "./token.ts";
import { openStages, tick } from "./worker.ts";

const samples = ["huggingface.json", "arxiv.xml"];
const reader = {
  email: "ada@example.org",
  interests:
    '"chain of thought"\nrlhf OR "preference optimization"\nquantization\ndiffusion models -survey\ncat:cs.RO manipulation',
  hour: "7",
  trending: "on",
};

/**
 * The whole service on a throw-away database, with sample papers and one reader whose first digest has been sent to the local
 * mailbox. It reads no live source and mails nobody.
 */
export async function startDemo(environment: Record<string, string | undefined>, log: Log): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), "paper-round-demo-"));
  try {
    const config = await demoConfig(environment, folder);
    return await start(config, log, ["web", "worker"], { throwaway: true, prepare });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function prepare(context: Context): Promise<void> {
  await saveSamples(context);
  await addReader(context);
  const stages = await openStages(context);
  await tick(stages, ["match", "plan", "deliver"], true);
  await stages.close();
}

async function demoConfig(environment: Record<string, string | undefined>, folder: string): Promise<Config> {
  const { DATABASE_URL, SMTP_URL, SOURCES, SECRET, BASE_URL, ...rest } = environment;
  const free = {
    PORT: rest.PORT ?? String(await freePort("0.0.0.0", 3000)),
    ADMIN_PORT: rest.ADMIN_PORT ?? String(await freePort("127.0.0.1", 3001)),
  };
  return loadConfig({ ...rest, ...free, DATA_DIR: folder, SOURCES: "", TZ: rest.TZ });
}

/** The samples, moved in time so that the newest of them are today's. */
async function saveSamples({ sql, clock }: Context): Promise<void> {
  const papers: PaperRecord[] = [];
  for (const name of samples) {
    const path = fileURLToPath(new URL(`../samples/${name}`, import.meta.url));
    for await (const reading of readFile(path)) papers.push(...reading.papers);
  }
  const newest = papers
    .flatMap((paper) => paper.listings.map((listing) => listing.date))
    .sort()
    .at(-1) as string;
  const today = clock().toZonedDateTimeISO("UTC").toPlainDate();
  const shift = Temporal.PlainDate.from(newest).until(today);
  const moved = (date: string) => Temporal.PlainDate.from(date).add(shift).toString();
  for (const paper of papers) {
    for (const listing of paper.listings) listing.date = moved(listing.date);
    if (paper.publishedOn) paper.publishedOn = moved(paper.publishedOn);
  }
  await savePapers(sql, clock, papers);
}

async function addReader(context: Context): Promise<void> {
  const timezone = Temporal.Now.timeZoneId();
  await subscribe(context, { ...reader, timezone });
  const [request] = await context.sql<{ id: number }[]>`select id from subscription_requests`;
  await confirm(context, deriveToken(context.config.secret, "confirm", (request as { id: number }).id));
}
