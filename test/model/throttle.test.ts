import { expect, it } from "vitest";
import { readContract } from "../../plugin/src/contract.js";
import { serviceConfigOf } from "../../plugin/src/emit/service-config.js";
import { compileFolder } from "../rejected/compile-cases.js";

const files = compileFolder("test/model/throttle");

it.each([
  ["nothing_resent", undefined],
  ["retry", { maxTokens: 10, tokenRatio: 0.1 }],
  ["retry_of_a_method", { maxTokens: 10, tokenRatio: 0.1 }],
  ["hedge", { maxTokens: 10, tokenRatio: 0.1 }],
  ["numbers", { maxTokens: 100, tokenRatio: 0.5 }],
  ["half_of_the_numbers", { maxTokens: 50, tokenRatio: 0.1 }],
  ["off", undefined],
  ["no_resend", undefined],
])("the service config of %s has the throttling %j", (name, expected) => {
  const path = `${name}.proto`;
  const generated = files.find(({ proto }) => proto.name === path);
  const { model, diagnostics } = readContract(files, new Set([path]));
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  const [pkg] = model?.packages ?? [];
  expect(generated?.proto.package).toBe(pkg?.name);
  expect(pkg && serviceConfigOf(pkg).retryThrottling).toEqual(expected);
});
