import type { Readable } from "node:stream";
import { parseConnectionUrl } from "nodemailer/lib/shared";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import type { Fault, Step } from "./answers.ts";

/** Milliseconds. RFC 5321 would have us wait longer, but a mail that stalls keeps others waiting, and its lease runs. */
export type Patience = { connect: number; greeting: number; silence: number };

export type Envelope = { from: string; to: string };

/** A connection to the mail server, logged in, for one mail after the other. */
export type Session = {
  /** Whether it takes addresses beyond ASCII (RFC 6531). */
  takesUtf8: boolean;
  isOpen: () => boolean;
  /**
   * Hands over a mail as it goes over the wire, up to its final dot and with no other at the beginning of a line. Answers what the
   * server said. Throws `SessionError`.
   */
  send: (envelope: Envelope, mail: Buffer, limit: AbortSignal) => Promise<string>;
  /** Says goodbye. */
  close: () => void;
};

export class SessionError extends Error {
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(fault.answer);
    this.name = "SessionError";
    this.fault = fault;
  }
}

/** Connects to `url`, with TLS and a login as it says, until `limit`. Throws `SessionError`. */
export async function openSession(url: string, patience: Patience, limit: AbortSignal): Promise<Session> {
  const { auth, ...server } = parseConnectionUrl(url);
  const connection = new SMTPConnection({
    ...server,
    connectionTimeout: patience.connect,
    greetingTimeout: patience.greeting,
    socketTimeout: patience.silence,
    socketCloseTimeout: 1000,
  });
  connection.on("error", () => {}); // each is also that of the step under way; between mails it only ends the session
  try {
    await step<void>(connection, limit, (done) => connection.connect(done));
    const takesUtf8 = /^\d+[ -]SMTPUTF8\b/im.test(connection.lastServerResponse || "");
    if (auth && connection.allowsAuth) await step(connection, limit, (done) => connection.login(auth, done));
    return {
      takesUtf8,
      isOpen: () => !connection.destroyed,
      send: (envelope, mail, until) => send(connection, envelope, mail, until),
      close: () => (connection.destroyed ? undefined : connection.quit()),
    };
  } catch (error) {
    connection.close();
    throw new SessionError(faultOf(error as SmtpError, "connection", false));
  }
}

async function send(connection: SMTPConnection, envelope: Envelope, mail: Buffer, limit: AbortSignal): Promise<string> {
  let begun = false;
  // Once the server has said 354, nodemailer has us write into a stream that escapes dots, byte by byte, and goes to the socket.
  // There are none to escape, so the mail is put straight at that stream's end, and leaves in one piece.
  const content = {
    pipe(stream: Readable) {
      begun = true;
      stream.push(mail);
      stream.push(null);
    },
  };
  try {
    const result = await step<{ response: string }>(connection, limit, (done) =>
      connection.send({ from: envelope.from, to: [envelope.to] }, content as unknown as Readable, done),
    );
    return result.response;
  } catch (error) {
    const fault = faultOf(error as SmtpError, begun ? "content" : "connection", begun);
    // A refusal ends the mail and not the session, unless the server says so.
    if (fault.code === undefined || fault.code === 421 || connection.destroyed) connection.close();
    else await step(connection, limit, (done) => connection.reset(done)).catch(() => connection.close());
    throw new SessionError(fault);
  }
}

type SmtpError = Error & { code?: string; command?: string; responseCode?: number; response?: string };

/** One step as a promise, which ends with the connection or the limit if the step itself does not. */
function step<T>(
  connection: SMTPConnection,
  limit: AbortSignal,
  begin: (done: (error?: SmtpError | null, result?: T) => void) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const settle = (error: SmtpError | null | undefined, result?: T) => {
      connection.off("error", settle);
      connection.off("end", ended);
      limit.removeEventListener("abort", late);
      if (error) reject(error);
      else resolve(result as T);
    };
    // The step's own error comes right behind and says more.
    const ended = () => void setImmediate(() => settle(new Error("the connection was closed")));
    const late = () => {
      connection.close();
      settle(new Error("it took too long"));
    };
    connection.once("error", settle);
    connection.once("end", ended);
    limit.addEventListener("abort", late, { once: true });
    if (limit.aborted) return late();
    begin(settle);
  });
}

function faultOf(error: SmtpError, step: Step, begun: boolean): Fault {
  return {
    step: stepOf(error.command ?? "") ?? step,
    answer: (error.response ?? error.message).replace(/\s+/g, " "),
    code: error.responseCode || undefined,
    begun,
  };
}

function stepOf(command: string): Step | undefined {
  if (command.startsWith("MAIL")) return "sender";
  if (command.startsWith("RCPT")) return "recipient";
  return command.startsWith("DATA") ? "content" : undefined;
}
