import { connect, type Database } from "../../src/db.ts";
import { whenFileEnds } from "./cleanup.ts";

/** A client that keeps the plan by which PostgreSQL ran each of its statements, with what was read. */
export async function connectExplained(url: string): Promise<{ sql: Database; plans: string[] }> {
  const plans: string[] = [];
  const sql = connect(url, {
    max: 1,
    onNotice: ({ message = "" }) => void (message.startsWith("duration") && plans.push(message)),
  });
  whenFileEnds(() => sql.end());
  await sql.unsafe(
    "load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_level = notice; set auto_explain.log_analyze = on; set auto_explain.log_buffers = on",
  );
  return { sql, plans };
}
