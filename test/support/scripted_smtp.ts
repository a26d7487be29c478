import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { whenFileEnds } from "./cleanup.ts";

export type Step = "connect" | "ehlo" | "mail" | "rcpt" | "data" | "content" | "dot" | "other";

/** An answer in a whole line; nothing at all; 250- for ever; or the end of the connection. None: what a server would say. */
export type Answer = string | "silence" | "trickle" | "close" | undefined;

export type ScriptedServer = {
  url: string;
  /** Every mail whose final dot has been read, and whether we said that we have it, or that we don't. */
  mails: { messageId: string; to: string; from: string; raw: string; taken: boolean; refused: boolean }[];
  /** Asked at each step, with what the client said. */
  script: (step: Step, said: string) => Answer | Promise<Answer>;
  extensions: string[];
  connections: number;
  open: () => number;
};

const usual: Record<Step, string> = {
  connect: "220 ready",
  ehlo: "",
  mail: "250 2.1.0 ok",
  rcpt: "250 2.1.5 ok",
  data: "354 go ahead",
  content: "",
  dot: "250 2.0.0 taken",
  other: "250 2.0.0 ok",
};

/** An SMTP server on loopback that does at each step what a script says, however rude. */
export async function startScriptedServer(script: ScriptedServer["script"] = () => undefined): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  const it: ScriptedServer = {
    url: "",
    mails: [],
    script,
    extensions: ["PIPELINING", "SMTPUTF8", "8BITMIME"],
    connections: 0,
    open: () => sockets.size,
  };
  const server = createServer((socket) => {
    it.connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    void converse(it, socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  it.url = `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  whenFileEnds(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return it;
}

async function converse(it: ScriptedServer, socket: Socket): Promise<void> {
  let received = "";
  let from = "";
  let to = "";
  let content: string | undefined;
  const greeted = respond(it, socket, "connect", "");
  let busy: Promise<unknown> = greeted;
  const read = async (): Promise<void> => {
    while (!socket.destroyed) {
      if (content !== undefined) {
        const end = `\r\n${received}`.indexOf("\r\n.\r\n");
        if (content === "" && received) {
          content = " ";
          if ((await it.script("content", "")) === "close") return void socket.destroy();
        }
        if (end < 0) return;
        const raw = received.slice(0, Math.max(0, end));
        received = received.slice(end + 3);
        content = undefined;
        const messageId = /^message-id: *(\S+)/im.exec(raw)?.[1] ?? "";
        const mail = { messageId, to, from, raw, taken: false, refused: false };
        it.mails.push(mail);
        const answer = await respond(it, socket, "dot", "");
        mail.taken = answer === usual.dot;
        mail.refused = /^[45]/.test(answer ?? "");
        continue;
      }
      const end = received.indexOf("\r\n");
      if (end < 0) return;
      const line = received.slice(0, end);
      received = received.slice(end + 2);
      const step = stepOf(line);
      if (step === "mail") from = /<(.*)>/.exec(line)?.[1] ?? "";
      const answer = step === "data" && !to ? refuse(socket) : await respond(it, socket, step, line);
      if (step === "mail") to = "";
      if (step === "rcpt" && answer?.startsWith("2")) to = /<(.*)>/.exec(line)?.[1] ?? "";
      if (step === "data" && answer?.startsWith("3")) content = "";
    }
  };
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    received += chunk;
    busy = busy.then(read);
  });
}

function refuse(socket: Socket): string {
  socket.write("554 5.5.1 nobody to send it to\r\n");
  return "554";
}

function stepOf(line: string): Step {
  const [verb] = /^\w+/.exec(line.toLowerCase()) ?? [""];
  if (verb === "ehlo" || verb === "mail" || verb === "rcpt" || verb === "data") return verb;
  return "other";
}

async function respond(it: ScriptedServer, socket: Socket, step: Step, said: string): Promise<string | undefined> {
  const scripted = await it.script(step, said);
  if (scripted === "close") return void socket.destroy();
  if (scripted === "silence") return undefined;
  if (scripted === "trickle") {
    const timer = setInterval(() => socket.write("250-and\r\n"), 20);
    socket.on("close", () => clearInterval(timer));
    return undefined;
  }
  const answer = scripted ?? (step === "ehlo" ? ehlo(it.extensions) : usual[step]);
  socket.write(`${answer}\r\n`);
  if (answer.startsWith("421")) socket.end();
  return answer;
}

function ehlo(extensions: string[]): string {
  const lines = ["scripted", ...extensions];
  return lines.map((line, index) => `250${index === lines.length - 1 ? " " : "-"}${line}`).join("\r\n");
}
