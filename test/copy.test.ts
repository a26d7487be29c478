import fc from "fast-check";
import { expect, test } from "vitest";
import { copyLine, copyRows } from "../src/copy.ts";
import { createDatabase } from "./support/database.ts";

const { sql } = await createDatabase();
await sql`create table written (place integer primary key, text text, number bigint)`;

test("what is copied comes back as it was, whatever is in it", async () => {
  const text = fc.string({ unit: "grapheme" }).map((it) => it.replaceAll("\0", ""));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.option(text), fc.option(fc.maxSafeInteger())), { maxLength: 20 }),
      async (rows) => {
        await sql`truncate written`;
        const lines = rows.map(([text, number], place) => copyLine(place, text, number));
        await sql.begin((transaction) => copyRows(transaction, "copy written (place, text, number) from stdin", lines));
        const found = await sql<
          { text: string | null; number: number | null }[]
        >`select text, number from written order by place`;
        expect(found.map((row) => [row.text, row.number])).toEqual(rows);
      },
    ),
    {
      numRuns: 50,
      examples: [
        [
          [
            ["\\N", 1],
            ["a\tb\nc\rd\\e", 2],
            ["", null],
          ],
        ],
      ],
    },
  );
});

test.each([
  ["that is no number", copyLine("two", "two", 2)],
  ["that is there already", copyLine(1, "again", 2)],
])("a row %s fails the transaction, and the connection goes on", async (_, wrong) => {
  await sql`truncate written`;
  const lines = [copyLine(1, "one", 1), wrong, ...Array.from({ length: 50_000 }, (_, n) => copyLine(n + 2, "more", n))];
  await expect(
    sql.begin((transaction) => copyRows(transaction, "copy written (place, text, number) from stdin", lines)),
  ).rejects.toThrow("refused rows of: copy written");
  expect(await sql`select from written`).toHaveLength(0);
});
