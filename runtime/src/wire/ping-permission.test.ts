import { expect, it } from "vitest";
import { permittedPingInterval, pingPermission } from "./ping-permission.js";

it.each([0, 1_000, 300_000, 2 ** 32 - 1])("says %i ms, and is understood", (ms) => {
  expect(pingPermission(ms)).toHaveLength(8);
  expect(permittedPingInterval(pingPermission(ms))).toBe(ms);
});

it("says the longest interval for one that is longer", () => {
  expect(permittedPingInterval(pingPermission(Number.POSITIVE_INFINITY))).toBe(2 ** 32 - 1);
});

it.each([Buffer.alloc(8), Buffer.from("bdp-ping"), Buffer.alloc(0), Buffer.from("acrd")])(
  "other pings say nothing: %s",
  (payload) => {
    expect(permittedPingInterval(payload)).toBeUndefined();
  },
);
