import type { EntryView } from "../../emails/digest.ts";
import type { Config } from "../config.ts";
import type { Context } from "../context.ts";
import { type EditionPaper, type EditionView, readDigests } from "../digests/digest.ts";
import { maskAddress } from "../subscribers/address.ts";
import { type AddressChange, readAddressChanges } from "../subscribers/change_address.ts";
import { readConfirmations, type Wish } from "../subscribers/confirm.ts";
import { firstDigestInWords, scheduleInWords } from "../subscribers/words.ts";
import { deriveToken, type Purpose } from "../token.ts";
import type { OutboxRow } from "./claim.ts";
import type { MailKind } from "./outbox.ts";
import { envelopeSender, unsubscribeByMail } from "./return_address.ts";
import type { Message } from "./smtp.ts";
import type { Filled, Templates } from "./templates.ts";

/** Renders a row. The same row always gives the same mail, byte for byte. Throws when that one can't be rendered. */
export type Renderer = (row: OutboxRow) => Message;

/** Reads what rows are about, all at once, and answers what renders each: one by one, as no more are held than are being sent. */
export async function readMails(context: Context, templates: Templates, rows: OutboxRow[]): Promise<Renderer> {
  const subjects = await readSubjects(context, rows);
  return (row) => message(context, row, fill(context, templates, row, subjects));
}

/** What the rows are about, by the numbers of their subjects. */
type Subjects = {
  editions: Map<number, EditionView | Error>;
  wishes: Map<number, Wish | Error>;
  changes: Map<number, Omit<AddressChange, "undoes"> | Error>;
};

async function readSubjects(context: Context, rows: OutboxRow[]): Promise<Subjects> {
  const ids = (...kinds: MailKind[]) => rows.filter((row) => kinds.includes(row.kind)).map((row) => row.subjectId);
  return {
    editions: await readEach(ids("digest"), (some) => readDigests(context, some)),
    wishes: await readEach(ids("confirm", "welcome"), (some) => readConfirmations(context.sql, some)),
    changes: await readEach(ids("address-change", "address-changed"), (some) => readAddressChanges(context.sql, some)),
  };
}

/** Reads all at once; when that fails, one by one, so that the fault of one stays its own. */
async function readEach<View>(
  ids: number[],
  read: (ids: number[]) => Promise<Map<number, View>>,
): Promise<Map<number, View | Error>> {
  if (ids.length === 0) return new Map();
  try {
    return await read(ids);
  } catch (error) {
    if (ids.length === 1) return new Map([[ids[0] as number, error as Error]]);
    const each = await Promise.all(ids.map((id) => readEach([id], read)));
    return new Map(each.flatMap((map) => [...map]));
  }
}

function found<View>(subjects: Map<number, View | Error>, row: OutboxRow): View {
  const subject = subjects.get(row.subjectId);
  if (!subject) throw new Error(`there is no ${row.subjectId} that this ${row.kind} is about`);
  if (subject instanceof Error) throw subject;
  return subject;
}

function fill({ config }: Context, templates: Templates, row: OutboxRow, subjects: Subjects): Filled {
  const { baseUrl } = config;
  const reader = {
    preferencesUrl: linkOf(config, "preferences", row),
    unsubscribeUrl: linkOf(config, "unsubscribe", row),
    baseUrl,
  };
  switch (row.kind) {
    case "digest": {
      const { interests, ...edition } = found(subjects.editions, row);
      if (!interests) {
        const listed = (papers: EditionPaper[]) => withVoteLinks(config, row, papers);
        const [papers, trending] = [listed(edition.papers), listed(edition.trending)];
        return templates.digest({ ...edition, papers, trending, ...reader });
      }
      const { date, number, notes, receipt, problems } = edition;
      return templates["all-is-well"]({ date, number, interests, notes, receipt, problems, ...reader });
    }
    case "confirm": {
      const { preferences, interests, isChange } = found(subjects.wishes, row);
      const confirmUrl = linkAbout(config, "confirm", row);
      return templates.confirm({ confirmUrl, interests, schedule: scheduleInWords(preferences), isChange, baseUrl });
    }
    case "welcome": {
      const { preferences, interests } = found(subjects.wishes, row);
      const first = firstDigestInWords(preferences, interests.length > 0, row.createdAt);
      return templates.welcome({ interests, first, schedule: scheduleInWords(preferences), ...reader });
    }
    case "preferences-link":
      return templates["preferences-link"](reader);
    case "address-change": {
      const oldAddress = maskAddress(found(subjects.changes, row).oldEmail);
      const confirmUrl = linkAbout(config, "address", row);
      return templates["address-change"]({ confirmUrl, oldAddress, validFor: "seven days", baseUrl });
    }
    case "address-changed": {
      const newAddress = maskAddress(found(subjects.changes, row).newEmail);
      return templates["address-changed"]({ newAddress, undoUrl: linkAbout(config, "address-undo", row), baseUrl });
    }
    case "goodbye": {
      const undoUrl = linkOf(config, "resubscribe", row);
      return templates.goodbye({ undoUrl, undoFor: "an hour", subscribeUrl: `${baseUrl}/subscribe`, baseUrl });
    }
  }
}

/** A link that acts for the reader whom a mail is for. */
function linkOf({ baseUrl, secret }: Config, purpose: Purpose, { subscriberId, moves }: OutboxRow): string {
  return `${baseUrl}/${purpose}/${deriveToken(secret, purpose, subscriberId, moves)}`;
}

/** The papers of a digest, each with the links to vote on it. */
function withVoteLinks({ baseUrl, secret }: Config, row: OutboxRow, papers: EditionPaper[]): EntryView[] {
  const token = deriveToken(secret, "vote", row.subjectId, row.moves);
  return papers.map(({ place, ...entry }) => ({
    ...entry,
    moreLikeUrl: `${baseUrl}/more/${token}/${place}`,
    lessLikeUrl: `${baseUrl}/less/${token}/${place}`,
  }));
}

/** A link to do what a mail is about. */
function linkAbout(
  { baseUrl, secret }: Config,
  purpose: "confirm" | "address" | "address-undo",
  row: OutboxRow,
): string {
  const path = purpose === "address-undo" ? "address" : purpose;
  return `${baseUrl}/${path}/${deriveToken(secret, purpose, row.subjectId)}`;
}

function message({ config }: Context, row: OutboxRow, filled: Filled): Message {
  return {
    ...filled,
    messageId: row.messageId,
    from: config.mailFrom,
    to: row.email,
    envelopeFrom: envelopeSender(config, row.id),
    date: row.createdAt,
    headers: {
      "Auto-Submitted": "auto-generated",
      "Feedback-ID": `${row.kind}:paper-round:${new URL(config.baseUrl).hostname}`,
      ...(isSubscribed(row) ? listHeaders(config, row) : {}),
    },
  };
}

/** What comes because it was subscribed to, not because its reader just asked for it. */
function isSubscribed({ kind }: OutboxRow): boolean {
  return kind === "digest" || kind === "welcome";
}

/** One-click unsubscribing: RFC 2369 and RFC 8058. */
function listHeaders(config: Config, row: OutboxRow): Record<string, string> {
  const byMail = unsubscribeByMail(config, row.subscriberId, row.moves);
  return {
    "List-Id": `Paper Round <digest.${new URL(config.baseUrl).hostname}>`,
    "List-Unsubscribe": `<${linkOf(config, "unsubscribe", row)}>${byMail ? `, <${byMail}>` : ""}`,
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    Precedence: "list",
  };
}
