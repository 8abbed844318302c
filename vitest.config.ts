import { defineConfig } from "vitest/config";
import base from "./test/vitest.base.js";

/** Units that count what their process has: timers, say. */
const COUNTING = [
  "runtime/src/call/abort-link.test.ts",
  "runtime/src/grpc-js/connection-life.test.ts",
  "runtime/src/grpc-js/silent-connections.test.ts",
];

// `npm test`.
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    projects: [
      {
        ...base,
        // To load the modules of each file anew takes longer than most of these tests.
        test: {
          ...base.test,
          name: "units",
          isolate: false,
          include: ["{runtime,plugin}/src/**/*.test.ts"],
          exclude: [...(base.test?.exclude ?? []), ...COUNTING],
        },
      },
      {
        ...base,
        test: {
          ...base.test,
          name: "wholes",
          include: ["example/{src,demo}/**/*.test.ts", "test/**/*.test.ts", ...COUNTING],
        },
      },
    ],
  },
});
