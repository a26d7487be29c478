import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Context } from "../context.ts";
import { UserError } from "../errors.ts";
import { eraseSubscriber, exportSubscriber } from "../subscribers/privacy.ts";
import { exportReaders, findReaderByAddress, type Imported, importReader } from "../subscribers/transfer.ts";
import type { Options } from "./options.ts";
import { withContext } from "./with_context.ts";

const verbs = { export: exportAll, import: importAll, show, erase };

/** `subscribers export | import --file PATH | show ADDRESS | erase ADDRESS` */
export async function subscribersCommand([verb = "", address]: string[], values: Options): Promise<void> {
  if (!(verb in verbs)) throw new UserError("invalid", `subscribers needs one of ${Object.keys(verbs).join(", ")}.`);
  await withContext(undefined, (context) => verbs[verb as keyof typeof verbs](context, address ?? "", values));
}

async function exportAll({ sql }: Context): Promise<void> {
  for await (const reader of exportReaders(sql)) console.log(JSON.stringify(reader));
}

const outcomes: Record<Imported, string> = {
  active: "Mailed as before",
  asked: "Asked to confirm first",
  left: "Had left, and stay so",
  known: "Here already, and as they were",
};

/** A line that can't be read stops no other. */
async function importAll(context: Context, _address: string, { file }: Options): Promise<void> {
  if (!file) throw new UserError("invalid", "subscribers import needs --file PATH.");
  const counts = new Map<Imported, number>();
  let [line, failed] = [0, 0];
  const input = createReadStream(file);
  // Opened before it is read, so that a path that is wrong is told as such.
  await new Promise<void>((resolve, reject) => input.once("open", () => resolve()).once("error", reject)).catch(
    (error) => {
      throw new UserError("invalid", `${file} can't be read (${error.code}).`);
    },
  );
  for await (const text of createInterface({ input })) {
    line++;
    if (!text.trim()) continue;
    try {
      const outcome = await importReader(context, text);
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      failed++;
      console.error(`line ${line}: ${error.message}`);
    }
  }
  for (const [outcome, count] of counts) console.log(`${outcomes[outcome]}: ${count}.`);
  if (failed > 0) throw new UserError("invalid", `${failed} could not be taken over.`);
}

async function show({ sql }: Context, address: string): Promise<void> {
  console.log(JSON.stringify(await exportSubscriber(sql, await findReaderByAddress(sql, address)), null, 2));
}

async function erase({ sql }: Context, address: string): Promise<void> {
  const id = await findReaderByAddress(sql, address);
  await sql.begin((transaction) => eraseSubscriber(transaction, id));
  console.log(`Everything about ${address} is erased.`);
}
