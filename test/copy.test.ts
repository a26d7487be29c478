import fc from "fast-check";
import { expect, test } from "vitest";
import { copyLine, copyRows } from "../src/copy.ts";
import { createDatabase } from "./support/database.ts";

const { sql } = await createDatabase();
await sql`create table written (place integer, text text, number bigint)`;

test("what is copied comes back as it was, whatever is in it", async () => {
  const text = fc.string({ unit: "grapheme" }).map((it) => it.replaceAll("\0", ""));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.option(text), fc.option(fc.maxSafeInteger())), { maxLength: 20 }),
      async (rows) => {
        await sql`truncate written`;
        const lines = rows.map(([text, number], place) => copyLine(place, text, number));
        await sql.begin((transaction) => copyRows(transaction`copy written (place, text, number) from stdin`, lines));
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

test("a row that does not fit writes none of them", async () => {
  await sql`truncate written`;
  const lines = [copyLine(1, "one", 1), copyLine("two", "two", 2)];
  await expect(copyRows(sql`copy written (place, text, number) from stdin`, lines)).rejects.toThrow();
  expect(await sql`select from written`).toHaveLength(0);
});
