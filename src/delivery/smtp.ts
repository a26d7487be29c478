import nodemailer from "nodemailer";
import type { Config } from "../config.ts";
import { maskAddress } from "../log.ts";

export type Message = {
  messageId: string;
  from: { name: string; address: string };
  to: string;
  /** Where it comes back to. */
  envelopeFrom: string;
  subject: string;
  html: string;
  text: string;
  date: Temporal.Instant;
  boundary: string;
  headers: Record<string, string>;
};

/** What became of a mail that was handed over: `unsent` and `refused` are the server's word, or it was never reached. */
export type Outcome =
  | { state: "sent"; answer: string }
  | { state: "unsent"; answer: string }
  | { state: "refused"; answer: string }
  | { state: "unknown"; answer: string };

export type Mailer = {
  /** Hands one mail to the server. Never throws. */
  send: (message: Message) => Promise<Outcome>;
  close: () => void;
};

export const connections = 5;

/** Milliseconds for one mail, whatever the server does: well below the lease, so that nobody else sends it meanwhile. */
const longestSend = 150_000;

/** Headers that DKIM signs: nodemailer's own list leaves `List-Unsubscribe-Post` out, which RFC 8058 wants covered. */
const signedHeaders =
  "from:sender:reply-to:subject:date:message-id:to:cc:mime-version:content-type:content-transfer-encoding:list-id:list-unsubscribe:list-unsubscribe-post";

/** A pool of connections to `url`. */
export function createMailer(config: Config, url: string): Mailer {
  const transport = nodemailer.createTransport({
    url,
    pool: true,
    maxConnections: connections,
    maxMessages: Number.POSITIVE_INFINITY,
    connectionTimeout: 30_000,
    greetingTimeout: 30_000,
    socketTimeout: 60_000,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(config.dkimDomain && config.dkimSelector && config.dkimPrivateKey
      ? {
          dkim: {
            domainName: config.dkimDomain,
            keySelector: config.dkimSelector,
            privateKey: config.dkimPrivateKey,
            headerFieldNames: signedHeaders,
          },
        }
      : {}),
  });
  return {
    send: async (message) => {
      try {
        const info = await transport.sendMail({ ...compose(message), signal: AbortSignal.timeout(longestSend) });
        return { state: "sent", answer: String(info.response) };
      } catch (error) {
        return outcomeOf(error as SmtpFailure);
      }
    },
    close: () => transport.close(),
  };
}

function compose(message: Message) {
  const headers = Object.entries(message.headers).map(([key, value]) => ({ key, value: { prepared: true, value } }));
  return {
    from: message.from,
    // Objects and an explicit envelope: an address is never parsed out of text that somebody else wrote.
    to: { name: "", address: message.to },
    envelope: { from: message.envelopeFrom, to: [message.to] },
    messageId: message.messageId,
    date: new Date(message.date.epochMilliseconds),
    subject: message.subject,
    text: message.text,
    html: message.html,
    textEncoding: "quoted-printable" as const,
    baseBoundary: message.boundary,
    headers,
  };
}

type SmtpFailure = Error & { code?: string; command?: string; responseCode?: number; response?: string };

/**
 * What a failure tells. A code is the server's word, and a connection that was never made has delivered nothing. All else is
 * unknown: a connection that closes after the final dot looks the same to us as one that closes before it.
 */
export function outcomeOf(error: SmtpFailure): Outcome {
  const answer = withoutAddresses((error.response ?? error.message).replace(/\s+/g, " ").slice(0, 500));
  const { responseCode, command = "", code = "" } = error;
  const aboutUs = code === "EAUTH" || /^(AUTH|EHLO|HELO|STARTTLS|CONN|MAIL)/.test(command);
  if (responseCode && responseCode >= 500 && !aboutUs) return { state: "refused", answer };
  if (code === "EENVELOPE" && !responseCode) return { state: "refused", answer };
  const notConnected =
    ["EDNS", "EAUTH", "ETLS"].includes(code) ||
    /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH/.test(answer);
  if ((responseCode && responseCode >= 400) || notConnected) return { state: "unsent", answer };
  return { state: "unknown", answer };
}

/** Servers repeat the address they refuse; logs and the admin page must not. */
function withoutAddresses(answer: string): string {
  return answer.replace(/[^\s<>@"',;:()]+@[^\s<>"',;:()]+/g, maskAddress);
}
