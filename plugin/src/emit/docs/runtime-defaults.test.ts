import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import {
  DEFAULT_MAX_MESSAGE_BYTES,
  DNS_LEAST_INTERVAL_MS,
  DNS_REFRESH_MS,
  FORCED_STOP_MS,
} from "./runtime-defaults.js";

// The plugin doesn't depend on the runtime, so the pages can't read these where they are defined.
it.each([
  ["channel/channel.ts", "DEFAULT_DNS_REFRESH_MS = ", DNS_REFRESH_MS],
  ["channel/channel.ts", '"grpc.dns_min_time_between_resolutions_ms": ', DNS_LEAST_INTERVAL_MS],
  ["server/shutdown.ts", "LAST_ANSWERS_MS = ", FORCED_STOP_MS],
  ["server/server-options.ts", "DEFAULT_MAX_MESSAGE_BYTES = ", DEFAULT_MAX_MESSAGE_BYTES],
] as const)("the runtime's %s says: %s", (file, before, expected) => {
  const source = readFileSync(new URL(`../../../../runtime/src/${file}`, import.meta.url), "utf8");
  const [factors = ""] = source.split(before)[1]?.match(/^[\d_ *]+/) ?? [];
  const value = factors.split("*").reduce((product, factor) => product * Number(factor.replaceAll("_", "")), 1);
  expect(value).toBe(expected);
});
