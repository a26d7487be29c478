/**
 * How sure words or a code make us that an address is gone, which ends a reader's digests:
 *
 * - `stated`: whoever says it looked it up, as a server that found no domain. It counts unless it answered MAIL FROM, where it
 *   is about us.
 * - `answered`: it counts beside an SMTP reply of 5xx or a status of 5.1.x. Without either it is hearsay.
 * - `recipient`: it counts in answer to RCPT TO or beside 5.1.x. After the whole mail was sent, filters say the same of readers
 *   who are there: Japanese carriers to what a reader does not want, others to what they take for spam.
 * - `never`: the address is there, or we are the reason, or it may pass.
 */
type Certainty = "stated" | "answered" | "recipient" | "never";

/** Each line stands for itself, and so does each part between bars. */
function anyOf(source: TemplateStringsArray): RegExp {
  const lines = (source.raw[0] ?? "").trim().split(/\s*\n\s*/);
  return new RegExp(lines.join("|"), "i");
}

type Row = { reason: string; hard: Certainty; status?: RegExp; words?: RegExp };

/**
 * Codes (RFC 3463 and IANA's registry) and words with what they mean. The first row that fits decides, so words that are more
 * exact than the code beside them stand above the codes: servers say 5.1.1 of a full mailbox, too. Patterns
 * repeat a bounded number of times, or words between spaces: what is read was written by anybody.
 */
