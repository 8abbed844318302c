import { defineConfig } from "vitest/config";
import base from "./test/vitest.base.js";

/** Units that count what their process has, such as timers, or that load modules anew. */
const APART = [
  "runtime/src/call/abort-link.test.ts",
  "runtime/src/grpc-js/connection-life.test.ts",
  "runtime/src/grpc-js/second-copy.test.ts",
  "runtime/src/grpc-js/silent-connections.test.ts",
  "runtime/src/log/default-logger.test.ts",
  "runtime/src/telemetry/rpc-conventions.test.ts",
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
          exclude: [...(base.test?.exclude ?? []), ...APART],
        },
      },
      {
        ...base,
        test: {
          ...base.test,
          name: "wholes",
          include: ["example/{src,demo}/**/*.test.ts", "test/**/*.test.ts", ...APART],
        },
      },
    ],
  },
});
