import { loadConfig } from "../../src/config.ts";
import type { Context } from "../../src/context.ts";
import type { Database } from "../../src/db.ts";
import { plan } from "../../src/digests/plan.ts";
import { match } from "../../src/interests/match.ts";
import { createLog } from "../../src/log.ts";
import { addPapers, addReader, paper } from "../support/make.ts";
import type { WallClock } from "../support/wall_clock.ts";
import { compareEditions, type Edition, expectedEditions, makeReader } from "./schedule.ts";
import { printTable, timed, withDatabase } from "./setup.ts";

const begin = Temporal.Instant.from("2026-01-01T00:00:00Z");
const end = Temporal.Instant.from("2027-01-01T00:00:00Z");

/** A reader in each zone, planned in a database through the whole of 2026, with papers that are new at every slot. */
export async function benchPlannedYear(clocks: Map<string, WallClock>): Promise<void> {
  const schedules = [...clocks.keys()].map((_, index, zones) => makeReader(index, zones));
  await withDatabase(async (sql) => {
    let now = begin;
    const context: Context = {
      sql,
      clock: () => now,
      config: loadConfig({ SECRET: "s".repeat(32), SOURCES: "" }),
      log: createLog("silent"),
    };
    const ids = [];
    for (const it of schedules) ids.push(await addReader(context, { ...it, interests: "speech", trending: "off" }));
    // The first look finds nothing, so that there is an edition for each slot from then on.
    await match(context);
    await plan(context);
    const { milliseconds } = await timed(async () => {
      // Twelve hours are less than any time between two slots.
      for (let paperAt = begin; Temporal.Instant.compare(now, end) < 0; ) {
        if (Temporal.Instant.compare(paperAt, now) <= 0) {
          await addPapers(context, paper({ title: "Speech" }));
          await match(context);
          paperAt = paperAt.add({ hours: 12 });
        }
        while ((await plan(context)).left > 0);
        now = earlier(paperAt, await nextDue(sql));
      }
    });
    const expected = schedules.map((it) => expectedEditions(it, clocks.get(it.timezone) as WallClock, []));
    const within = expected.map((all) => all.filter((it) => it.at < end.epochMilliseconds));
    const [editions, missing, tooMany, elsewhere] = compareEditions(within, await readEditions(sql, ids));
    console.log(`planned in a database: ${ids.length} readers, all of 2026, ${(milliseconds / 1000).toFixed(0)} s\n`);
    printTable([
      ["editions", "missing", "too many", "at another time"],
      [editions, missing, tooMany, elsewhere],
    ]);
    console.log();
  });
}

function earlier(one: Temporal.Instant, other: Temporal.Instant): Temporal.Instant {
  return Temporal.Instant.compare(one, other) < 0 ? one : other;
}

async function nextDue(sql: Database): Promise<Temporal.Instant> {
  const [row] = await sql<{ at: Temporal.Instant }[]>`select min(next_due_at) as at from subscribers`;
  return (row as { at: Temporal.Instant }).at;
}

async function readEditions(sql: Database, ids: number[]): Promise<Edition[][]> {
  const rows = await sql<{ reader: number; date: Temporal.PlainDate; at: Temporal.Instant }[]>`
    select subscriber_id as reader, local_date as date, planned_at as at from digests order by id`;
  const editions = new Map(ids.map((id): [number, Edition[]] => [id, []]));
  for (const { reader, date, at } of rows)
    editions.get(reader)?.push({ date: date.toString(), at: at.epochMilliseconds });
  return [...editions.values()];
}
