import { defineConfig } from "vitest/config";

/** The long tests of what happens when everything fails: `npm run chaos`. Each prints what was lost and what came twice. */
export default defineConfig({
  test: {
    include: ["test/chaos/*.chaos.ts"],
    globalSetup: ["test/support/global_setup.ts"],
    fileParallelism: false,
    disableConsoleIntercept: true,
    reporters: ["verbose"],
    hookTimeout: 60_000,
  },
});