const table: Row[] = [
  {
    reason: "the mailbox is full",
    hard: "never",
    words: anyOf`
      mail ?(?:box|folder|dir) (?:\S+ ){0,4}(?:full|exceed|over)|full mailbox|over ?(?:the )?(?:disk )?quota
      quota(?: has been| is|,)? (?:exceeded|full|violation)
      exceed\w* (?:\S+ ){0,3}(?:quota|storage|allocation|allowed size)
      (?:insufficient|not enough|out of) (?:\S+ ){0,2}(?:storage|space)|(?:storage|mailbox size) (?:limit|quota)
      inbox is full|too many messages (?:in|on)|メールボックス.{0,12}(?:いっぱい|一杯|満)|容量.{0,8}(?:超|オーバー)|bo[iî]te .{0,30}pleine
      posteingang .{0,20}voll
    `,
  },
  {
    reason: "the mail is too large",
    hard: "never",
    words: anyOf`
      (?:message|mail|size|headers?) (?:\S+ ){0,4}(?:too (?:big|large)|exceeds)|message length exceeds|sizelimit
      size limit
    `,
  },
  {
    reason: "too many mails at a time",
    hard: "never",
    words: anyOf`
      receiving mail at a rate|(?:rate|frequency|connection|recipient) limit|frequency limited
      too (?:many|much|fast|frequent)\b(?! hops)|throttl|try again later
    `,
  },
  {
    // au and its sisters leave the address out when it was the reader's filter.
    reason: "the reader's filter refused it",
    hard: "never",
    words: /\b550 ?: ?user unknown/i,
  },
  { reason: "our sender was refused", hard: "never", status: /^5\.1\.[78]$/ },
  {
    reason: "our sender was refused",
    hard: "never",
    words: anyOf`
      sender (?:\S+ ){0,3}(?:reject|refus|den|fail|invalid|unknown|not )|domain of sender
      sender(?:'s)? (?:address|domain)|unauthenticated sender|purported responsible|mail from (?:domain|\S+ rejected)
      multiple addresses in from|to yourself|helo (?:command|domain)|client host rejected|your host ?name
    `,
  },
  {
    reason: "the name could not be looked up",
    hard: "never",
    words: anyOf`
      unexpected name server reply|host not found, try again|dns soft error|temporary (?:\S+ ){0,2}(?:name|lookup|dns)
      host name lookup failure|name ?server (?:timeout|failure)
    `,
  },
  {
    // The words of servers that looked into their own directory.
    reason: "there is no such mailbox",
    hard: "stated",
    words: anyOf`
      recipient name is not recogni[sz]ed|000c05a6|recip(?:ient)?notfound|invalid final delivery userid
      cannot route mail to user|not listed in (?:\S+ ){0,3}(?:directory|name ?& ?address|address book)|宛先不明
      ユーザー?.{0,12}(?:存在し|見つかり)ません
    `,
  },
  { reason: "there is no such mailbox", hard: "answered", status: /^5\.1\.(?:1|35[0-9])$/ },
  { reason: "there is no such domain", hard: "stated", status: /^5\.1\.2$/ },
  { reason: "it is no address", hard: "answered", status: /^5\.1\.3$/ },
  { reason: "the reader has moved", hard: "stated", status: /^5\.1\.6$/ },
  { reason: "the domain takes no mail", hard: "stated", status: /^5\.1\.10$/ },
  {
    reason: "the domain takes no mail",
    hard: "stated",
    words: anyOf`
      (?:host|domain|server|system) (?:(?:do(?:es)? not|doesn't) accept (?:any )?|\S+ is not configured to accept )e?-?mail\b(?! from)
      no smtp service|null ?mx|not accepting network messages|reject all mails
    `,
  },
  {
    reason: "there is no such domain",
    hard: "stated",
    words: anyOf`
      host unknown|unknown (?:host|domain)|no such (?:host|domain)
      (?:host|domain)(?: name)?(?: \S+)? (?:not found|(?:does not|doesn't) exist|(?:could not|couldn't) be found)
      invalid domain name|had no relevant answers|no mx(?: record)?s? (?:found|for)|has no mx|unroute?able
      couldn't find (?:any host|a mail exchanger)|nxdomain|non-?existent ?(?:domain|host)
      dns (?:lookup failure|hard error)|account or domain may not exist|bad destination (?:system|host)|illegal host
    `,
  },
  {
    reason: "the reader has moved",
    hard: "answered",
    words:
      /(?:user|recipient|mailbox|account|address) (?:\S+ ){0,2}(?:has moved|no longer (?:on|valid|exist|in use|here|employed|available|accept))/i,
  },
  {
    reason: "the mailbox is suspended",
    hard: "never",
    words: anyOf`
      (?:account|mailbox|user|recipient|address)\b[^.]{0,60}\b(?:disabled|suspend|inactiv|not active|locked|frozen|account is blocked|deactivated|discontinued|dormant)
      (?:disabled|inactive|suspended|locked) (?:user|recipient|mailbox|account|address)
      temporar\w+ (?:locked|disabled|unavailable)|account is blocked
    `,
  },
  {
    // Exchange Online says so when its directory has no such recipient, and to others that it does not like.
    reason: "there is no such mailbox",
    hard: "recipient",
    status: /^5\.4\.1$/,
    words: /recipient address(?:es)? rejected ?: ?access denied/i,
  },
  {
    reason: "it was taken for spam, or our server for a bad one",
    hard: "never",
    words: anyOf`
      \bspam\b|unsolicited|\bube\b|\bblocked|(?:black|block|grey|gray|deny) ?list|dnsbl|\brbl\b|reputation|\bbanned
      suspicious|complaints|virus|malware|phish|content (?:\S+ ){0,2}(?:reject|error|denied)|media error
    `,
  },
  {
    reason: "our mail could not be authenticated",
    hard: "never",
    words: /\b(?:dmarc|dkim|spf)\b|authenticat|reverse dns|\br?dns record|\bptr\b|\brdns\b/i,
  },
  {
    reason: "it was refused by policy",
    hard: "never",
    words: anyOf`
      polic(?:y|ies)|relay(?:ing)?(?: access)? (?:denied|not|prohibited)|no relaying|not allowed|not permitted
      not authori[sz]ed|access denied|permission|prohibited|header error|not rfc|non-?complian
    `,
  },
  {
    reason: "there is no such mailbox",
    hard: "answered",
    words: anyOf`
      no such (?:(?:local|e-?mail|mail) )?(?:user|recipient|mailbox|account|address|person|name)
      (?:can ?not|can't|could not|couldn't|unable to) find (?:(?:the|this|that|your|a) )?(?:user|recipient|mailbox|account)
      (?:recipients?|users?|address|mailbox) (?:is )?not (?:in|on) our (?:\S+ ){0,3}list
      (?:user|mailbox|recipient|account|address|addressee|id)\b (?:\S+ ){0,6}(?:not found|not exist|doesn't exist|(?:could not|couldn't) be found|doesn't have|not known|is unknown|invalid|not valid|not recogni[sz]ed)
      (?:address|recipient|account|mailbox|alias|user <@>) (?:is )?unknown|@>? (?:was )?not found|doe?sn'?t exist
      not in my (?:\S+ )?list|not (?:our|a) customer|account not available
      (?:user|recipient|address) \S+ is not a (?:valid|known|local)|@>? is not a (?:valid|known|local)
      not a (?:valid|known) (?:user|recipient|mailbox|account)
      unknown (?:or illegal |or invalid )?(?:e-?mail )?(?:recipient|address|local|mailbox|account|alias)
      (?:invalid|nonexistent|non-existent|bad|incorrect) (?:\S+ )?(?:recipient|user|mailbox|address)(?!, error_code)
      undeliverable address|no (?:mailbox|user|account|one) (?:here|by that|by this|with|of)
      (?:destinataire|utilisateur|adresse|bo[iî]te) (?:\S+ ){0,3}(?:invalide|inconnue?\b|n['’]existe)|n['’]existe pas
      (?:empf[aä]nger|benutzer|postfach|adresse) (?:\S+ ){0,3}(?:unbekannt|existiert nicht)|gebruiker (?:\S+ )?onbekend
      (?:usuario|usuário|cuenta|conta|buz[oó]n|caixa postal|destinat[aá]ri[oa]) (?:\S+ ){0,3}(?:n[aã]?o existe|inexistente|desconocid|desconhecid)
      utente (?:\S+ )?(?:sconosciuto|inesistente)|nie ma takiego (?:użytkownika|konta|adresu)
      (?:пользовател|ящик|адрес)\S* (?:\S+ ){0,3}(?:не (?:найден|существует)|неизвест)
      (?:用户|用戶|收件人|邮箱).{0,8}不存在|(?:无此|無此|查无)(?:用户|用戶|收件人|邮箱)
    `,
  },
  // Beside such a code the next words are what filters say of whom they don't like.
  { reason: "it was refused by policy", hard: "never", status: /^[45]\.7\./ },
  {
    reason: "there is no such mailbox",
    hard: "recipient",
    words: anyOf`
      user unknown|unknown user|user not known|mailbox (?:is )?(?:not available|unavailable)
      address rejected\.? *(?:$|\(|@)|recipient rejected
    `,
  },
  { reason: "there is no way to the domain", hard: "stated", status: /^5\.4\.4$/ },
  { reason: "the mailbox is full", hard: "never", status: /^[45]\.2\.2$/ },
  { reason: "the mailbox is suspended", hard: "never", status: /^5\.2\.1$/ },
  { reason: "the mail itself was refused", hard: "never", status: /^[45]\.6\./ },
  // RFC 7504: 521 of a host, 556 of a domain that takes no mail at all.
  { reason: "the domain takes no mail", hard: "answered", words: /\b(?:521|556)[ -]/ },
  {
    reason: "it could not be delivered in time",
    hard: "never",
    words: /timed? ?out|expired|too long|giving up|refused|unreachable|not reachable|retry time|attempts|establish/i,
  },
  { reason: "it could not be delivered in time", hard: "never", status: /^[45]\.4\.|^4\./ },
  { reason: "the server had a fault", hard: "never", status: /^5\.[35]\./ },
];

