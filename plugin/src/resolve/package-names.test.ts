import { describe, expect, it } from "vitest";
import { isVersioned, packageErrorClasses, packageIdentifiers, packageNameParts } from "./package-names.js";

describe("packageIdentifiers", () => {
  it.each([
    ["ledger.v1", "Ledger", "LEDGER_ERROR_MAP", "LedgerV1", "LEDGER_V1_SERVICE_CONFIG"],
    ["google.cloud.pubsub.v1", "Pubsub", "PUBSUB_ERROR_MAP", "PubsubV1", "PUBSUB_V1_SERVICE_CONFIG"],
    ["acme.pay_outs.v2beta1", "PayOuts", "PAY_OUTS_ERROR_MAP", "PayOutsV2beta1", "PAY_OUTS_V2BETA1_SERVICE_CONFIG"],
    ["ledger", "Ledger", "LEDGER_ERROR_MAP", "Ledger", "LEDGER_SERVICE_CONFIG"],
    ["v1", "V1", "V1_ERROR_MAP", "V1", "V1_SERVICE_CONFIG"],
    ["", "Api", "API_ERROR_MAP", "Api", "API_SERVICE_CONFIG"],
    ["_", "Api", "API_ERROR_MAP", "Api", "API_SERVICE_CONFIG"],
    ["acme._1", "Api1", "API1_ERROR_MAP", "Api1", "API1_SERVICE_CONFIG"],
    ["google.type", "ApiType", "TYPE_ERROR_MAP", "Type", "TYPE_SERVICE_CONFIG"],
    ["acme.contract.v1", "ApiContract", "CONTRACT_ERROR_MAP", "ContractV1", "CONTRACT_V1_SERVICE_CONFIG"],
  ])("of %j", (name, errorPrefix, errorMap, versioned, serviceConfig) => {
    expect(packageIdentifiers(packageNameParts(name))).toMatchObject({
      errorPrefix,
      errorMap,
      versioned,
      serviceConfig,
    });
  });

  it("are all JavaScript identifiers", () => {
    for (const name of ["_", "_1", "a._.v1", "__.__"]) {
      for (const identifier of Object.values(packageIdentifiers(packageNameParts(name)))) {
        expect(identifier).toMatch(/^[A-Za-z][A-Za-z0-9_]*$/);
      }
    }
  });
});

it("a package has a base class and one for each category", () => {
  const classes = packageErrorClasses(packageIdentifiers(packageNameParts("ledger.v1")));
  expect(classes).toHaveLength(11);
  expect(classes.slice(0, 2)).toEqual(["LedgerError", "LedgerUnavailableError"]);
});

it.each([
  ["ledger.v1", true],
  ["ledger.v1beta1", true],
  ["ledger.v1alpha", true],
  ["ledger.v1p2beta3", true],
  ["ledger.v1test", true],
  ["ledger.v0", false],
  ["ledger.version1", false],
  ["v1.ledger", false],
  ["", false],
])("%j has a version: %s", (name, versioned) => {
  expect(isVersioned(name)).toBe(versioned);
});
