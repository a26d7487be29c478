import { expect, test } from "vitest";
import { parseInterests } from "../../src/interests/language.ts";
import { choosePart, retireQueries } from "../../src/interests/retire.ts";
import { replaceInterests } from "../../src/subscribers/interests.ts";
import { createContext } from "../support/context.ts";
import { addReader } from "../support/make.ts";

/** A reader, and a query that nobody has held for longer than queries are kept. */
async function makeUnheld() {
  const context = await createContext();
  const { sql } = context;
  const now = context.clock();
  const reader = await addReader(context, { interests: "speech" });
  const other = await addReader(context, { interests: "boats" });
  await sql`delete from interests where subscriber_id = ${other}`;
  await sql`update queries set unheld_since = ${now.subtract({ hours: 24 * 9 })} where canonical = 'boats'`;
  const { interests } = parseInterests("speech\nboats");
  return { sql, now, part: await choosePart(sql), reader, interests };
}

test("a query that a reader is just taking up again is left to them", async () => {
  const { sql, now, part, reader, interests } = await makeUnheld();
  await sql.begin(async (transaction) => {
    await replaceInterests(transaction, reader, interests, now);
    expect(await retireQueries(sql, part, now)).toBe(0);
  });
  expect(await sql`select typed from interests where subscriber_id = ${reader}`).toHaveLength(2);
});

test("a reader who takes up a query that is just being taken away gets it anew", async () => {
  const { sql, now, part, reader, interests } = await makeUnheld();
  let saving: Promise<void> | undefined;
  await sql.begin(async (transaction) => {
    expect(await retireQueries(transaction, part, now)).toBe(1);
    saving = sql.begin((other) => replaceInterests(other, reader, interests, now));
    const waiting = () =>
      transaction`select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))`;
    while ((await waiting()).length === 0);
  });
  await saving;
  expect(await sql`select typed from interests where subscriber_id = ${reader}`).toHaveLength(2);
});
