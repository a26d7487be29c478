import { startInbound } from "../../src/delivery/inbound.ts";
import { makeReturnAddress, type ReturnKind } from "../../src/delivery/return_address.ts";
import { plan } from "../../src/digests/plan.ts";
import { match } from "../../src/interests/match.ts";
import { whenFileEnds } from "./cleanup.ts";
import { createContext, type TestContext } from "./context.ts";
import { addPapers, addReader, paper } from "./make.ts";
import { dial } from "./smtp_client.ts";

/** Readers with a digest that was sent, the port where it comes back, and the next digest in the queue. */
export async function listening(
  readers = 1,
  limits: Parameters<typeof startInbound>[1] = {},
  more: Record<string, string> = {},
) {
  const context = await createContext({ INBOUND_SMTP_PORT: "0", INBOUND_SMTP_HOST: "127.0.0.1", ...more });
  await addPapers(context, paper({ title: "Speech in harbours" }));
  const ids: number[] = [];
  for (let count = 0; count < readers; count++) ids.push(await addReader(context, { interests: "speech" }));
  await match(context);
  await plan(context);
  await context.sql`update outbox set state = 'sent', attempts = 1, settled_at = ${context.clock()}`;
  const mails = await context.sql<{ id: number; message_id: string }[]>`
    select id, message_id from outbox where kind = 'digest' order by subscriber_id`;
  await addPapers(context, paper({ title: "Speech of the day after" }));
  context.setNow("2026-11-21T09:00:00Z");
  await match(context);
  await plan(context);
  const inbound = await startInbound(context, limits);
  whenFileEnds(inbound.close);
  const address = (kind: ReturnKind, index = 0) =>
    makeReturnAddress(context.config, kind, (kind === "bounce" ? mails[index]?.id : ids[index]) as number);
  return { context, inbound, port: inbound.port, mails, ids, address };
}

/** One mail in one connection. Answers the last reply. */
export async function hand(port: number, to: string, mail: string): Promise<string> {
  const client = await dial(port);
  const [taken = ""] = await client.begin(to);
  const last = taken.startsWith("250") ? await client.data(mail) : taken;
  client.socket.destroy();
  return last;
}

export const statuses = async ({ sql }: TestContext) =>
  (await sql<{ status: string }[]>`select status from subscribers order by id`).map((row) => row.status);
export const states = async ({ sql }: TestContext) =>
  (await sql<{ state: string }[]>`select state from outbox where kind = 'digest' order by id`).map((row) => row.state);
export const reports = async ({ sql }: TestContext) => [
  ...(await sql<{ kind: string; times: number }[]>`select kind, times from reports order by received_at, kind`),
];
