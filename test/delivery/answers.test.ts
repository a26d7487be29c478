import { expect, test } from "vitest";
import { type Fault, judge, rowFor, rows, type Step, type Verdict } from "../../src/delivery/answers.ts";

/** What a server may say, in answer to what, and where that leads; `…` is a mail on its way. */
const answers: [answer: string, step: Step | "content …", verdict: Verdict][] = [
  ["", "content …", "unknown"],
  ["", "content", "slow"],
  ["", "connection", "slow"],
  ["421 4.3.2 shutting down", "connection", "slow"],
  ["421 4.7.0 too many connections", "sender", "slow"],
  ["421 4.4.2 timeout", "recipient", "slow"],
  ["421 4.3.0 not now", "content …", "slow"],
  ["454 Throttling failure: maximum sending rate exceeded", "content", "slow"],
  ["454 4.7.0 temporary authentication failure", "connection", "slow"],
  ["451 4.3.0 try later", "connection", "slow"],
  ["452 4.3.1 insufficient system storage", "sender", "slow"],
  ["553 5.6.7 non-ASCII address not permitted", "recipient", "impossible"],
  ["550 5.6.9 UTF-8 header not permitted", "content …", "impossible"],
  ["552 5.3.4 message size exceeds fixed limit", "sender", "refused"],
  ["552 5.2.2 mailbox full", "recipient", "refused"],
  ["554 no SMTP service here", "connection", "pause"],
  ["535 5.7.8 authentication credentials invalid", "connection", "pause"],
  ["550 sender not accepted", "sender", "pause"],
  ["553 5.1.8 bad sender's system address", "sender", "pause"],
  ["503 5.5.1 bad sequence of commands", "content", "retry"],
  ["530 5.7.0 must issue a STARTTLS command first", "recipient", "doubt"],
  ["550 5.1.8 <a@example.org>: domain of sender not found", "recipient", "doubt"],
  ["550 5.1.0 <a@example.org>: Sender address rejected: User unknown", "recipient", "doubt"],
  ["550 5.1.1 user unknown", "recipient", "suppress"],
  ["550-5.1.1 The email account that you tried to reach does not exist.", "recipient", "suppress"],
  ["550 5.1.2 no such domain", "recipient", "suppress"],
  ["556 5.1.10 recipient address has null MX", "recipient", "suppress"],
  ["550 5.1.1 no such user", "content …", "suppress"],
  ["550 5.7.17 mailbox owner has changed", "recipient", "refused"],
  ["550 5.7.1 Service unavailable; client host [192.0.2.1] blocked", "recipient", "doubt"],
  ["554 5.7.1 <a@example.org>: Relay access denied", "recipient", "doubt"],
  ["550-5.7.26 This mail is unauthenticated", "content …", "doubt"],
  ["550 relay not permitted", "recipient", "doubt"],
  ["550 rejected because 192.0.2.1 is in a black list at zen.spamhaus.org", "recipient", "doubt"],
  ["550 DMARC check failed", "content …", "doubt"],
  ["550 no", "recipient", "refused"],
  ["550 5.2.1 mailbox disabled", "recipient", "refused"],
  ["554 transaction failed", "content …", "refused"],
  ["450 4.2.0 greylisted", "recipient", "retry"],
  ["451 4.7.1 try again later", "content …", "retry"],
  ["452 4.2.2 mailbox full", "recipient", "retry"],
  ["250 what?", "content …", "unknown"],
  ["250 what?", "recipient", "slow"],
];

const faultOf = (answer: string, step: string): Fault => ({
  answer: answer || "the connection was closed",
  code: answer ? Number(answer.slice(0, 3)) : undefined,
  step: step.split(" ")[0] as Step,
  begun: step.endsWith("…"),
});

test.each(answers)("%j to %s leads to %s", (answer, step, verdict) => {
  expect(judge(faultOf(answer, step))).toBe(verdict);
});

test("every row of the table decides an example", () => {
  const deciding = new Set(answers.map(([answer, step]) => rowFor(faultOf(answer, step))?.when));
  expect(rows.map((row) => row.when).filter((when) => !deciding.has(when))).toEqual([]);
});
