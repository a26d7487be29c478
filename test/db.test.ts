import { once } from "node:events";
import { type AddressInfo, createServer, connect as dial, type Socket } from "node:net";
import { expect, test } from "vitest";
import { openContext } from "../src/context.ts";
import { connect, isPassing } from "../src/db.ts";
import { createLog } from "../src/log.ts";
import { whenFileEnds } from "./support/cleanup.ts";
import { testConfig } from "./support/context.ts";
import { createDatabase } from "./support/database.ts";

/** A port that refuses until `open` has it lead to the server, past a `guard` of the first bytes. */
async function gateTo(url: string, guard: (first: Buffer, client: Socket) => boolean = () => true) {
  const { port: target } = new URL(url);
  const gate = createServer((client) => {
    client.on("error", () => client.destroy());
    client.once("data", (chunk) => {
      const first = Buffer.from(chunk);
      if (!guard(first, client)) return;
      const through = dial(Number(target), "127.0.0.1");
      through.on("error", () => client.destroy());
      through.write(first);
      client.pipe(through).pipe(client);
    });
  });
  gate.listen(0, "127.0.0.1");
  await once(gate, "listening");
  const { port } = gate.address() as AddressInfo;
  await new Promise((resolve) => gate.close(resolve));
  whenFileEnds(() => gate.close());
  return {
    url: url.replace(`:${target}/`, `:${port}/`),
    open: async () => {
      gate.listen(port, "127.0.0.1");
      await once(gate, "listening");
    },
  };
}

test("a client outlives a server that refused it more often than it has connections", async () => {
  const { url } = await createDatabase();
  const gate = await gateTo(url);
  const sql = connect(gate.url, { max: 3 });
  whenFileEnds(() => sql.end({ timeout: 1 }));
  for (let tries = 0; tries < 8; tries++) await expect(sql`select 1`).rejects.toThrow("ECONNREFUSED");
  await gate.open();
  expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
});

test("what runs for ever has deadlines for its statements and locks", async () => {
  const { url } = await createDatabase();
  const context = await openContext(testConfig({ DATABASE_URL: url }), createLog("silent"), { deadlines: true });
  whenFileEnds(context.close);
  const [row] = await context.sql`
    select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock`;
  expect(row).toEqual({ statement: "5min", lock: "1min" });
});

test("behind a PgBouncer that does not pass deadlines on, it runs without", async () => {
  const { url } = await createDatabase();
  // What PgBouncer says to a startup message that holds a setting it does not track.
  const gate = await gateTo(url, (first, client) => {
    if (!first.includes("statement_timeout")) return true;
    const fields = "SFATAL\0C08P01\0Munsupported startup parameter: statement_timeout\0\0";
    const length = Buffer.alloc(4);
    length.writeInt32BE(4 + fields.length);
    client.end(Buffer.concat([Buffer.from("E"), length, Buffer.from(fields)]));
    return false;
  });
  await gate.open();
  const context = await openContext(testConfig({ DATABASE_URL: gate.url }), createLog("silent"), { deadlines: true });
  whenFileEnds(context.close);
  expect(await context.sql`select current_setting('statement_timeout') as statement`).toEqual([{ statement: "0" }]);
});

test("lists of ids come back as they went, empty ones and those with gaps too", async () => {
  const { sql } = await createDatabase();
  for (const ids of [[], [7], [1, null, -3, Number.MAX_SAFE_INTEGER], [null]]) {
    const [row] = await sql<{ ids: unknown; count: number }[]>`
      select ${ids}::bigint[] as ids, cardinality(${ids}::bigint[]) as count`;
    expect(row).toEqual({ ids, count: ids.length });
  }
  await expect(sql`select ${["1; drop"] as unknown as number[]}::bigint[] as ids`).rejects.toThrow("invalid input");
});

test.each([
  ["EPIPE", true],
  ["ECONNRESET", true],
  ["CONNECTION_CLOSED", true],
  ["57P01", true],
  ["23505", false],
  ["42P01", false],
])("what failed with %s may work when it is tried again: %s", (code, expected) => {
  expect(isPassing(Object.assign(new Error("failed"), { code }))).toBe(expected);
});
