import type { Context } from "../../src/context.ts";
import { savePapers } from "../../src/papers/save.ts";
import { authority, type PaperRecord } from "../../src/sources/source.ts";
import { confirm } from "../../src/subscribers/confirm.ts";
import { subscribe } from "../../src/subscribers/subscribe.ts";
import { deriveToken } from "../../src/token.ts";

let made = 0;

/** A paper as a source tells it: with an arXiv id of its own, and what the test cares about. */
export function paper(fields: Partial<PaperRecord> = {}): PaperRecord {
  made++;
  return {
    arxivId: `2611.${String(90_000 + made)}`,
    title: `A title of its own, number ${made}`,
    abstract: "An abstract about nothing much.",
    authors: ["Ada Okafor", "Linh Nguyễn"],
    categories: ["cs.CL"],
    authority: authority.arxiv,
    listings: [],
    ...fields,
  };
}

/** Saves papers and answers our numbers for them, in order. */
export async function addPapers(context: Context, ...papers: PaperRecord[]): Promise<number[]> {
  await savePapers(context.sql, context.clock, papers);
  const ids = papers.map((it) => it.arxivId ?? "");
  const rows = await context.sql<
    { id: number; arxiv_id: string }[]
  >`select id, arxiv_id from papers where arxiv_id = any(${ids})`;
  return ids.map((id) => rows.find((row) => row.arxiv_id === id)?.id as number);
}

/** A reader who has filled in the form, pressed the button in the mail, and been welcomed long ago. Answers their id. */
export async function addReader(context: Context, form: Record<string, unknown> = {}): Promise<number> {
  const id = await addNewReader(context, form);
  await context.sql`delete from outbox where kind = 'welcome' and subscriber_id = ${id}`;
  return id;
}

/** The same, with their welcome on its way. */
export async function addNewReader(context: Context, form: Record<string, unknown> = {}): Promise<number> {
  made++;
  const { email } = await subscribe(context, {
    email: `reader${made}@example.org`,
    timezone: "UTC",
    hour: "8",
    ...form,
  });
  const [request] = await context.sql<{ id: number; subscriber_id: number }[]>`
    select r.id, r.subscriber_id from subscription_requests r join subscribers s on s.id = r.subscriber_id
    where s.email = ${email} order by r.id desc limit 1`;
  if (!request) throw new Error(`no request for ${email}`);
  await confirm(context, deriveToken(context.config.secret, "confirm", request.id));
  return request.subscriber_id;
}

/** So many people who have filled in the form, each with the mail that asks them to confirm. */
export async function addConfirmations(context: Context, count: number, domain = "example.org"): Promise<void> {
  for (let index = 0; index < count; index++)
    await subscribe(context, { email: `visitor${++made}@${domain}`, timezone: "UTC", hour: "8" });
}
