import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import type { Context } from "../context.ts";
import type { Sql } from "../db.ts";

const largestMail = 20 * 1024 * 1024;

/**
 * The local mailbox: a real SMTP server on loopback that keeps what it receives in the database, for the page at /mailbox.
 * Any process may run one; they fill the same mailbox.
 */
export async function startMailbox({
  sql,
  clock,
  log,
}: Pick<Context, "sql" | "clock" | "log">): Promise<{ url: string; close: () => Promise<void> }> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    size: largestMail,
    rejectOversized: true,
    logger: false,
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("error", callback);
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        const sender = mailFrom ? mailFrom.address : "";
        const recipients = rcptTo.map((recipient) => recipient.address);
        sql`
          insert into mailbox (received_at, sender, recipients, source)
          values (${clock()}, ${sender}, ${recipients}, ${Buffer.concat(chunks)})`.then(
          () => callback(),
          (error) => callback(error),
        );
      });
    },
  });
  server.on("error", (error) => log.warn({ error: error.message }, "the local mailbox had a fault"));
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  const { port } = server.server.address() as AddressInfo;
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { url: `smtp://127.0.0.1:${port}`, close };
}

export type ReceivedMail = { id: number; received_at: Temporal.Instant; recipients: string[]; source: Buffer };

/** The newest mails received. */
export async function listMailbox(sql: Sql, limit = 200): Promise<ReceivedMail[]> {
  return sql<ReceivedMail[]>`select id, received_at, recipients, source from mailbox order by id desc limit ${limit}`;
}

export async function readMailbox(sql: Sql, id: number): Promise<ReceivedMail | undefined> {
  const [mail] = await sql<ReceivedMail[]>`select id, received_at, recipients, source from mailbox where id = ${id}`;
  return mail;
}
