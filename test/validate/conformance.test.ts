import { readFileSync } from "node:fs";
import { join } from "node:path";
import { create, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { AnySchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { ViolationSchema, ViolationsSchema } from "../../runtime/src/gen/buf/validate/violations_pb.js";
import { type Outcome, runCases } from "./conformance.js";
import type { RecordedCase } from "./recorded-cases.js";

const FOLDER = join(import.meta.dirname, "conformance");
const { file: files } = fromBinary(FileDescriptorSetSchema, readFileSync(join(FOLDER, "protos.binpb")));
const cases = readFileSync(join(FOLDER, "cases.jsonl"), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as RecordedCase);

// @bufbuild/protovalidate's, which evaluates CEL: its types aren't checked before, and isHostname() of its 1.3 counts the trailing dot.
const KNOWN = [
  "custom_rules/compilation/incorrect_type",
  "custom_rules/compilation/missing_field",
  "library/is_hostname/valid/name_253_characters_plus_trailing_dot",
];

type Violations = MessageShape<typeof ViolationsSchema>["violations"];

/** Without messages that the case says nothing of, in no order: as the runner compares them. */
function comparable(violations: Violations, like: Violations): readonly string[] {
  const told = new Set(like.filter(({ message }) => message !== "").map(({ ruleId }) => ruleId));
  return violations
    .map(({ ruleId, message, forKey, ...paths }) => {
      const shown = { ruleId, message: told.has(ruleId) ? message : "", forKey };
      const { field, rule } = paths;
      const init = { ...shown, ...(field && { field }), ...(rule && { rule }) };
      return Buffer.from(toBinary(ViolationSchema, create(ViolationSchema, init))).toString("base64");
    })
    .sort();
}

function isWanted(outcome: Outcome | undefined, wanted: string): boolean {
  if (outcome?.case !== "validationError") {
    return outcome?.case === wanted;
  }
  if (/^(success|\w+Error)$/.test(wanted)) {
    return false;
  }
  const { violations } = fromBinary(ViolationsSchema, Buffer.from(wanted, "base64"));
  const got = create(ViolationsSchema, outcome.value).violations;
  return JSON.stringify(comparable(got, violations)) === JSON.stringify(comparable(violations, violations));
}

describe("protovalidate's conformance cases", () => {
  it("are all kept, with messages and kinds of errors", async () => {
    const inputs = Object.fromEntries(
      cases.map(({ name, type, input }) => [
        name,
        create(AnySchema, { typeUrl: `type.googleapis.com/${type}`, value: Buffer.from(input, "base64") }),
      ]),
    );
    const outcomes = await runCases(files, inputs);
    const failed = cases.filter(({ name, wanted }) => !isWanted(outcomes.get(name), wanted)).map(({ name }) => name);
    expect(cases.length).toBeGreaterThan(2_500);
    expect(failed).toEqual(KNOWN);
    // It is thousands of cases, of which many are interpreted.
  }, 120_000);
});
