import { describe, expect, it } from "vitest";
import { patientServiceConfig } from "./client-plan.js";

const CONFIG = JSON.stringify({
  loadBalancingConfig: [{ round_robin: {} }],
  methodConfig: [{ name: [], timeout: "1.000000000s" }, { name: [], timeout: "10.000000000s" }, { name: [] }],
});

describe("the service config of a client that isn't ours", () => {
  it("is the contract's", () => {
    expect(JSON.parse(patientServiceConfig(CONFIG))).toEqual(JSON.parse(CONFIG));
  });

  it("has no deadline that is shorter than the form's", () => {
    const { methodConfig } = JSON.parse(patientServiceConfig(CONFIG, 5_000));
    expect(methodConfig).toEqual([{ name: [], timeout: "5s" }, { name: [], timeout: "10.000000000s" }, { name: [] }]);
  });
});
