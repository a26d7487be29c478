import { UserError } from "../errors.ts";
import { explain } from "../interests/explain.ts";
import type { Options } from "./options.ts";
import { withContext } from "./with_context.ts";

/** `explain` */
export async function explainCommand(_operands: string[], values: Options): Promise<void> {
  const { email, paper } = values;
  if (!email || !paper) throw new UserError("invalid", "explain needs --email ADDRESS and --paper ID.");
  await withContext(undefined, async (context) => {
    const explanation = await explain(context.sql, email, paper);
    if (values.json) return console.log(JSON.stringify(explanation, null, 2));
    console.log(`${explanation.paper}\n\n${explanation.decision}\n`);
    if (explanation.taste) console.log(`${explanation.taste}\n`);
    for (const { typed, hit, why } of explanation.interests)
      console.log(`${hit ? "hits  " : "misses"}  ${typed}\n        ${why}`);
  });
}
