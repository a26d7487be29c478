import { deliver } from "../../src/delivery/deliver.ts";
import { createMailer } from "../../src/delivery/smtp.ts";
import { compileTemplates } from "../../src/delivery/templates.ts";
import { createContext } from "./context.ts";
import { addConfirmations } from "./make.ts";
import { type ScriptedServer, startScriptedServer } from "./scripted_smtp.ts";

export const templates = await compileTemplates();
/** Milliseconds. */
export const quick = { connect: 400, greeting: 400, silence: 400, mail: 1500 };

/** So many confirmations to send, and a server that takes all unless its script says otherwise. */
export async function prepareSending(mails: number, script?: ScriptedServer["script"]) {
  const context = await createContext({ SMTP_CONNECTIONS: "3" });
  await addConfirmations(context, mails);
  const server = await startScriptedServer(script);
  const mailer = createMailer(context.config, server.url, quick);
  const { sql } = context;
  return {
    context,
    server,
    mailer,
    send: () => deliver(context, mailer, templates),
    /** Moves the clock. */
    later: (seconds: number) => context.setNow(context.clock().add({ seconds })),
    counts: async () => {
      const rows = await sql<{ state: string; count: number }[]>`
        select state, count(*)::int as count from outbox group by state order by state`;
      return Object.fromEntries(rows.map((row) => [row.state, row.count]));
    },
    attempts: async () => (await sql<{ sum: number }[]>`select sum(attempts)::int as sum from outbox`)[0]?.sum,
  };
}
