import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import base from "../vitest.base.js";

// `npm run verify:peers`: servers of grpc-go, grpcio and grpc-java that break a contract in one place each.
export default defineConfig({
  ...base,
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    ...base.test,
    include: ["test/verify/*.suite.ts"],
    maxConcurrency: 8,
    testTimeout: 120_000,
    hookTimeout: 600_000,
  },
});
