import { expect, it } from "vitest";
import { camelCase, pascalCase, upperSnakeCase } from "./casing.js";

it.each([
  ["INSUFFICIENT_FUNDS", "InsufficientFunds", "insufficientFUNDS", "INSUFFICIENT_FUNDS"],
  ["ledger", "Ledger", "ledger", "LEDGER"],
  ["billing_budgets", "BillingBudgets", "billingBudgets", "BILLING_BUDGETS"],
  ["LedgerErrorCode", "LedgerErrorCode", "ledgerErrorCode", "LEDGER_ERROR_CODE"],
  ["IAMPolicy", "IAMPolicy", "iamPolicy", "IAM_POLICY"],
  ["HTTP2Server", "HTTP2Server", "http2Server", "HTTP2_SERVER"],
  ["v1beta1", "V1beta1", "v1beta1", "V1BETA1"],
  ["_", "", "", ""],
])("%s in three casings", (identifier, pascal, camel, upperSnake) => {
  expect([pascalCase(identifier), camelCase(identifier), upperSnakeCase(identifier)]).toEqual([
    pascal,
    camel,
    upperSnake,
  ]);
});
