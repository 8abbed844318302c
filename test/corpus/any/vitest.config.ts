import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import base from "../../vitest.base.js";

// What `npm run corpus` runs for folders and repositories.
export default defineConfig({
  ...base,
  root: fileURLToPath(new URL("../../..", import.meta.url)),
  test: {
    ...base.test,
    include: ["test/corpus/any/rows.ts"],
    testTimeout: 3_600_000,
    hookTimeout: 3_600_000,
    retry: 0,
  },
});
