import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kubernetesName } from "./kubernetes-name.js";

describe("kubernetesName", () => {
  it.each([
    ["ledger-v1", "", "ledger-v1"],
    ["ledger-v1", "-headless", "ledger-v1-headless"],
    ["my_pkg-v1", "", "my-pkg-v1"],
    ["google-cloud-BigQuery-v2", "", "google-cloud-big-query-v2"],
    ["1password-v1", "", "password-v1"],
    ["__", "-client", "server-client"],
  ])("%s%s", (name, suffix, expected) => {
    expect(kubernetesName(name, suffix)).toBe(expected);
  });

  it("keeps long names apart when it cuts them", () => {
    const long = "acme-platform-payments-settlement-reconciliation-internal-service";
    const names = [kubernetesName(`${long}-v1`), kubernetesName(`${long}-v2`)];
    expect(names[0]).toMatch(/^acme-platform-payments-settlement-reconciliation-interna-[0-9a-f]{6}$/);
    expect(names[0]).not.toBe(names[1]);
  });

  it("is a DNS-1035 label of at most 63 characters, whatever goes in", () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 90, unit: "binary" }),
        fc.constantFrom("", "-headless", "-client"),
        (name, suffix) => {
          expect(kubernetesName(name, suffix)).toMatch(/^(?=.{1,63}$)[a-z]([-a-z0-9]*[a-z0-9])?$/);
        },
      ),
    );
  });
});