/** What a server was answering when it refused. */
export type Stage = "sender" | "recipient" | "data" | undefined;

export type Refusal = { status: string | undefined; words: string; stage: Stage };

/** Whether a refusal means that the address is gone, and why; undefined when neither its code nor its words are known. */
export function judge({ status, words, stage }: Refusal): { hard: boolean; reason: string } | undefined {
  const plain = words
    .slice(0, 10_000)
    .replace(/[^\s<>"'@]{1,100}@[^\s<>"',;:]{1,255}/g, "@")
    .replace(/https?:\S{1,500}/g, "")
    .replace(/\bhost \S{1,300}/g, "host")
    .replace(/\s+/g, " ");
  const row = table.find((it) => (it.status?.test(status ?? "") ?? true) && (it.words?.test(plain) ?? true));
  if (!row) return undefined;
  const aboutTheAddress = /^5\.1\./.test(status ?? "");
  const fits = {
    stated: true,
    answered: aboutTheAddress || /(?:^|[^\d.])5[0-5]\d(?:[^\d.]|$)/.test(plain),
    recipient: aboutTheAddress || stage === "recipient",
    never: false,
  };
  // RFC 3463: a 4 says that it may work later, though this server has given up.
  const hard = fits[row.hard] && stage !== "sender" && !status?.startsWith("4");
  return { hard, reason: hard || row.hard === "never" ? row.reason : `perhaps ${row.reason}` };
}

const before = "(?:in reply to|after|for|error following|>>>|smtp:)(?: the)?";

const stages: [NonNullable<Stage>, RegExp][] = [
  ["sender", new RegExp(`${before} mail (?:from|command)|sender was rejected|like our mail`, "i")],
  [
    "recipient",
    new RegExp(`${before} rcpt|like (?:our rcpt|recipient)|\\[rcpt_to\\]|rejected (?:recipient|address)`, "i"),
  ],
  [
    "data",
    new RegExp(
      `${before} (?:end of )?(?:data|text)\\b|\\(data\\)|after i sent the message|like our (?:final )?data|command data|message generated response`,
      "i",
    ),
  ],
];

/** The stage that a report tells of first: sendmail goes on to tell what came after. */
export function readStage(text: string): Stage {
  const plain = text.replace(/\s+/g, " ");
  const found = stages.map(([stage, words]) => ({ stage, at: plain.search(words) })).filter((it) => it.at >= 0);
  return found.sort((a, b) => a.at - b.at)[0]?.stage;
}

/** The most exact of the status codes: `5.0.0` in a field of its own often hides a better one in the server's answer. */
export function readStatus(field: string | undefined, words: string): string | undefined {
  const codes = `${field ?? ""} ${words.slice(0, 10_000)}`.match(/(?<![\d.])[245]\.[0-7]\.\d{1,3}(?!\.?\d)/g) ?? [];
  return codes.find((code) => !code.endsWith(".0.0")) ?? codes[0];
}
