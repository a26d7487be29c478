import { expect, test } from "vitest";
import { consequenceOf } from "../../src/delivery/consequences.ts";
import { type Report, somebody } from "../../src/delivery/report.ts";

const bounced = (hard: boolean): Report => ({
  kind: "bounce",
  hard,
  recipients: [{ address: "ada@example.org", status: "5.1.1", hard, reason: "there is no such mailbox" }],
  originalMessageId: undefined,
});
const complained: Report = { kind: "complaint", feedbackType: "abuse", recipients: [], originalMessageId: undefined };
const other = (why: string): Report => ({ kind: "other", why });
const digest = { kind: "digest", confirmedSince: false };
const confirmation = { kind: "confirm", confirmedSince: false };
const ofBefore = { kind: "digest", confirmedSince: true };

test.each([
  ["a hard bounce", bounced(true), "bounce", digest, "suppress"],
  ["a hard bounce of a confirmation", bounced(true), "bounce", confirmation, "suppress"],
  ["a hard bounce of a mail from before the reader confirmed", bounced(true), "bounce", ofBefore, "nothing"],
  ["a soft bounce", bounced(false), "bounce", digest, "score"],
  ["a soft bounce of a confirmation", bounced(false), "bounce", confirmation, "nothing"],
  ["a complaint", complained, "bounce", digest, "suppress"],
  ["a complaint about a mail of before", complained, "bounce", ofBefore, "suppress"],
  ["a complaint to the address for leaving", complained, "unsubscribe", undefined, "suppress"],
  ["a bounce to the address for leaving", bounced(true), "unsubscribe", undefined, "nothing"],
  ["a wish to leave", { kind: "unsubscribe" } as Report, "bounce", digest, "unsubscribe"],
  [
    "a wish to leave, to the address for it",
    { kind: "unsubscribe" } as Report,
    "unsubscribe",
    undefined,
    "unsubscribe",
  ],
  ["any letter to the address for leaving", other(somebody), "unsubscribe", undefined, "unsubscribe"],
  ["a letter", other(somebody), "bounce", digest, "nothing"],
  ["an automatic reply to the address for leaving", other("an automatic reply"), "unsubscribe", undefined, "nothing"],
  ["a notice of delay", other("a notice of delay"), "bounce", digest, "nothing"],
] as const)("%s leads where the table says", (_name, report, to, mail, does) => {
  expect(consequenceOf(report, to, mail).does).toBe(does);
});
