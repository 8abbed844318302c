import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import base from "../vitest.base.js";

// `npm run options`: protoc-gen-es's options × what Accord generates, also on Node 24 without a build.
export default defineConfig({
  ...base,
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    ...base.test,
    include: ["test/options/*.suite.ts"],
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
