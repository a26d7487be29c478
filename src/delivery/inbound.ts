import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";
import type { Context } from "../context.ts";
import { describeError } from "../errors.ts";
import { addressesOf, receiveReport } from "./receive_report.ts";
import { readReport } from "./report.ts";
import { readReturnAddress } from "./return_address.ts";
import { findSubject, isBusy } from "./settle_report.ts";

/** What is held in memory is at most `clients` times `bytes`. */
const usualLimits = {
  bytes: 1024 * 1024,
  clients: 100,
  clientsOfAHost: 20,
  recipients: 10,
  /** Of one connection: whoever tries addresses does not get far. */
  refusals: 20,
  /** Addresses that one connection may name, be it one over and over: each is looked up. */
  lookups: 200,
  idleMilliseconds: 60_000,
  /** However busy it is: a byte now and then would keep a connection from ever being idle. */
  connectionMilliseconds: 300_000,
  graceMilliseconds: 3000,
};

export type Inbound = { port: number; close: () => Promise<void> };

/**
 * Listens for mail that comes back. It takes mail for addresses that we signed and nothing else, and says 250 once what it says
 * is kept and done. `close` lets what is being received come to its end.
 */
export async function startInbound(context: Context, given: Partial<typeof usualLimits> = {}): Promise<Inbound> {
  const { config, log } = context;
  const { inboundTlsCert: cert, inboundTlsKey: key } = config;
  const limits = { ...usualLimits, ...given };
  /** The hosts of those that were let in, by the session. */
  const clients = new Map<string, string>();
  const refusals = new WeakMap<SMTPServerSession, number>();
  const refuse = (session: SMTPServerSession) => {
    const count = (refusals.get(session) ?? 0) + 1;
    refusals.set(session, count);
    return count < limits.refusals ? answer(550, "There is no such address") : answer(421, "Too many wrong addresses");
  };
  const lookups = new WeakMap<SMTPServerSession, number>();
  const asksTooMuch = (session: SMTPServerSession) => {
    const count = (lookups.get(session) ?? 0) + 1;
    lookups.set(session, count);
    return count > limits.lookups;
  };
  // One mail is parsed at a time: parsing holds several times its size.
  const inTurn = takingTurns();
  const inHand = new Set<Promise<void>>();
  const server = new SMTPServer({
    name: config.returnDomain,
    banner: "for mail that comes back",
    logger: false,
    // Nobody logs in. Without a certificate of our own there is no TLS: the library's is known to everybody.
    disabledCommands: ["AUTH", "WIZ", "SHELL", "KILL", "XCLIENT", "XFORWARD", ...(cert && key ? [] : ["STARTTLS"])],
    ...(cert && key ? { cert, key } : {}),
    disableReverseLookup: true,
    hideENHANCEDSTATUSCODES: false,
    size: limits.bytes,
    rejectOversized: true,
    maxClients: limits.clients,
    maxRecipients: limits.recipients,
    maxCommandLength: 4096,
    socketTimeout: limits.idleMilliseconds,
    closeTimeout: limits.graceMilliseconds,
    onConnect(session, callback) {
      const ofThisHost = clients.values().filter((host) => host === session.remoteAddress);
      if ([...ofThisHost].length >= limits.clientsOfAHost)
        return callback(answer(421, "Too many connections, try again later"));
      clients.set(session.id, session.remoteAddress);
      callback();
    },
    onClose: ({ id }) => void clients.delete(id),
    onRcptTo({ address }, session, callback) {
      if (asksTooMuch(session)) return callback(answer(421, "That is enough for one connection"));
      checkRecipient(context, address).then(
        (known) => callback(known ? null : refuse(session)),
        (error) => callback(asAnswer(context, error)),
      );
    },
    onData(stream, session, callback) {
      const recipients = session.envelope.rcptTo.map((it) => it.address);
      const work = (async () => {
        const source = await readAll(stream, 4 * limits.bytes);
        // What is too large is refused by the library, whatever we answer; a flood beyond it is cut off.
        if (!source) return hangUp(server, session);
        if (stream.sizeExceeded) return;
        const report = await inTurn(() => readReport(source));
        const done = await receiveReport(context, addressesOf(config, recipients, report, source), report);
        if (done.length === 0) throw answer(550, "It is about no mail of ours");
      })();
      const settled = work.then(
        () => callback(),
        (error) => callback(asAnswer(context, error)),
      );
      inHand.add(settled);
      settled.finally(() => inHand.delete(settled));
    },
  });
  server.on("error", (error) => log.debug({ error: describeError(error) }, "a connection to the inbound port broke"));
  server.server.maxConnections = 2 * limits.clients;
  server.server.on("connection", (socket) => {
    const timer = setTimeout(() => socket.destroy(), limits.connectionMilliseconds).unref();
    socket.once("close", () => clearTimeout(timer));
  });
  server.listen(config.inboundSmtpPort ?? 0, config.inboundSmtpHost);
  await once(server.server, "listening");
  const { port } = server.server.address() as AddressInfo;
  const close = async () => {
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await Promise.all(inHand);
  };
  return { port, close };
}

/** Whether it is an address of ours for a mail that we sent. Throws an answer when there were too many for now. */
async function checkRecipient(context: Context, address: string): Promise<boolean> {
  const { sql, clock, config } = context;
  const to = readReturnAddress(config, address);
  if (!to) return false;
  if (to.kind === "feedback") return true;
  const subject = await findSubject(sql, context, to);
  if (!subject) return false;
  if (await isBusy(sql, subject.subscriberId, clock())) throw answer(452, "Too many mails for this address today");
  return true;
}

/** The whole mail, as far as it may go. Undefined: somebody sends without end. Throws when the connection breaks. */
async function readAll(stream: SMTPServerDataStream, most: number): Promise<Buffer | undefined> {
  let chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (stream.byteLength > most) return undefined;
    if (stream.sizeExceeded) chunks = [];
    else chunks.push(chunk);
    // A chunk of a few bytes costs far more than it holds.
    if (chunks.length > 500) chunks = [Buffer.concat(chunks)];
  }
  return Buffer.concat(chunks);
}

function hangUp(server: SMTPServer, session: SMTPServerSession): void {
  for (const connection of server.connections) if (connection.id === session.id) connection.close();
}

function answer(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

/** What the other side is told of an error: ours is our own matter, and it tries again later. */
function asAnswer({ log }: Context, error: Error & { responseCode?: number; code?: string }): Error {
  if (error.responseCode || error.code === "ECONNECTION") return error;
  log.error({ error: describeError(error) }, "a mail that came back could not be taken; it will be sent again");
  return answer(451, "Try again later");
}

/** Runs one piece of work at a time, in the order of asking. */
function takingTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const run = last.then(work);
    last = run.catch(() => {});
    return run;
  };
}
