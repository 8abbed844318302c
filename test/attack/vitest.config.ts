import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import base from "../vitest.base.js";

// `npm run attack`: what would harm, again and again, with other dice each time. What has no dice is in `npm run suites`,
// test/interop/kit, and in `npm test`: runtime/src/client/hostile-peer.test.ts.
export default defineConfig({
  ...base,
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    ...base.test,
    // Some stand beside the code.
    include: ["{plugin/src,test}/**/*.attack.ts"],
    setupFiles: ["test/attack/dice.ts"],
    // A second try would have other dice, and hide what the first has found.
    retry: 0,
  },
});
