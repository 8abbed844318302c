import { expect, it } from "vitest";
import type { MethodConfig } from "../wire/service-config.js";
import { attemptsByName, attemptsOf } from "./attempts-by-method.js";

function retrying(
  name: MethodConfig["name"],
  maxAttempts: number,
  status: "UNAVAILABLE" | "ABORTED" = "UNAVAILABLE",
): MethodConfig {
  const backoff = { initialBackoff: "1.000000000s", maxBackoff: "1.000000000s", backoffMultiplier: 1 } as const;
  return { name, retryPolicy: { maxAttempts, ...backoff, retryableStatusCodes: [status] } };
}

const config: MethodConfig[] = [
  retrying([{}], 2),
  retrying([{ service: "ledger.v1.Ledger" }], 3),
  retrying([{ service: "ledger.v1.Ledger", method: "Get" }], 5),
  { name: [{ service: "ledger.v1.Ledger", method: "Put" }] },
  retrying([{ service: "ledger.v1.Ledger", method: "Swap" }], 4, "ABORTED"),
];

it.each([
  ["/ledger.v1.Ledger/Get", 5],
  ["/ledger.v1.Ledger/List", 3],
  ["/ledger.v1.Ledger/Put", 1],
  ["/ledger.v1.Ledger/Swap", 1],
  ["/other.v1.Other/Get", 2],
])("%s has %i attempts", (path, attempts) => {
  expect(attemptsOf(attemptsByName(config), path)).toBe(attempts);
});

it("without a config, there is one", () => {
  expect(attemptsOf(attemptsByName(undefined), "/ledger.v1.Ledger/Get")).toBe(1);
});
