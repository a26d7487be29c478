import { expect, test } from "vitest";
import { muteInterest, unmuteInterest } from "../../src/subscribers/interests.ts";
import { createContext } from "../support/context.ts";
import { addReader } from "../support/make.ts";

async function muteBoats() {
  const context = await createContext();
  const { sql, clock } = context;
  const reader = await addReader(context, { interests: "boats\nspeech" });
  const [held] = await sql<{ id: number }[]>`select id from interests where typed = 'boats'`;
  await muteInterest(sql, clock, reader, held?.id as number);
  const typed = async () =>
    (await sql<{ typed: string }[]>`select typed from interests order by position`).map((row) => row.typed);
  return { sql, clock, reader, typed };
}

test("an interest that is put back leaves the others as they are, one that is no longer taken among them", async () => {
  const { sql, clock, reader, typed } = await muteBoats();
  await sql`update interests set typed = 'why'`;
  await sql`update queries set canonical = 'why' where canonical = 'speech'`;
  expect(await unmuteInterest(sql, clock, reader, "boats")).toBe("boats");
  expect(await typed()).toEqual(["why", "boats"]);
});

test("an interest that is no longer taken can't be put back, and stays among the muted ones", async () => {
  const { sql, clock, reader, typed } = await muteBoats();
  await sql`update muted_interests set typed = 'why'`;
  await expect(unmuteInterest(sql, clock, reader, "boats")).rejects.toThrow(
    "“why” is no interest any more. These words are in every paper.",
  );
  expect(await typed()).toEqual(["speech"]);
  expect(await sql`select from muted_interests`).toHaveLength(1);
});
