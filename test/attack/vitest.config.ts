import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import base from "../vitest.base.js";

// `npm run attack`: what would harm, again and again, with other dice each time. `npm test` takes a little of some of it, and plays
// what has no dice: test/interop/kit, with C-core, and runtime/src/client/hostile-peer.test.ts.
export default defineConfig({
  ...base,
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    ...base.test,
    include: [
      "test/attack/*.attack.ts",
      // What stands beside the code, with more tries.
      "plugin/src/hostile-text.test.ts",
      "plugin/src/emit/docs/comment-markdown.property.test.ts",
      "plugin/src/validate/path-rules.test.ts",
      "plugin/src/cli/hostile-input.test.ts",
      "test/rejected/fuzz.test.ts",
    ],
    setupFiles: ["test/attack/dice.ts"],
    // A second try would have other dice, and hide what the first has found.
    retry: 0,
  },
});
