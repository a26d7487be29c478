import type { ConfirmView } from "../../emails/confirm.ts";
import type { Context } from "../context.ts";
import { readDigests } from "../digests/digest.ts";
import { maskAddress } from "../subscribers/address.ts";
import { readAddressChanges } from "../subscribers/change_address.ts";
import { readConfirmations } from "../subscribers/confirm.ts";
import { scheduleInWords } from "../subscribers/words.ts";
import { deriveToken } from "../token.ts";
import type { OutboxRow } from "./claim.ts";
import { envelopeSender, unsubscribeByMail } from "./return_address.ts";
import type { Message } from "./smtp.ts";
import type { Filled, Templates } from "./templates.ts";

/**
 * Renders outbox rows. The same row always gives the same mail, byte for byte. A row that can't be rendered comes back as its
 * error and stops no other.
 */
export async function renderMails(
  context: Context,
  templates: Templates,
  rows: OutboxRow[],
): Promise<Map<number, Message | Error>> {
  const ids = (kind: OutboxRow["kind"]) => rows.filter((row) => row.kind === kind).map((row) => row.subjectId);
  const digests = await readEach(ids("digest"), (some) => readDigests(context, some));
  const confirmations = await readEach(ids("confirm"), (some) => readConfirmations(context.sql, some));
  const changes = await readEach([...ids("address-change"), ...ids("address-changed")], (some) =>
    readAddressChanges(context.sql, some),
  );
  return new Map(
    rows.map((row): [number, Message | Error] => {
      try {
        if (row.kind === "digest") {
          const view = digests.get(row.subjectId);
          if (!view) throw new Error(`there is no digest ${row.subjectId}`);
          if (view instanceof Error) throw view;
          return [
            row.id,
            message(context, row, templates.digest(view), listHeaders(context, row, view.unsubscribeUrl)),
          ];
        }
        const { baseUrl, secret } = context.config;
        if (row.kind === "preferences-link") {
          const view = {
            preferencesUrl: `${baseUrl}/preferences/${deriveToken(secret, "preferences", row.subscriberId)}`,
            unsubscribeUrl: `${baseUrl}/unsubscribe/${deriveToken(secret, "unsubscribe", row.subscriberId)}`,
            baseUrl,
          };
          return [row.id, message(context, row, templates["preferences-link"](view), {})];
        }
        if (row.kind === "address-change" || row.kind === "address-changed") {
          const change = changes.get(row.subjectId);
          if (!change) throw new Error(`there is no change of address ${row.subjectId}`);
          if (change instanceof Error) throw change;
          const url = (purpose: "address" | "address-undo") =>
            `${baseUrl}/address/${deriveToken(secret, purpose, change.id)}`;
          const filled =
            row.kind === "address-change"
              ? templates["address-change"]({
                  confirmUrl: url("address"),
                  oldAddress: maskAddress(change.oldEmail),
                  validFor: "seven days",
                  baseUrl,
                })
              : templates["address-changed"]({
                  newAddress: maskAddress(change.newEmail),
                  undoUrl: url("address-undo"),
                  baseUrl,
                });
          return [row.id, message(context, row, filled, {})];
        }
        const confirmation = confirmations.get(row.subjectId);
        if (!confirmation) throw new Error(`there is no request ${row.subjectId}`);
        if (confirmation instanceof Error) throw confirmation;
        const view: ConfirmView = {
          confirmUrl: `${baseUrl}/confirm/${deriveToken(secret, "confirm", row.subjectId)}`,
          interests: confirmation.interests,
          hasInterests: confirmation.interests.length > 0,
          schedule: scheduleInWords(confirmation.preferences),
          isChange: confirmation.isChange,
          baseUrl,
        };
        return [row.id, message(context, row, templates.confirm(view), {})];
      } catch (error) {
        return [row.id, error as Error];
      }
    }),
  );
}

/** Reads all at once; when that fails, one by one, so that the fault of one stays its own. */
async function readEach<View>(
  ids: number[],
  read: (ids: number[]) => Promise<Map<number, View>>,
): Promise<Map<number, View | Error>> {
  try {
    return await read(ids);
  } catch (error) {
    if (ids.length === 1) return new Map([[ids[0] as number, error as Error]]);
    const each = await Promise.all(ids.map((id) => readEach([id], read)));
    return new Map(each.flatMap((map) => [...map]));
  }
}

function message({ config }: Context, row: OutboxRow, filled: Filled, headers: Record<string, string>): Message {
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
      ...headers,
    },
  };
}

/** One-click unsubscribing: RFC 2369 and RFC 8058. */
function listHeaders({ config }: Context, row: OutboxRow, unsubscribeUrl: string): Record<string, string> {
  const byMail = unsubscribeByMail(config, row.subscriberId);
  return {
    "List-Id": `Paper Round <digest.${new URL(config.baseUrl).hostname}>`,
    "List-Unsubscribe": `<${unsubscribeUrl}>${byMail ? `, <${byMail}>` : ""}`,
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    Precedence: "list",
  };
}
