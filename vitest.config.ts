import { defineConfig } from "vitest/config";
import base from "./test/vitest.base.js";
import { NOT_ON_WINDOWS } from "./test/windows.js";

/** What counts what its process has, such as timers, or loads modules anew. */
const APART = [
  "runtime/src/call/abort-link.test.ts",
  "runtime/src/grpc-js/connection-life.test.ts",
  "runtime/src/grpc-js/second-copy.test.ts",
  "runtime/src/grpc-js/silent-connections.test.ts",
  "runtime/src/log/default-logger.test.ts",
  "runtime/src/telemetry/rpc-conventions.test.ts",
  "test/e2e/lifecycle-numbers.test.ts",
];

/** Left out on this system. */
const elsewhere = process.platform === "win32" ? Object.keys(NOT_ON_WINDOWS) : [];
for (const path of elsewhere) {
  process.stderr.write(`Skipped on Windows: ${path}, which needs ${NOT_ON_WINDOWS[path]}\n`);
}

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
          name: "together",
          isolate: false,
          include: ["{runtime,plugin}/src/**/*.test.ts", "example/{src,demo}/**/*.test.ts", "test/**/*.test.ts"],
          exclude: [...(base.test?.exclude ?? []), ...APART, ...elsewhere],
        },
      },
      { ...base, test: { ...base.test, name: "apart", include: APART.filter((path) => !elsewhere.includes(path)) } },
    ],
  },
});
