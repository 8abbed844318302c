import { create, createFileRegistry, toJson } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema, file_google_protobuf_descriptor } from "@bufbuild/protobuf/wkt";
import { createValidator, violationsToProto } from "@bufbuild/protovalidate";
import fc from "fast-check";
import { expect, it } from "vitest";
import { file_buf_validate_validate } from "../../plugin/src/read/validate/gen/buf/validate/validate_pb.js";
import { ViolationsSchema } from "../../runtime/src/gen/buf/validate/violations_pb.js";
import { violationsProto } from "../../runtime/src/validate/violations-proto.js";
import { checksOf } from "./conformance.js";
import { FILE_WITH_RULES } from "./random-rules.js";
import { messageOf } from "./random-values.js";

const FILES = 2;
const MESSAGES = 25;

it("random rules are kept as protovalidate keeps them, by random messages", async () => {
  const seen = { valid: 0, invalid: 0 };
  const validator = createValidator();
  const property = fc.asyncProperty(FILE_WITH_RULES, async (proto) => {
    const needed = [
      file_google_protobuf_descriptor,
      ...file_buf_validate_validate.dependencies,
      file_buf_validate_validate,
    ];
    const file = [...new Map([...needed.map((each) => each.proto), proto].map((each) => [each.name, each])).values()];
    const registry = createFileRegistry(create(FileDescriptorSetSchema, { file }));
    const types = registry.getFile(proto.name)?.messages ?? [];
    const checks = await checksOf(file, types);
    for (const desc of types) {
      const check = checks(desc);
      for (const message of fc.sample(messageOf(desc), MESSAGES)) {
        const { error, violations } = validator.validate(desc, message);
        if (violations === undefined && error !== undefined) {
          throw error;
        }
        const found = check(message);
        seen[violations === undefined ? "valid" : "invalid"] += 1;
        if (violations === undefined) {
          expect(found).toBeUndefined();
        } else {
          const [theirs, schema] = violationsToProto(violations);
          expect(toJson(ViolationsSchema, violationsProto(found ?? []))).toEqual(toJson(schema, theirs));
        }
      }
    }
  });
  await fc.assert(property, { numRuns: FILES, interruptAfterTimeLimit: 60_000 });
  expect(seen.valid).toBeGreaterThan(10);
  expect(seen.invalid).toBeGreaterThan(10);
});
