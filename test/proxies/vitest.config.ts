import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import base from "../vitest.base.js";

// `npm run proxies`: the settings of docs/proxies.md, each with a rolling restart behind it.
export default defineConfig({
  ...base,
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    ...base.test,
    include: ["test/proxies/*.suite.ts"],
    testTimeout: 120_000,
    hookTimeout: 600_000,
  },
});
