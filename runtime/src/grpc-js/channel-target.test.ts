import { expect, it } from "vitest";
import { isLookedUp } from "./channel-target.js";

it.each([
  ["dns:///ledger:50051", true],
  ["dns://8.8.8.8/ledger:50051", true],
  ["dns:ledger:50051", true],
  ["ledger:50051", true],
  ["ledger", true],
  ["localhost:50051", true],
  ["xds:///ledger", true],
  ["127.0.0.1:50051", false],
  ["127.0.0.1", false],
  ["[::1]:50051", false],
  ["dns:///127.0.0.1:50051", false],
  ["dns:127.0.0.1:50051", false],
  ["dns:///[::1]:50051", false],
  ["ipv4:10.0.0.1:50051,10.0.0.2:50051", false],
  ["ipv6:[::1]:50051", false],
  ["unix:/run/ledger.sock", false],
  ["unix:///run/ledger.sock", false],
  ["unix-abstract:ledger", false],
])("the addresses of %s are looked up: %s", (target, expected) => {
  expect(isLookedUp(target)).toBe(expected);
});
