import { expect, test } from "vitest";
import { clockAt, systemClock } from "../src/clock.ts";
import { createDatabase } from "./support/database.ts";

test("an instant of a clock is the same once the database has had it", async () => {
  const { sql } = await createDatabase();
  const finer = Temporal.Instant.from("2026-11-20T06:00:00.0004055Z");
  for (const at of [systemClock(), clockAt(finer)()]) {
    const [row] = await sql<{ at: Temporal.Instant }[]>`select ${at}::timestamptz as at`;
    expect(row?.at.equals(at)).toBe(true);
  }
});
