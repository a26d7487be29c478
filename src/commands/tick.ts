import { chooseStages, openStages, tick } from "../worker.ts";
import { type Options, readInstant } from "./options.ts";
import { withContext } from "./with_context.ts";

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
