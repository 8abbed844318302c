import { describe, expect, it } from "vitest";
import { cpuQuantity, memoryQuantity } from "./quantity.js";

// The expected forms are those of k8s.io/apimachinery's Quantity.String().
describe("quantities in Kubernetes' own form", () => {
  it.each([
    ["250m", "250m"],
    ["1000m", "1"],
    ["1500m", "1500m"],
    ["0.25", "250m"],
    ["0.5", "500m"],
    ["2", "2"],
    ["2.0", "2"],
    ["1.001", "1001m"],
    ["much", "much"],
  ])("cpu %s", (written, kept) => {
    expect(cpuQuantity(written)).toBe(kept);
    expect(cpuQuantity(kept)).toBe(kept);
  });

  it.each([
    ["256Mi", "256Mi"],
    ["1024Mi", "1Gi"],
    ["1.5Gi", "1536Mi"],
    ["0.5Gi", "512Mi"],
    ["2048Ki", "2Mi"],
    ["1000M", "1G"],
    ["1500M", "1500M"],
    ["1.5G", "1500M"],
    ["268435456", "268435456"],
    ["1000000", "1M"],
    ["1500", "1500"],
    ["much", "much"],
    ["1x", "1x"],
  ])("memory %s", (written, kept) => {
    expect(memoryQuantity(written)).toBe(kept);
    expect(memoryQuantity(kept)).toBe(kept);
  });
});
