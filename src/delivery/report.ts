import PostalMime, { type Email } from "postal-mime";
import { type FailedRecipient, readAddress, readDeliveryStatus, readPlainReport } from "./delivery_status.ts";

/** What a mail that came back tells. */
export type Report =
  /** `hard` when every recipient is: ours have one each, so that several are those of a list, and one of them is not the list. */
  | { kind: "bounce"; hard: boolean; recipients: FailedRecipient[]; originalMessageId: string | undefined }
  | { kind: "complaint"; feedbackType: string; recipients: string[]; originalMessageId: string | undefined }
  /** A mail that asks to be unsubscribed. Whether it came to an address for that is the caller's to know. */
  | { kind: "unsubscribe" }
  | { kind: "other"; why: string };

/** Why a mail is `other` when a person, or a program for them, may have written it. */
export const somebody = "a mail of somebody";

/** A megabyte in lines of 76 has 14,000. The time that parsing takes goes by lines and parts more than by bytes. */
const mostLines = 20_000;

/** Characters of text that are looked at: what a server says comes first, and the returned mail after it. */
const longestText = 64 * 1024;

/** Reads a mail that came back, of at most a megabyte, whoever wrote it. Never throws. */
export async function readReport(source: Uint8Array): Promise<Report> {
  try {
    return await read(firstLines(source), true);
  } catch {
    return { kind: "other", why: "it can't be read" };
  }
}

function firstLines(source: Uint8Array): Uint8Array {
  let end = 0;
  for (let line = 0; line < mostLines; line++) {
    end = source.indexOf(10, end) + 1;
    if (end === 0) return source;
  }
  return source.subarray(0, end);
}

