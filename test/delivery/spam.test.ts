import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { composeMail } from "../../src/delivery/compose.ts";
import { everyMail, papers } from "../support/every_mail.ts";

const version = spawnSync("spamassassin", ["--version"]).stdout?.toString() ?? "";
const isHere = version.includes("SpamAssassin") || process.env.SPAM_TESTS === "required";

/** What a mail is worth less for, whatever its words: each of them is a fault of ours. */
const faults = [
  "MPART_ALT_DIFF",
  "FONT_INVIS_MSGID",
  "TO_NO_BRKTS",
  "HTML_FONT_LOW_CONTRAST",
  "MIME_HTML_ONLY",
  "HTML_IMAGE_ONLY",
  "MISSING_",
  "INVALID_",
  "SUBJ_ALL_CAPS",
];
const mostAdded = 1;

/** Scores by SpamAssassin's own rules, without network and without learning. One run for all: it takes seconds to start. */
function judge(mails: { name: string; raw: string }[]): Map<string, { score: number; rules: string[] }> {
  const box = mails
    .map(
      ({ name, raw }) =>
        `From x Fri Nov 20 06:00:00 2026\r\n${received(raw)}X-Name: ${name}\r\n${raw.replace(/^(>*From )/gm, ">$1")}\r\n`,
    )
    .join("\r\n");
  const run = spawnSync("spamassassin", ["--local", "--mbox", "--cf", "use_bayes 0", "--cf", "fold_headers 0"], {
    input: box,
    maxBuffer: 64e6,
  });
  const judged = run.stdout
    .toString()
    .split(/^From x.*$/m)
    .slice(1);
  return new Map(
    judged.map((mail) => {
      const [, name = ""] = /^X-Name: (.*?)\r?$/m.exec(mail) ?? [];
      const [, score, tests = ""] = /^X-Spam-Status: \w+, score=(-?[\d.]+) .*?tests=(\S*)/m.exec(mail) ?? [];
      return [name, { score: Number(score), rules: tests.split(",") }];
    }),
  );
}

/** As the reader's server writes it, from an address that is no address of documentation. */
function received(raw: string): string {
  const [, date] = /^Date: (.*?)\r?$/m.exec(raw) ?? [];
  return `Received: from mail.papers.example.org (mail.papers.example.org [93.184.215.14]) by mx.example.org with ESMTPS id 4X; ${date}\r\n`;
}

/** The words of the papers, as a friend would send them in a plain letter: what these cost is not our doing. */
function wordsOfPapers(): string {
  const words = papers.map((paper) => `${paper.title}\n${paper.authors.join(", ")}\n${paper.abstract}\n`).join("\n");
  const mail = composeMail({
    ...{
      messageId: "<0b1a4c52-7f0e-4f6e-9a53-0d6b7c2f9e11@papers.example.org>",
      to: "ada@example.org",
      text: words,
      html: "",
    },
    from: { name: "Ada Okafor", address: "okafor@papers.example.org" },
    subject: papers[0]?.title ?? "",
    date: Temporal.Instant.from("2026-11-20T06:00:00Z"),
    headers: {},
  });
  const raw = mail.toString();
  const part = raw.split(/--=_\w+\r\n/)[1] ?? "";
  return `${raw.slice(0, raw.indexOf("Content-Type: multipart"))}${part}`;
}

describe.skipIf(!isHere)("SpamAssassin (left out where Debian's spamassassin is not installed)", () => {
  let judged = new Map<string, { score: number; rules: string[] }>();

  beforeAll(async () => {
    const mails = [...(await everyMail())].map(([name, { raw }]) => ({ name, raw }));
    judged = judge([{ name: "words", raw: wordsOfPapers() }, ...mails]);
    const table = [...judged].map(([name, { score, rules }]) => `${name}: ${score} (${rules.join(", ")})`);
    if (process.env.SPAM_TESTS) console.log(table.join("\n"));
    expect([...judged.keys()]).toHaveLength(9);
  }, 180_000);

  test("no mail is worth more than a point above what the papers' own words cost", () => {
    const words = judged.get("words")?.score ?? Number.NaN;
    for (const [name, { score }] of judged) {
      const own = name === "digest" ? words : 0;
      expect([name, score - own <= mostAdded, score]).toEqual([name, true, score]);
    }
  });

  test("none meets a rule about how a mail is made", () => {
    for (const [name, { rules }] of judged)
      expect([name, rules.filter((rule) => faults.some((fault) => rule.startsWith(fault)))]).toEqual([name, []]);
  });
});
