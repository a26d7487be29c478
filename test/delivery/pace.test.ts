import { expect, test } from "vitest";
import { createPace } from "../../src/delivery/pace.ts";

const start = Temporal.Instant.from("2026-11-20T08:00:00Z");
const after = (seconds: number) => start.add({ milliseconds: Math.round(seconds * 1000) });

test("a server that takes what it gets is given as much as there may be", () => {
  const pace = createPace(20);
  expect(pace.width(start)).toBe(20);
  for (let count = 0; count < 100; count++) pace.took(start);
  expect(pace.width(start)).toBe(20);
});

test("a server that balks rests, is tried with one mail, and then gets half and slowly more", () => {
  const pace = createPace(20);
  pace.balked(start, "421 4.3.2 later");
  expect(pace.width(start)).toBe(0);
  expect(pace.whyResting(start)).toBe("421 4.3.2 later");
  expect(pace.width(after(2))).toBe(1);
  expect(pace.isTrying()).toBe(true);
  pace.took(after(2));
  expect(pace.isTrying()).toBe(false);
  expect(pace.width(after(2))).toBe(10);
  for (let count = 0; count < 200; count++) pace.took(after(2));
  expect(pace.width(after(2))).toBe(20);
});

test("what was under way when the server balked neither ends the rest nor makes it longer", () => {
  const pace = createPace(20);
  for (let count = 0; count < 20; count++) pace.balked(start, "connect ECONNREFUSED");
  pace.took(start);
  expect(pace.width(start)).toBe(0);
  expect(pace.width(after(1.3))).toBe(1);
});

test("each trial that fails doubles the rest, up to a minute or so", () => {
  const pace = createPace(20);
  let now = start;
  const rests: number[] = [];
  for (let trial = 0; trial < 10; trial++) {
    pace.balked(now, "no");
    let rest = 0;
    while (pace.width(now.add({ milliseconds: rest })) === 0) rest += 100;
    rests.push(rest / 1000);
    now = now.add({ milliseconds: rest });
  }
  expect(rests[0]).toBeLessThan(1.5);
  expect(rests[3]).toBeGreaterThan(5);
  expect(rests[9]).toBeGreaterThan(40);
  expect(Math.max(...rests)).toBeLessThan(80);
});

test("trouble long after the last begins with a short rest", () => {
  const pace = createPace(20);
  for (let trial = 0; trial < 6; trial++) pace.balked(after(trial * 80), "no");
  pace.balked(after(2000), "no");
  expect(pace.width(after(2001.3))).toBe(1);
});

test("to try one mail does not cut a rest short", () => {
  const pace = createPace(20);
  pace.tryOne(start);
  expect(pace.width(start)).toBe(1);
  pace.balked(start, "no");
  pace.tryOne(start);
  expect(pace.width(start)).toBe(0);
});
