import { once } from "node:events";
import type { AddressInfo } from "node:net";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer } from "smtp-server";
import { whenFileEnds } from "./cleanup.ts";

export type SinkMail = { from: string; to: string[]; raw: string; parsed: Email };

export type Sink = {
  url: string;
  mails: SinkMail[];
  /** What to answer to RCPT or at the end of DATA, instead of 250: `[code, text]`, or `close` to drop the connection. */
  answers: {
    rcpt?: (address: string) => [number, string] | undefined;
    data?: (mail: SinkMail) => [number, string] | "close" | undefined;
  };
};

/** A real SMTP server on loopback that keeps what it accepts, and answers as it is told. */
export async function startSink(): Promise<Sink> {
  const sink: Sink = { url: "", mails: [], answers: {} };
  const server = new SMTPServer({
    authOptional: true,
    closeTimeout: 100,
    disabledCommands: ["AUTH", "STARTTLS"],
    onRcptTo(address, _session, callback) {
      callback(failure(sink.answers.rcpt?.(address.address)));
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", async () => {
        const raw = Buffer.concat(chunks).toString("utf8");
        const from = session.envelope.mailFrom ? session.envelope.mailFrom.address : "";
        const mail = {
          from,
          to: session.envelope.rcptTo.map((it) => it.address),
          raw,
          parsed: await PostalMime.parse(raw),
        };
        const answer = sink.answers.data?.(mail);
        if (answer === "close") {
          sink.mails.push(mail); // taken, but the client never learns it
          for (const connection of server.connections) connection._socket?.destroy();
          return;
        }
        if (!answer) sink.mails.push(mail);
        callback(failure(answer));
      });
    },
  });
  server.on("error", () => {});
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  sink.url = `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  whenFileEnds(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return sink;
}

function failure(answer: [number, string] | undefined): Error | null {
  return answer ? Object.assign(new Error(answer[1]), { responseCode: answer[0] }) : null;
}
