import { afterAll } from "vitest";

const tasks: (() => unknown)[] = [];

afterAll(async () => {
  for (const task of tasks.reverse()) await task();
});

/** Runs `task` when the test file is done, wherever it is called: a hook that is set inside a test would never run. */
export function whenFileEnds(task: () => unknown): void {
  tasks.push(task);
}
