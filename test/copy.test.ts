import fc from "fast-check";
import { expect, test } from "vitest";
import { CopyRows, copyRows, toDays, toTimestamp } from "../src/copy.ts";
import { createDatabase } from "./support/database.ts";

const { sql } = await createDatabase();
await sql`create table written (place integer primary key, text text, big bigint, small smallint, at timestamptz, day date, json json)`;
const statement = "copy written (place, text, big, small, at, day, json) from stdin (format binary)";

const text = fc.string({ unit: "grapheme" }).map((it) => it.replaceAll("\0", ""));
const at = fc
  .bigInt({ min: -(10n ** 15n), max: 7n * 10n ** 15n })
  .map((microseconds) => Temporal.Instant.fromEpochNanoseconds(1000n * microseconds));
const row = fc.record({
  text,
  big: fc.maxSafeInteger(),
  small: fc.integer({ min: -32_768, max: 32_767 }),
  at,
  json: fc.jsonValue().map((it) => JSON.stringify(it).replaceAll("\\u0000", "")),
});
type Row = typeof row extends fc.Arbitrary<infer R> ? R : never;

function write(rows: CopyRows, place: number, { text, big, small, at, json }: Row): void {
  rows.row().integer(place).text(text).bigint(big).smallint(small).bigint(toTimestamp(at));
  rows.integer(toDays(at.toZonedDateTimeISO("UTC").toPlainDate())).text(json);
}

test("what is copied comes back as it was, whatever is in it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 20 }), async (given) => {
      await sql`truncate written`;
      const rows = new CopyRows(7);
      for (const [place, it] of given.entries()) write(rows, place, it);
      await sql.begin((transaction) => copyRows(transaction, statement, rows));
      const found = await sql<(Row & { day: Temporal.PlainDate })[]>`
        select text, big, small, at, day, json::text as json from written order by place`;
      expect(found.map((it) => ({ ...it, at: String(it.at), day: String(it.day) }))).toEqual(
        given.map(({ at, ...it }) => ({
          ...it,
          at: String(at),
          day: String(at.toZonedDateTimeISO("UTC").toPlainDate()),
        })),
      );
    }),
    {
      numRuns: 50,
      examples: [
        [
          ["\\N", "a\tb\nc\rd\\e", "", "🚋 é"].map((text) => ({
            text,
            big: -(2 ** 32),
            small: -1,
            at: Temporal.Instant.from("1999-12-31T23:59:59.999Z"),
            json: "{}",
          })),
        ],
      ],
    },
  );
});

test.each([
  [
    "with text that is none",
    (rows: CopyRows) => rows.row().integer(1).text("\0").bigint(1).smallint(1).bigint(1).integer(1).text("1"),
  ],
  [
    "that is there already",
    (rows: CopyRows) => rows.row().integer(0).text("again").bigint(1).smallint(1).bigint(1).integer(1).text("1"),
  ],
  ["with a column too few", (rows: CopyRows) => rows.row().integer(1)],
])("a row %s fails the transaction, and the connection goes on", async (_, writeWrong) => {
  await sql`truncate written`;
  const rows = new CopyRows(7);
  const plain = { text: "more", big: 1, small: 1, at: Temporal.Instant.from("2026-01-01T00:00Z"), json: "{}" };
  write(rows, 0, plain);
  writeWrong(rows);
  for (let place = 2; place < 50_000; place++) write(rows, place, plain);
  await expect(sql.begin((transaction) => copyRows(transaction, statement, rows))).rejects.toThrow(
    "refused rows of: copy written",
  );
  expect(await sql`select from written`).toHaveLength(0);
});
