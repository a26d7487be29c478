import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Report, readReport } from "../../src/delivery/report.ts";

const answers = ["hard", "soft", "complaint", "unsubscribe", "delayed", "other"] as const;

type Answer = (typeof answers)[number];

/** What we may answer to each kind of row. A notice of delay changes nothing for a reader, as a soft bounce does not. */
const right: Record<string, Answer[]> = {
  hard: ["hard"],
  soft: ["soft", "delayed"],
  complaint: ["complaint", "unsubscribe"],
  "not a bounce": ["other", "delayed"],
};

/**
 * What `readReport` answers for a folder of real reports (`*.eml`) beside what they are, by `expected.tsv`: a row for each
 * failed recipient. Rows of one file are compared as sets, because the order of recipients is not told.
 */
export async function benchBounces({ corpus }: { corpus: string | undefined }): Promise<void> {
  if (!corpus) {
    console.log("bounces: no folder was given with --corpus\n");
    return;
  }
  const expected = await readExpected(corpus);
  const files = (await readdir(corpus)).filter((name) => name.endsWith(".eml")).sort();
  const counts = new Map<string, number>();
  const wrong: string[] = [];
  let rows = 0;
  let rightRows = 0;
  let rightFiles = 0;
  let withMessageId = 0;
  let slowest = 0;
  for (const file of files) {
    const source = await readFile(join(corpus, file));
    const start = performance.now();
    const report = await readReport(source);
    slowest = Math.max(slowest, performance.now() - start);
    if (report.kind === "bounce" && report.originalMessageId) withMessageId++;
    const wanted = expected.get(file) ?? [];
    const pairs = pair(wanted, answersOf(report));
    for (const [kind, answer] of pairs) counts.set(`${kind} ${answer}`, (counts.get(`${kind} ${answer}`) ?? 0) + 1);
    const rightPairs = pairs.filter(([kind, answer]) => right[kind]?.includes(answer));
    rows += pairs.length;
    rightRows += rightPairs.length;
    if (rightPairs.length === pairs.length) rightFiles++;
    else wrong.push(`- ${file}: ${pairs.map(([kind, answer]) => `${kind} as ${answer}`).join(", ")}; ${tell(report)}`);
  }
  console.log(`bounces: ${files.length} reports of ${corpus}\n`);
  console.log(`| expected | ${answers.join(" | ")} |\n| --- |${" --- |".repeat(answers.length)}`);
  for (const kind of Object.keys(right))
    console.log(`| ${kind} | ${answers.map((answer) => counts.get(`${kind} ${answer}`) ?? 0).join(" | ")} |`);
  const percent = (part: number, whole: number) => `${part} of ${whole} (${((100 * part) / whole).toFixed(1)}%)`;
  console.log(
    `\nright: ${percent(rightFiles, files.length)} reports, ${percent(rightRows, rows)} recipients; ` +
      `${withMessageId} bounces with the id of our mail; slowest ${slowest.toFixed(0)} ms\n\n${wrong.join("\n")}`,
  );
}

async function readExpected(corpus: string): Promise<Map<string, string[]>> {
  const [head = "", ...lines] = (await readFile(join(corpus, "expected.tsv"), "utf8")).trim().split(/\r?\n/);
  const columns = head.split("\t");
  const expected = new Map<string, string[]>();
  for (const line of lines) {
    const cells = line.split("\t");
    const cell = (name: string) => cells[columns.indexOf(name)] ?? "";
    expected.set(cell("file"), [...(expected.get(cell("file")) ?? []), kindOf(cell)]);
  }
  return expected;
}

/** Feedback about authentication says nothing of a reader; a report of a delivery is no bounce. */
function kindOf(cell: (name: string) => string): string {
  if (cell("reason") === "feedback") return cell("feedback_type") === "auth-failure" ? "not a bounce" : "complaint";
  if (["vacation", "delivered"].includes(cell("reason"))) return "not a bounce";
  return cell("hard_bounce") === "true" ? "hard" : "soft";
}

function answersOf(report: Report): Answer[] {
  if (report.kind === "bounce") return report.recipients.map((it) => (it.hard ? "hard" : "soft"));
  if (report.kind === "other") return [/delay/.test(report.why) ? "delayed" : "other"];
  return [report.kind];
}

/** Equal ones first, then what is left in order; a recipient that we did not find is as one passed over. */
function pair(wanted: string[], given: Answer[]): [string, Answer][] {
  const left = [...given];
  const take = (kind: string): Answer | undefined => {
    const at = left.findIndex((answer) => right[kind]?.includes(answer));
    return at < 0 ? undefined : left.splice(at, 1)[0];
  };
  const first = wanted.map((kind) => [kind, take(kind)] as const);
  return first.map(([kind, answer]) => [kind, answer ?? left.shift() ?? "other"]);
}

function tell(report: Report): string {
  if (report.kind === "bounce")
    return report.recipients.map((it) => `${it.status ?? "no code"}, ${it.reason}`).join("; ");
  return report.kind === "other" ? report.why : report.kind;
}
