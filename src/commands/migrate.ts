import { withContext } from "./with_context.ts";

/** `migrate` */
export async function migrateCommand(): Promise<void> {
  await withContext(undefined, async () => console.log("The database is up to date."));
}
