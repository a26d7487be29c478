import { describeSettings } from "../config.ts";
import { makeReturnAddress } from "../delivery/return_address.ts";
import { readStatus } from "../status.ts";
import type { Options } from "./options.ts";
import { withContext } from "./with_context.ts";

/** `status` */
export async function statusCommand(_operands: string[], values: Options): Promise<void> {
  await withContext(undefined, async (context) => {
    const status = await readStatus(context);
    if (values.json) return console.log(JSON.stringify(status, null, 2));
    console.log(`Papers   ${status.papers.total}, ${status.papers.unmatched} not matched yet`);
    console.log(`Readers  ${list(status.readers)}; ${status.due} due now`);
    console.log(`Mails    ${list(status.outbox)}`);
    if (context.config.takesReturns) {
      console.log(`Returned ${list(status.returned)} in the last week`);
      console.log(`Feedback loops of providers report to ${makeReturnAddress(context.config, "feedback", 0)}`);
    }
    for (const it of status.sources)
      console.log(
        `Source   ${it.name}: last read ${it.lastSuccess ?? "never"}, ${it.seen ?? 0} of ${it.expected ?? 0} entries, next at ${it.nextPoll}`,
      );
    for (const problem of status.problems) console.log(`Problem  ${problem}`);
    if (status.problems.length === 0) console.log("Problem  none");
  });
}

function list(counts: Record<string, number>): string {
  const parts = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  return parts.join(", ") || "none";
}

/** `settings` */
export async function settingsCommand(): Promise<void> {
  for (const { name, value, fallback, meaning } of describeSettings(process.env)) {
    console.log(`${name}${value ? `=${value}` : ""}`);
    console.log(`    ${meaning}. Default: ${fallback ?? "none"}`);
  }
}
