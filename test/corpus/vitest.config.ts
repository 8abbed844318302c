import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import base from "../vitest.base.js";

// `npm run corpus`: all of google-proto-files, of which `npm test` takes a sample.
export default defineConfig({
  ...base,
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    ...base.test,
    include: ["test/corpus/whole-corpus.ts"],
    testTimeout: 900_000,
    hookTimeout: 900_000,
  },
});