async function read(source: Uint8Array, mayBeWrapped: boolean): Promise<Report> {
  const mail = await PostalMime.parse(source, {
    forceRfc822Attachments: true,
    maxNestingDepth: 20,
    maxHeadersSize: 512 * 1024,
  });
  const subject = (mail.subject ?? "").slice(0, 1000);
  const returned = partOf(mail, /^message\/(?:rfc822|global)$|^text\/rfc822-headers?$/) ?? "";
  const whole = textOf(mail, source);

  const feedback =
    partOf(mail, /^message\/feedback-report$/) ?? (isReportOf(mail, "feedback-report") ? whole : undefined);
  if (feedback !== undefined) return readFeedback(feedback, returned);
  // Hotmail's complaints are older than RFC 5965.
  if (returned && /^\s*complaint about message from /i.test(subject))
    return readFeedback("Feedback-Type: abuse", returned);
  if (partOf(mail, /^message\/disposition-notification$/) !== undefined)
    return { kind: "other", why: "a read receipt" };

  const text = withoutReturned(whole);
  const ourselves = (mail.to ?? []).slice(0, 20).flatMap((it) => it.address?.toLowerCase() ?? []);
  const bounce = (recipients: FailedRecipient[]): Report => ({
    kind: "bounce",
    hard: recipients.every((it) => it.hard),
    recipients,
    originalMessageId: messageIdIn(returned) ?? messageIdIn(whole) ?? messageIdIn(`Message-ID: ${mail.inReplyTo}`),
  });
  const isFailure = isNondelivery(mail, subject, text);
  const status = partOf(mail, /^message\/(?:global-)?delivery-status$/) ?? (isFailure ? whole : "");
  const { failed, others } = readDeliveryStatus(status, { text, ourselves });
  if (failed.length > 0) return bounce(failed);
  if (others) return { kind: "other", why: "a notice of delay or delivery" };
  if (isFailure) {
    if (delaySubjects.test(subject) || delayWords.test(text)) return { kind: "other", why: "a notice of delay" };
    // Gateways send the report that they got within one of their own.
    if (mayBeWrapped && /report-type="?delivery-status/i.test(returned.slice(0, longestText)))
      return read(new TextEncoder().encode(returned), false);
    return bounce(readPlainReport(text, { ourselves, named: header(mail, "x-failed-recipients")?.split(",", 1)[0] }));
  }
  if (asksToUnsubscribe(subject, text)) return { kind: "unsubscribe" };
  return { kind: "other", why: isAutomatic(mail, subject) ? "an automatic reply" : somebody };
}

/** RFC 5965. Types that say nothing of a reader's wish are left: RFC 6430 (not spam), RFC 6591 (authentication), viruses. */
function readFeedback(feedback: string, returned: string): Report {
  const field = (name: string, from = feedback) =>
    new RegExp(`^${name}:([^\\r\\n]{1,400})`, "im").exec(from)?.[1]?.trim();
  const feedbackType = /^[a-z-]{1,40}/.exec((field("feedback-type") ?? "").toLowerCase())?.[0] ?? "other";
  if (["not-spam", "auth-failure", "virus"].includes(feedbackType))
    return { kind: "other", why: `feedback of the type ${feedbackType}` };
  const found = [
    field("original-rcpt-to"),
    field("removal-recipient"),
    field("x-hmxmroriginalrecipient", returned.slice(0, longestText)),
  ];
  const recipients = found.flatMap((it) => readAddress(it) ?? []);
  return { kind: "complaint", feedbackType, recipients, originalMessageId: messageIdIn(returned) };
}

const daemons =
  /mailer[._-]?daemon|post[._]?master|mail deliver|delivery (?:sub)?system|system administrator|^\s*(?:<>)?\s*$/i;

const failureWords =
  /undeliver|deliver(?:y|ed)? (?:status|fail|has failed|notification|problem|error)|returned mail|failure notice|mail (?:delivery )?(?:system )?(?:fail|error)|non-?deliver|(?:could|can)(?:not|n't| not) be (?:delivered|sent)|able to deliver|not (?:be )?delivered|not reach|error (?:sending|delivering|message below)|(?:delivery|permanent|fatal) error|rejected your message|transcript of session|unzustellbar|non remis|недостав|не может быть (?:доставлен|отправлен)|(?:送信|配信|配送)でき|配信不能/i;

const delaySubjects = /\(delay\)|(?:notification|delivery)(?: is)?:? delayed|^warning: /i;

const delayWords =
  /warning message only|only a (?:temporary|warning)|do not need to re-?send|will be retried|will keep trying|has been delayed|still undelivered|not yet been delivered/i;

const automaticSubjects =
  /auto(?:matic)?[ -]?(?:reply|response)|out of (?:the )?office|vacation|abwesen|réponse automatique|自動返信|不在/i;

/** Whether a machine says that it could not deliver. What people write of it is not enough. */
function isNondelivery(mail: Email, subject: string, text: string): boolean {
  if (isReportOf(mail, "delivery-status") || header(mail, "x-failed-recipients")) return true;
  // Amazon SES by way of SNS: JSON, within JSON as often as not.
  if (/"notificationType\\{0,3}" ?: ?\\{0,3}"Bounce/.test(text)) return true;
  const isMachine = daemons.test(header(mail, "from") ?? "") || /^<\s*>$/.test(header(mail, "return-path") ?? "");
  return isMachine && !automaticSubjects.test(subject) && (failureWords.test(subject) || failureWords.test(text));
}

function asksToUnsubscribe(subject: string, text: string): boolean {
  const firstLine = /^\s{0,1000}(\S[^\r\n]{0,80})/.exec(text)?.[1] ?? "";
  return [subject, firstLine].some((it) => /^(?:re:\s?)?(?:please )?unsubscribe(?: me)?[.!]?$/i.test(it.trim()));
}

/** RFC 3834, and what was in use before it. */
function isAutomatic(mail: Email, subject: string): boolean {
  return (
    (header(mail, "auto-submitted") ?? "no").toLowerCase() !== "no" ||
    ["x-autoreply", "x-autorespond", "x-auto-response-suppress", "list-id"].some((name) => header(mail, name)) ||
    /bulk|junk|auto_reply|list/i.test(header(mail, "precedence") ?? "") ||
    automaticSubjects.test(subject)
  );
}

function isReportOf(mail: Email, type: string): boolean {
  return new RegExp(`report-type="?${type}`, "i").test(header(mail, "content-type") ?? "");
}

function header(mail: Email, name: string): string | undefined {
  return mail.headers.find((it) => it.key === name)?.value.slice(0, 2000);
}

function partOf(mail: Email, type: RegExp): string | undefined {
  const part = mail.attachments.find((it) => type.test(it.mimeType));
  return part && new TextDecoder().decode((part.content as ArrayBuffer).slice(0, 4 * longestText));
}

/** What is there to read, or the body as it came where broken MIME leaves nothing. */
function textOf(mail: Email, source: Uint8Array): string {
  const ofHtml = (html: string) =>
    html
      .slice(0, 4 * longestText)
      .replace(/<[^<>]*>/g, " ")
      .replace(/&[lg]t;/g, (it) => (it === "&lt;" ? "<" : ">"));
  const shown = `${(mail.text ?? ofHtml(mail.html ?? "")).slice(0, longestText)}\n${partOf(mail, /^text\/plain/) ?? ""}`;
  if (shown.trim()) return shown.slice(0, longestText);
  const raw = new TextDecoder().decode(source.subarray(0, 2 * longestText));
  return raw.slice(Math.max(0, raw.search(/\r?\n\r?\n/))).slice(0, longestText);
}

const returnedMarks =
  /^[ \t>|*-]{0,80}(?:(?:below|enclosed|this|included) (?:this line )?is a copy of|(?:the header of the |your )?(?:original|returned|unsent) (?:message|mail)|message (?:headers?|text) follow|en-têtes de message|received:|return-path:|x-received:|dkim-signature:)/im;

/** The text before the mail that it returns, whose words are ours. */
function withoutReturned(text: string): string {
  const at = text.search(returnedMarks);
  return at > 0 && text.slice(0, at).trim() ? text.slice(0, at) : text;
}

function messageIdIn(text: string): string | undefined {
  return /^\s{0,20}message-id:\s{0,20}(<[^<>\s]{1,500}>)/im.exec(text)?.[1];
}
