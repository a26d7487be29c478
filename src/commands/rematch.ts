import { UserError } from "../errors.ts";
import { rematch } from "../interests/rematch.ts";
import { daysKept } from "../retention.ts";
import type { Options } from "./options.ts";
import { withContext } from "./with_context.ts";

/** How far back papers are matched again unless the command says otherwise: as far as a new interest looks. */
const rematchDays = 7;

/** `rematch` */
export async function rematchCommand(_operands: string[], values: Options): Promise<void> {
  const days = Number(values.days ?? rematchDays);
  if (!Number.isInteger(days) || days < 0 || days > daysKept.matches)
    throw new UserError(
      "invalid",
      `${JSON.stringify(values.days)} is no number of days up to ${daysKept.matches}, for which matches are kept. Write one such as 30.`,
    );
  await withContext(undefined, async (context) => {
    const { papers, matches, gone } = await rematch(context, days);
    console.log(
      `${papers} papers indexed anew; in the last ${days} days ${matches} matches, ${gone} of before are gone`,
    );
  });
}
