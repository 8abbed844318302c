import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import base from "../vitest.base.js";

// `npm run telemetry`: what a Collector and Prometheus get, compared with the registry of OpenTelemetry's conventions.
export default defineConfig({
  ...base,
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    ...base.test,
    include: ["test/telemetry/*.suite.ts"],
    // The conventions' metrics are for the asking, as users ask.
    env: { OTEL_SEMCONV_STABILITY_OPT_IN: "rpc" },
    testTimeout: 120_000,
    // What Go builds is built once for a machine.
    hookTimeout: 1_800_000,
  },
});
