import { create } from "@bufbuild/protobuf";
import { createValidator, type Violation } from "@bufbuild/protovalidate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plausibleMessage } from "../../runtime/src/testing/mock/plausible-message.js";
import { randomOf } from "../../runtime/src/testing/mock/random.js";
import { type CompiledContract, compileContract } from "../verify/contract.fixture.js";

let contract: CompiledContract;
beforeAll(() => {
  contract = compileContract("test/validate/proto", "plugin/validate-protos");
});
afterAll(() => contract.remove());

const SEEDS = Array.from({ length: 50 }, (_, seed) => seed);

const brokenBy = (violations: readonly Violation[] = []): string[] =>
  violations.map(
    ({ field, ruleId }) => `${field.map((step) => ("name" in step ? step.name : "[]")).join(".")}: ${ruleId}`,
  );

describe("what a mock makes up keeps the rules of buf.validate", () => {
  it.each(["Numbers", "Texts", "Lists", "Maps", "Nested", "Presence", "Formats", "WellKnown", "Legacy", "WithCel"])(
    "%s",
    (name) => {
      const desc = contract.types.getMessage(`rules.v1.${name}`);
      if (desc === undefined) {
        return expect.unreachable();
      }
      const validator = createValidator({ registry: contract.types });
      const broken = SEEDS.flatMap((seed) => {
        const made = plausibleMessage(desc, { random: randomOf(seed) });
        const { error, violations } = validator.validate(desc, made as never);
        return error !== undefined && violations === undefined ? [String(error)] : brokenBy(violations);
      });
      expect([...new Set(broken)]).toEqual([]);
    },
  );
});

it("takes over of a request what keeps the answer's rules, and nothing else", () => {
  const desc = contract.types.getMessage("rules.v1.Texts");
  if (desc === undefined) {
    return expect.unreachable();
  }
  const message = create(desc, {
    short: "much too long",
    code: "no code",
    exact: "abc",
    ends: 'a"bqmz',
    email: "a@b.co",
  } as never);
  const made = plausibleMessage(desc, { random: randomOf(1), request: { desc, message } });
  const { violations } = createValidator({ registry: contract.types }).validate(desc, made as never);
  expect(brokenBy(violations)).toEqual([]);
  expect(made).toMatchObject({ exact: "abc", email: "a@b.co" });
});
