import { type DeadLetter, listFailed, remedyFor, requeueFailed } from "../delivery/dead_letters.ts";
import { resumeSending } from "../delivery/pause.ts";
import { UserError } from "../errors.ts";
import { maskAddress } from "../log.ts";
import { readStatus } from "../status.ts";
import type { Options } from "./options.ts";
import { withContext } from "./with_context.ts";

const shown = 50;

const meanings: Record<string, string> = {
  queued: "wait until they are due",
  sending: "are in the hands of a worker",
  unknown: "may have arrived; the same mail is sent again",
  sent: "were taken by the mail server",
  failed: "could not be sent: npm run cli -- outbox --failed",
  cancelled: "nobody wants any more",
};

/** `outbox` */
export async function outboxCommand(_operands: string[], values: Options): Promise<void> {
  const { requeue } = values;
  if (requeue !== undefined && requeue !== "all" && !/^\d{1,15}$/.test(requeue))
    throw new UserError("invalid", `--requeue takes the number of a mail, or all, and not ${JSON.stringify(requeue)}.`);
  await withContext(undefined, async (context) => {
    const { sql, clock } = context;
    if (values.resume) return console.log((await resumeSending(sql)) ? "Sending goes on." : "Sending was not paused.");
    if (requeue !== undefined) {
      const done = await requeueFailed(sql, requeue === "all" ? "all" : Number(requeue), clock());
      if (requeue !== "all" && done.queued + done.planned + done.passed === 0)
        throw new UserError(
          "not_found",
          `No mail ${requeue} has failed. Those that have: npm run cli -- outbox --failed`,
        );
      return console.log(
        `${done.queued} mails queued again, ${done.planned} digests to be planned anew, ${done.passed} that nobody waits for any more`,
      );
    }
    if (values.failed) return printFailed(await listFailed(sql, shown), values.json ?? false);
    const { outbox, problems } = await readStatus(context);
    for (const [state, count] of Object.entries(outbox)) console.log(`${count} ${state}: ${meanings[state] ?? ""}`);
    if (Object.keys(outbox).length === 0) console.log("There are no mails.");
    for (const problem of problems.filter((it) => /mail|sending/i.test(it))) console.log(`Problem: ${problem}`);
  });
}

function printFailed(letters: DeadLetter[], asJson: boolean): void {
  const rows = letters.map((it) => ({ ...it, email: maskAddress(it.email), remedy: remedyFor(it.reason) }));
  if (asJson) console.log(JSON.stringify(rows, null, 2));
  else if (rows.length === 0) console.log("No mail has failed.");
  else printRows(rows);
}

function printRows(rows: (DeadLetter & { remedy: string })[]): void {
  for (const { id, kind, email, attempts, failedAt, reason, remedy } of rows)
    console.log(
      `${id}  ${kind} to ${email}, ${failedAt.toString({ smallestUnit: "second" })}, attempts: ${attempts}\n    ${reason}\n    ${remedy}`,
    );
  if (rows.length === shown) console.log(`These are the newest ${shown}.`);
}
