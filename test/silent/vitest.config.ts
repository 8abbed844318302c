import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import base from "../vitest.base.js";

// `npm run silent`: calls of which nothing comes, links with little bandwidth, and thousands of calls at once, with peers in other languages.
export default defineConfig({
  ...base,
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    ...base.test,
    include: ["test/silent/*.suite.ts"],
    // All of them wait, beside each other.
    maxConcurrency: 1_000,
    testTimeout: 240_000,
    hookTimeout: 600_000,
  },
});
