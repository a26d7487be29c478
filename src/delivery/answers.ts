/** What was under way when a mail met trouble: making the connection, naming the sender, naming the reader, or the mail itself. */
export type Step = "connection" | "sender" | "recipient" | "content";

export type Fault = {
  step: Step;
  /** The server's words, its code first; where it said nothing, what became of the connection. */
  answer: string;
  code: number | undefined;
  /** The mail itself was on its way. */
  begun: boolean;
};

/** Where an answer leads. `deliver.ts` does what these say. */
export type Verdict =
  /** The server has it. */
  | "sent"
  /** It may have arrived: the same mail goes out again. */
  | "unknown"
  /** The mail waits, longer each time, until its deadline. */
  | "retry"
  /** The sender waits and then sends less at a time. No mail's attempt counts. */
  | "slow"
  /** All senders stop, with an alarm, and try one mail after a while: the server does not want us. No reader is at fault. */
  | "pause"
  /** The same as soon as another mail meets it too. One alone may be a reader's server that minds us; it waits like `retry`. */
  | "doubt"
  /** The mail has failed. When more mails are refused for good than taken it is the server's fault, and leads to `pause` (`refusals.ts`). */
  | "refused"
  /**
   * There is no such address: the mail is tried again, 10 seconds and 1, 5 and 17 hours after it was first refused. Once it is refused
   * again, and the server has meanwhile taken mail for as many addresses as it refused, the mail has failed and its address is not
   * written to again. After the last try the mail has failed in any case. Whether the address is gone, or the server or its domain
   * is at fault, `refusals.ts` says. The server's fault leads to `pause`, as above.
   */
  | "suppress"
  /** The mail has failed, and nobody refused it: it can't be composed, or this server takes no address beyond ASCII. Another could. */
  | "impossible";

type Row = {
  when: string;
  step?: Step[];
  /** Of the three digits; empty where the server said nothing. */
  code?: RegExp;
  /** Of the enhanced status (RFC 3463), empty where there is none. */
  status?: RegExp;
  words?: RegExp;
  begun?: boolean;
  verdict: Verdict;
};

/** The first row that fits decides. */
export const rows: Row[] = [
  // Only a code is the server's word. A close behind the final dot looks to us like one before it.
  { when: "the connection was lost with the mail on its way", code: /^$/, begun: true, verdict: "unknown" },
  { when: "there was no connection, or it was lost before the mail", code: /^$/, verdict: "slow" },
  { when: "the server is about to close, or wants fewer", code: /^421/, verdict: "slow" },
  { when: "the server throttles, or can't check logins now", code: /^454/, verdict: "slow" },
  { when: "the server is not for us now", step: ["connection", "sender"], code: /^4/, verdict: "slow" },
  { when: "an address beyond ASCII is not taken", code: /^5/, status: /^5\.6\.(7|8|9|10)$/, verdict: "impossible" },
  { when: "the mail is too large, or the mailbox full", code: /^552/, verdict: "refused" },
  { when: "the greeting, the login or TLS was refused", step: ["connection"], code: /^5/, verdict: "pause" },
  { when: "the sender was refused", step: ["sender"], code: /^5/, verdict: "pause" },
  { when: "the server lost track of the session", code: /^503/, verdict: "retry" },
  { when: "the server wants a login", code: /^53[0458]/, verdict: "doubt" },
  { when: "the sender's address was refused, after all", code: /^5/, status: /^5\.1\.[78]$/, verdict: "doubt" },
  {
    when: "the sender was refused in words",
    code: /^5/,
    words: /\bsender\b.{0,80}\b(?:reject|den|refus|unknown|unverified|block|not (?:allowed|verified|found|permitted))/i,
    verdict: "doubt",
  },
  { when: "there is no such address", code: /^5/, status: /^5\.1\./, verdict: "suppress" },
  { when: "this reader may not be written to", code: /^5/, status: /^5\.7\.(2|17|18)$/, verdict: "refused" },
  { when: "we are refused: blocked, not signed, not allowed", code: /^5/, status: /^5\.7\./, verdict: "doubt" },
  {
    when: "we are refused in words",
    code: /^5/,
    status: /^$|^5\.0\.0$/,
    words:
      /\brelay(?:ing)?\b.{0,40}(?:denied|prohibited|not (?:allowed|permitted))|unable to relay|authenticat(?:ion|e).{0,40}requir|\b(?:SPF|DKIM|DMARC|DNSBL|RBL)\b|spamhaus|black ?list|block ?list|\breputation\b/i,
    verdict: "doubt",
  },
  { when: "the server refuses this mail for good", code: /^5/, verdict: "refused" },
  { when: "the server refuses it for now", code: /^4/, verdict: "retry" },
  // An answer that means nothing here, such as 250 to a login.
  { when: "the answer made no sense, with the mail on its way", begun: true, verdict: "unknown" },
  { when: "the answer made no sense", verdict: "slow" },
];

/** Where a fault leads. */
export function judge(fault: Fault): Verdict {
  return rowFor(fault)?.verdict ?? "unknown";
}

/** The row that decides. */
export function rowFor(fault: Fault): Row | undefined {
  const code = fault.code ? String(fault.code) : "";
  const status = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(fault.answer)?.[1] ?? "";
  return rows.find(
    (row) =>
      (!row.step || row.step.includes(fault.step)) &&
      (!row.code || row.code.test(code)) &&
      (!row.status || row.status.test(status)) &&
      (!row.words || row.words.test(fault.answer)) &&
      (row.begun === undefined || row.begun === fault.begun),
  );
}
