import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import base from "../vitest.base.js";

// `npm run browser`: what pages do in a real browser, Debian's Chromium.
export default defineConfig({
  ...base,
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    ...base.test,
    // "verbose" names what is skipped, and so says why.
    reporters: ["verbose"],
    include: ["test/browser/**/*.suite.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
