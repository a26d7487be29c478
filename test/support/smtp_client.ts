import { connect, type Socket } from "node:net";
import { whenFileEnds } from "./cleanup.ts";

export type Client = {
  socket: Socket;
  /** Sends a line and answers the whole reply: `250 ...`, its lines joined. */
  say: (line: string) => Promise<string>;
  /** The next reply, to something that was written to the socket. */
  reply: () => Promise<string>;
  /** EHLO, MAIL from the null sender, RCPT to each. Answers the replies to RCPT. */
  begin: (...recipients: string[]) => Promise<string[]>;
  /** DATA, the mail and the final dot. Answers the reply to it. */
  data: (mail: string) => Promise<string>;
  /** Resolves when the other side has hung up. */
  closed: Promise<void>;
};

/** An SMTP client that does what it is told, line by line. Answers after the greeting. */
export async function dial(port: number): Promise<Client & { greeting: string }> {
  const socket = connect(port, "127.0.0.1");
  socket.setNoDelay(true);
  whenFileEnds(() => void socket.destroy());
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  let text = "";
  let over = false;
  let hear = () => {};
  socket.on("data", (chunk) => {
    text += chunk;
    hear();
  });
  const end = () => {
    over = true;
    hear();
  };
  for (const event of ["end", "close", "error"]) socket.on(event, end);
  const reply = async () => {
    for (;;) {
      const found = /^(?:\d{3}-.*\r\n)*\d{3}(?: .*)?\r\n/.exec(text)?.[0];
      if (found) {
        text = text.slice(found.length);
        return found.trim().replaceAll("\r\n", "\n");
      }
      if (over) return "closed";
      await new Promise<void>((resolve) => {
        hear = resolve;
      });
    }
  };
  const say = (line: string) => {
    socket.write(`${line}\r\n`);
    return reply();
  };
  const client: Client = {
    socket,
    say,
    reply,
    closed,
    begin: async (...recipients) => {
      await say("EHLO mx.example.net");
      await say("MAIL FROM:<>");
      const replies = [];
      for (const recipient of recipients) replies.push(await say(`RCPT TO:<${recipient}>`));
      return replies;
    },
    data: async (mail) => {
      const ready = await say("DATA");
      if (!ready.startsWith("354")) return ready;
      return say(`${mail.replace(/^\./gm, "..")}\r\n.`);
    },
  };
  return { ...client, greeting: await reply() };
}
