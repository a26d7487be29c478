import type { Config } from "../config.ts";
import { describeError } from "../errors.ts";
import { maskAddress } from "../log.ts";
import { type Fault, judge, type Verdict } from "./answers.ts";
import type { Mail } from "./compose.ts";
import { createSigner, type Signer } from "./dkim.ts";
import { createPace, type Pace } from "./pace.ts";
import { type Envelope, openSession, type Patience, type Session, SessionError } from "./session.ts";
import { createSlots } from "./slots.ts";
import { onTheWire } from "./wire.ts";

export type Message = Mail & {
  /** Where it comes back to when it can't be delivered; the sender's address unless it is set. */
  envelopeFrom?: string;
};

/** What became of a mail that was handed over. `answer` has no address in it. */
export type Outcome = { verdict: Verdict; answer: string };

export type Mailer = {
  /** Hands one mail to the server. Never throws. */
  send: (message: Message) => Promise<Outcome>;
  /** How many mails the server is to be given at a time. */
  pace: Pace;
  /** Ends what is under way, wherever it is. */
  abandon: () => void;
  abandoned: AbortSignal;
  /** Says goodbye when what is under way has ended. */
  close: () => void;
};

/** Milliseconds. A mail as a whole has well below its lease, so that nobody else sends it meanwhile. */
const patience: Patience & { mail: number } = { connect: 30_000, greeting: 30_000, silence: 90_000, mail: 150_000 };

/** Sends to the server at `url` over a few connections. Throws `UserError` when the settings can't sign. */
export function createMailer(config: Config, url: string, wait: Partial<typeof patience> = {}): Mailer {
  const sign = signerOf(config);
  const patient = { ...patience, ...wait };
  const connections = createSlots(() => config.smtpConnections);
  const idle: Session[] = [];
  const underWay = new Set<AbortController>();
  const abandoned = new AbortController();
  let closed = false;

  /** A session that was kept may have ended without our knowing: then nothing has been sent, and a new one is tried. */
  const handOver = async (envelope: Envelope, mail: Buffer, limit: AbortSignal): Promise<string> => {
    const kept = takeOpen(idle);
    try {
      return await over(kept ?? (await openSession(url, patient, limit)), envelope, mail, limit);
    } catch (error) {
      if (!kept || limit.aborted || !endedUnused(error)) throw error;
      return over(await openSession(url, patient, limit), envelope, mail, limit);
    }
  };
  const over = async (session: Session, envelope: Envelope, mail: Buffer, limit: AbortSignal): Promise<string> => {
    if (!session.takesUtf8 && !isAscii(envelope.to)) {
      idle.push(session);
      throw new SessionError(beyondAscii);
    }
    try {
      return await session.send(envelope, mail, limit);
    } finally {
      if (closed) session.close();
      else if (session.isOpen()) idle.push(session);
    }
  };

  return {
    send: async (message) => {
      let mail: Buffer;
      try {
        mail = await onTheWire(message, sign);
      } catch (error) {
        return { verdict: "impossible", answer: `could not be composed: ${describeError(error)}` };
      }
      const envelope = { from: message.envelopeFrom ?? message.from.address, to: message.to };
      await connections.take();
      const limit = new AbortController();
      const timer = setTimeout(() => limit.abort(), patient.mail);
      underWay.add(limit);
      if (abandoned.signal.aborted) limit.abort(); // it had waited for a connection until now
      try {
        return { verdict: "sent", answer: readable(await handOver(envelope, mail, limit.signal)) };
      } catch (error) {
        const fault = error instanceof SessionError ? error.fault : { ...lost, answer: describeError(error) };
        return { verdict: judge(fault), answer: readable(fault.answer) };
      } finally {
        clearTimeout(timer);
        underWay.delete(limit);
        connections.give();
      }
    },
    pace: createPace(2 * config.smtpConnections),
    abandoned: abandoned.signal,
    abandon: () => {
      abandoned.abort();
      for (const limit of underWay) limit.abort();
    },
    close: () => {
      closed = true;
      for (const session of idle.splice(0)) session.close();
    },
  };
}

function signerOf({ dkimDomain, dkimSelector, dkimPrivateKey }: Config): Signer {
  if (!dkimDomain || !dkimSelector || !dkimPrivateKey) return async () => "";
  return createSigner({ domain: dkimDomain, selector: dkimSelector, privateKey: dkimPrivateKey });
}

function takeOpen(idle: Session[]): Session | undefined {
  for (let session = idle.pop(); session; session = idle.pop()) if (session.isOpen()) return session;
  return undefined;
}

function endedUnused(error: unknown): boolean {
  const fault = error instanceof SessionError ? error.fault : undefined;
  return fault !== undefined && !fault.begun && (fault.code === undefined || fault.code === 421);
}

function isAscii(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

const beyondAscii: Fault = {
  step: "recipient",
  code: 553,
  answer: "553 5.6.7 the mail server takes no address beyond ASCII (it has no SMTPUTF8)",
  begun: false,
};

/** What is not the server's doing is taken for the worst. */
const lost: Fault = { step: "content", code: undefined, answer: "", begun: true };

/** One line for the database, logs and the admin page. Servers repeat the address they refuse; we must not. */
function readable(answer: string): string {
  return answer
    .toWellFormed()
    .replace(/[\s\p{Cc}]+/gu, " ")
    .replace(/[^\s<>@"',;:()]+@[^\s<>"',;:()]+/g, maskAddress)
    .slice(0, 500);
}
