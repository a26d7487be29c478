import { expect, test } from "vitest";
import { gatherWrites } from "../../src/delivery/gather_writes.ts";

const never = new AbortController().signal;
const away = () => Object.assign(new Error("the database is away"), { code: "ECONNREFUSED" });
const wrong = () => Object.assign(new Error("such a thing can't be written"), { code: "22P05" });

test("what comes while a write is under way goes together into the next", async () => {
  const batches: number[][] = [];
  const write = gatherWrites(async (items: number[]) => {
    batches.push(items);
    await new Promise((resolve) => setImmediate(resolve));
  }, never);
  await Promise.all([1, 2, 3, 4].map(write));
  expect(batches).toEqual([[1], [2, 3, 4]]);
});

test("a write is tried again while the database is away", async () => {
  let tries = 0;
  const write = gatherWrites(async () => {
    if (++tries < 3) throw away();
  }, never);
  await write(1);
  expect(tries).toBe(3);
});

test("one item that can't be written stops no other", async () => {
  const written: number[] = [];
  const write = gatherWrites(async (items: number[]) => {
    if (items.includes(3)) throw wrong();
    written.push(...items);
  }, never);
  const results = await Promise.allSettled([1, 2, 3, 4].map(write));
  expect(results.map((it) => it.status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  expect(written).toEqual([1, 2, 4]);
});

test("when all is abandoned, a write that fails is not tried again", async () => {
  const abandoned = new AbortController();
  const write = gatherWrites(async () => {
    abandoned.abort();
    throw away();
  }, abandoned.signal);
  await expect(write(1)).rejects.toThrow("away");
});
