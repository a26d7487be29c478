import { open } from "node:fs/promises";
import type { Context } from "../context.ts";
import { resumeDigests } from "../delivery/complaints.ts";
import { softScore } from "../delivery/consequences.ts";
import { forecastReport, type Received, receiveReport } from "../delivery/receive_report.ts";
import { type Report, readReport } from "../delivery/report.ts";
import { findReturnAddress, type ReturnAddress } from "../delivery/return_address.ts";
import { findMail } from "../delivery/settle_report.ts";
import { UserError } from "../errors.ts";
import { liftSuppression } from "../subscribers/suppress.ts";
import type { Options } from "./options.ts";
import { withContext } from "./with_context.ts";

const largestFile = 1024 * 1024;

/** `bounce` */
export async function bounceCommand(_operands: string[], values: Options): Promise<void> {
  if (!values.file)
    throw new UserError("invalid", "bounce needs --file PATH: a mail that came back, as it was received.");
  const source = await readSource(values.file);
  const report = await readReport(source);
  // What the file says may hold signs that would write elsewhere on a terminal.
  console.log(
    inWords(report)
      .join("\n")
      .replace(/[^\P{C}\n]/gu, "\ufffd"),
  );
  await withContext(undefined, async (context) => {
    const address = findReturnAddress(context.config, source) ?? (await findByMessageId(context, report));
    const done = await (values.apply ? receiveReport : forecastReport)(context, address ? [address] : [], report);
    if (done.length === 0) console.log("It names no mail of ours: it changes nothing.");
    for (const it of done) console.log(`\n${subjectInWords(it)}\n${consequenceInWords(it, values.apply ?? false)}`);
  });
}

async function readSource(path: string): Promise<Buffer> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw new UserError("not_found", `${path} can't be read (${error.code}).`);
  });
  try {
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(largestFile) });
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    throw new UserError("invalid", `${path} can't be read (${(error as NodeJS.ErrnoException).code}).`);
  } finally {
    await file.close();
  }
}

/** A report that came to no address of ours tells the Message-ID of the mail that it is about. */
async function findByMessageId({ sql }: Context, report: Report): Promise<ReturnAddress | undefined> {
  if (!("originalMessageId" in report)) return undefined;
  const id = await findMail(sql, report.originalMessageId);
  return id === undefined ? undefined : { kind: "bounce", id };
}

function inWords(report: Report): string[] {
  if (report.kind === "bounce")
    return [
      `A bounce, ${report.hard ? "hard" : "soft"}:`,
      ...report.recipients.map(
        (it) =>
          `  ${it.address ?? "an address that it does not name"}: ${it.hard ? "hard" : "soft"}, ${it.status ?? "no code"}, ${it.reason}`,
      ),
    ];
  if (report.kind === "complaint") {
    const about = report.recipients.length > 0 ? ` by ${report.recipients.join(", ")}` : "";
    return [`A complaint${about}: ${report.feedbackType}.`];
  }
  return report.kind === "unsubscribe"
    ? ["A wish to be unsubscribed."]
    : [`No bounce and no complaint: ${report.why}.`];
}

function subjectInWords({ outboxId, email, status, mail }: Received): string {
  if (!outboxId) return `It came to the address for leaving of ${email}, ${status}.`;
  if (!mail) return `It is about mail ${outboxId}, which is not kept any more, for ${email}, ${status}.`;
  return `It is about mail ${outboxId}, a ${mail.kind} for ${email}, ${status}.`;
}

function consequenceInWords({ does, again, score, suppressed }: Received, applied: boolean): string {
  if (again) return "It came before, and changes nothing more.";
  const told = (sentence: string) =>
    applied ? sentence : `With --apply: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`;
  if (suppressed) return told("The address is suppressed, and no mail goes there until its owner confirms again.");
  if (does === "unsubscribe") return told("The reader is unsubscribed.");
  if (does !== "score") return "It changes nothing.";
  return told(`It counts: the score is ${score?.toFixed(1)}, and at ${softScore.limit} the address is suppressed.`);
}

/** `resume` */
export async function resumeCommand(): Promise<void> {
  await withContext(undefined, async ({ sql, clock }) => {
    const resumed = await resumeDigests(sql, clock());
    console.log(resumed ? "Digests go out again. Complaints until now count no more." : "Digests are not paused.");
  });
}

/** `lift` */
export async function liftCommand(_operands: string[], values: Options): Promise<void> {
  const { email } = values;
  if (!email) throw new UserError("invalid", "lift needs --email ADDRESS.");
  await withContext(undefined, async (context) => {
    const lifted = await liftSuppression(context, email);
    if (!lifted) throw new UserError("not_found", `${email} is not suppressed.`);
    const since = lifted.since.toString({ smallestUnit: "second" });
    console.log(
      `${email} was suppressed since ${since} (${lifted.reason}). Its owner can subscribe by the form again.`,
    );
  });
}
