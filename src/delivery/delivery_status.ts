import { judge, readStage, readStatus } from "./bounce_phrases.ts";

export type FailedRecipient = {
  address: string | undefined;
  /** As in RFC 3463, where one was told. */
  status: string | undefined;
  /** The address is gone: nothing that is sent there will ever arrive. */
  hard: boolean;
  /** In our words, without anything of the report. */
  reason: string;
};

/** Enough for any list: what comes after is left out. */
const mostRecipients = 100;

/**
 * The recipients of a delivery status (RFC 3464): those that failed, and whether there are others, delayed or delivered. `text`
 * is what the report says to people. `ourselves` are addresses that are no recipients.
 */
export function readDeliveryStatus(
  source: string,
  { text, ourselves }: { text: string; ourselves: string[] },
): { failed: FailedRecipient[]; others: boolean } {
  // RFC 3464, 2.3.3. An unknown word or none is taken as "failed": a report is sent because of something.
  const isOther = (block: Block) => /^\s*(?:delayed|delivered|relayed|expanded)/i.test(block.action ?? "");
  const blocks = readBlocks(source);
  const failed = blocks.filter((it) => !isOther(it)).slice(0, mostRecipients);
  const texts = readRecipientTexts(text, ourselves);
  return {
    failed: failed.map((block) => judgeBlock(block, failed.length === 1 ? text : undefined, texts)),
    others: blocks.some(isOther),
  };
}

/** The recipients of a report without a delivery status: one older than RFC 3464, or of a server that writes its own. */
export function readPlainReport(
  text: string,
  { ourselves, named }: { ourselves: string[]; named: string | undefined },
): FailedRecipient[] {
  const texts = readRecipientTexts(text, ourselves);
  const found = [...texts].map(([address, about]) => judgeText(address, about));
  return found.length > 1 ? found : [judgeText(readAddress(named) ?? found[0]?.address, text)];
}

const fields = ["original-recipient", "final-recipient", "action", "status", "diagnostic-code"] as const;

type Block = Partial<Record<(typeof fields)[number], string>>;

/** What is no field of a recipient is passed over: broken MIME leaves the blocks in the middle of plain text. */
function readBlocks(source: string): Block[] {
  const blocks: Block[] = [];
  let block: Block = {};
  let field: keyof Block | undefined;
  const endBlock = () => {
    const recipient = block["final-recipient"] ?? block["original-recipient"];
    if (recipient && Object.keys(block).length > 1) blocks.push(block);
    block = {};
    field = undefined;
  };
  for (const line of source.split(/\r\n|\r|\n/)) {
    const [, name, value = ""] = /^([A-Za-z-]{1,40}):(.*)$/.exec(line) ?? [];
    const known = fields.find((it) => it === name?.toLowerCase());
    if (line.trim() === "" || (known && block[known] !== undefined)) endBlock();
    if (known) {
      block[known] = value.trim().slice(0, 4000);
      field = known;
    } else if (field && /^[ \t]/.test(line)) {
      block[field] = `${block[field]} ${line.trim()}`.slice(0, 4000);
    } else field = undefined;
  }
  endBlock();
  return blocks;
}

function judgeBlock(block: Block, text: string | undefined, texts: Map<string, string>): FailedRecipient {
  // What we wrote on the envelope, where it is told: the final recipient may be one that it was forwarded to.
  const address = readAddress(block["original-recipient"]) ?? readAddress(block["final-recipient"]);
  const about = text ?? texts.get(address?.toLowerCase() ?? "") ?? "";
  const diagnostic = block["diagnostic-code"] || about;
  const status = readStatus(block.status, diagnostic);
  const stage = readStage(about);
  const verdict = judge({ status, words: diagnostic, stage }) ?? judge({ status, words: about, stage });
  return { address, status, ...(verdict ?? unknown) };
}

function judgeText(address: string | undefined, text: string): FailedRecipient {
  const status = readStatus(undefined, text);
  return { address, status, ...(judge({ status, words: text, stage: readStage(text) }) ?? unknown) };
}

const unknown = { hard: false, reason: "it was refused" };

/** The address in a field like `rfc822; <ada@example.org>`. */
export function readAddress(field: string | undefined): string | undefined {
  const address = field
    ?.slice(0, 1000)
    .replace(/^\s*[A-Za-z0-9-]{1,20}\s*;/, "")
    .trim()
    .replace(/^<(.*)>$/, "$1");
  return address && address.length <= 320 && /^[^\s<>]+@[^\s<>@]+$/.test(address) ? address : undefined;
}

const address = `[^\\s<>"'(),;:@\\[\\]]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?`;

/** A line that begins with an address, bare, in brackets or after a reply's code: what follows is about that recipient. */
const opening = new RegExp(
  `^[\\s>*"'<-]{0,20}(?:\\d{3}[ -])?(?:\\d\\.\\d\\.\\d{1,3} )?(?:rcpt to:|(?:recipient )?address(?:ed to)?:)?[\\s<"']{0,4}(${address})`,
  "i",
);

/** In a transcript of sendmail: what follows is about a server, and the recipient who comes next. */
const nextServer = /^(?:\.{3} )?while talking to |^\d{3} \S{1,255} \(e?smtp\)\.{3} /i;

/** The parts of a report's text by the recipient, in lower case, that they are about. */
function readRecipientTexts(text: string, ourselves: string[]): Map<string, string> {
  const texts = new Map<string, string>();
  let current: string | undefined;
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (nextServer.test(line)) current = undefined;
    const found = opening.exec(line)?.[1]?.toLowerCase();
    if (found && !ourselves.includes(found) && (texts.has(found) || texts.size < mostRecipients)) current = found;
    if (current) texts.set(current, `${texts.get(current) ?? ""}${line}\n`);
  }
  if (texts.size > 0) return texts;
  const mentioned = text.matchAll(new RegExp(address, "g")).map(([found]) => found.toLowerCase());
  const only = mentioned.find((it) => !ourselves.includes(it));
  return new Map(only ? [[only, text]] : []);
}
