import { type Report, somebody } from "./report.ts";
import type { ReturnKind } from "./return_address.ts";

/**
 * How digests that come back for a passing reason add up. Each counts 1 when it is the newest of them, and a tenth less for each
 * digest between it and the newest: nine in a row make 6 and end the mails, as do six of ten for long; a week of a full mailbox
 * does not. It counts editions, not days, so that a weekly reader has as many chances as a daily one.
 */
export const softScore = { kept: 0.9, limit: 6 };

/** What is known of the mail that a report is about. */
export type ReturnedMail = {
  kind: string;
  /** The reader has confirmed since it was written: what is wrong with the address was mended, or is another's trouble. */
  confirmedSince: boolean;
  /** The reader's mails have gone elsewhere since: who has it does not speak for them. */
  movedSince?: boolean;
};

/** `score` suppresses once the score has come to its limit. */
export type Consequence = {
  kind: "hard" | "soft" | "complaint" | "unsubscribe" | "other";
  does: "suppress" | "score" | "unsubscribe" | "nothing";
  /** What it says, in our words. */
  detail: string;
};

/**
 * What a mail that came back leads to, and nothing else decides it:
 *
 * | it is | to the address of a mail | to a reader's address for leaving |
 * | --- | --- | --- |
 * | a bounce, hard | suppress, unless the reader has confirmed since | nothing |
 * | a bounce, soft | a digest: score; any other mail: nothing | nothing |
 * | a complaint | suppress | suppress |
 * | a wish to be unsubscribed | unsubscribe, unless the reader has moved since | unsubscribe |
 * | a mail of somebody | nothing | unsubscribe |
 * | a delay, an automatic reply, a receipt | nothing | nothing |
 */
export function consequenceOf(report: Report, to: ReturnKind, mail: ReturnedMail | undefined): Consequence {
  const leaves = to === "unsubscribe";
  switch (report.kind) {
    case "bounce":
      return mail ? ofBounce(report, mail) : { kind: "other", does: "nothing", detail: "a bounce of no mail of ours" };
    case "complaint":
      return { kind: "complaint", does: "suppress", detail: `a complaint: ${report.feedbackType}` };
    case "unsubscribe":
      if (mail?.movedSince)
        return { kind: "other", does: "nothing", detail: "a wish to leave, from an address of before" };
      return { kind: "unsubscribe", does: "unsubscribe", detail: "a mail that asks to be unsubscribed" };
    case "other":
      // Programs send what the link says, which may be an empty mail.
      return leaves && report.why === somebody
        ? { kind: "unsubscribe", does: "unsubscribe", detail: "a mail to the address for leaving" }
        : { kind: "other", does: "nothing", detail: report.why };
  }
}

function ofBounce(report: Extract<Report, { kind: "bounce" }>, mail: ReturnedMail): Consequence {
  const [first] = report.recipients;
  const detail = [first?.status, first?.reason].filter(Boolean).join(", ");
  const kind = report.hard ? "hard" : "soft";
  if (mail.confirmedSince) return { kind, does: "nothing", detail: `${detail}; the reader has confirmed since` };
  if (report.hard) return { kind, does: "suppress", detail };
  return { kind, does: mail.kind === "digest" ? "score" : "nothing", detail };
}
