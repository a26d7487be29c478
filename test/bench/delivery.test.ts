import { expect, test } from "vitest";
import { createContext } from "../support/context.ts";
import { benchConfig, fillOutbox } from "./delivery_data.ts";
import { startSink, startWorkers } from "./delivery_processes.ts";

test("the bench of delivery fills an outbox, and its worker sends all of it", async () => {
  const { sql, config } = await createContext();
  const sink = await startSink();
  const environment = { DATABASE_URL: config.databaseUrl as string, SMTP_URL: sink.url };
  const count = await fillOutbox(sql, benchConfig(environment), undefined, 20, 60);
  const { sent } = await startWorkers(1, environment);
  sink.stop();
  expect(count).toBeGreaterThan(15);
  expect(sent).toBe(count);
  expect(await sql`select state, count(*)::int from outbox group by state`).toEqual([{ state: "sent", count }]);
});
