import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import base from "./vitest.base.js";

// `npm run suites`: what needs Node alone, as `npm test` does, and takes longer than somebody waits who has changed a line: packed
// tarballs in an empty folder and with other package managers, buf with its plugins, compilers over everything that is generated, thousands of calls, C-core
// where there is a Python.
export default defineConfig({
  ...base,
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    ...base.test,
    include: [
      "{runtime,plugin}/src/**/*.suite.ts",
      "test/{consumer,corpus,editor,golden,guides,interop,soak,targets,validate}/**/*.suite.ts",
      "test/verify/verify.suite.ts",
    ],
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
