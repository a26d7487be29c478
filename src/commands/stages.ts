import { UserError } from "../errors.ts";
import { rematch } from "../interests/rematch.ts";
import { daysKept } from "../retention.ts";
import { chooseStages, openStages, tick } from "../worker.ts";
import { type Options, readInstant } from "./options.ts";
import { withContext } from "./with_context.ts";

/** How far back papers are matched again unless the command says otherwise: as far as a new interest looks. */
const rematchDays = 7;

/** `tick [STAGE]` */
export async function tickCommand([stage]: string[], values: Options): Promise<void> {
  const names = chooseStages(stage);
  await withContext(readInstant(values.now), async (context) => {
    const stages = await openStages(context);
    try {
      const totals = await tick(stages, names, values["until-idle"] ?? false);
      for (const [name, { done, left, held }] of Object.entries(totals))
        console.log(`${name}: ${done} done, ${left} left${held ? `, held: ${held}` : ""}`);
    } finally {
      await stages.close();
    }
  });
}

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
