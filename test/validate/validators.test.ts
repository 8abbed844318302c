import { toJson } from "@bufbuild/protobuf";
import { createValidator, violationsToProto } from "@bufbuild/protovalidate";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { ViolationsSchema } from "../../runtime/src/gen/buf/validate/violations_pb.js";
import { violationsProto } from "../../runtime/src/validate/violations-proto.js";
import { GeneratedFolder } from "../corpus/generated-folder.js";
import { requestFor } from "../corpus/google-protos.js";
import { protocGenEs } from "../corpus/protoc-gen-es.js";
import { GeneratedValidators } from "./generated-validators.js";
import { messageOf } from "./random-values.js";

let generated: GeneratedValidators;
beforeAll(async () => {
  generated = await GeneratedValidators.generate();
});

const NAMES = ["Numbers", "Texts", "Lists", "Maps", "Nested", "Presence", "WithCel", "Formats", "WellKnown", "Legacy"];

describe("generated validators say what protovalidate says", () => {
  it.each(NAMES)("%s", (name) => {
    const desc = generated.registry.getMessage(`rules.v1.${name}`);
    if (desc === undefined) {
      return expect.unreachable();
    }
    const validate = generated.find(`${desc.file.name}_validate`, `validate${name}`);
    const validator = createValidator();
    const seen = { valid: 0, invalid: 0 };
    fc.assert(
      fc.property(messageOf(desc), (message) => {
        const { error, violations } = validator.validate(desc, message);
        if (violations === undefined && error !== undefined) {
          throw error;
        }
        const found = validate(message);
        if (violations === undefined) {
          seen.valid++;
          expect(found).toBeUndefined();
        } else {
          seen.invalid++;
          const [proto, schema] = violationsToProto(violations);
          expect(toJson(ViolationsSchema, violationsProto(found ?? []))).toEqual(toJson(schema, proto));
        }
      }),
      { numRuns: name === "Formats" ? 1_000 : 300 },
    );
    expect(seen.invalid).toBeGreaterThan(10);
  });
});

describe("what is generated", () => {
  it("is a line for each rule", () => {
    const source = generated.sources.get("rules/v1/rules_validate.ts") ?? "";
    expect(source).toContain(
      '  if (!(message.above > 10)) found = violated(found, Numbers_above, INT32_GT, "must be greater than 10");\n',
    );
    expect(source).not.toContain("validateFree");
  });

  it("asks protovalidate where a rule is written in CEL, and nowhere else", () => {
    const source = generated.sources.get("rules/v1/rules_validate.ts") ?? "";
    expect(source.match(/validator\.validate\(/g)).toHaveLength(1);
    expect(source).toContain("validator.validate(WithCelSchema, message)");
    expect(generated.sources.get("rules/v1/shared_validate.ts")).not.toContain("protovalidate");
  });

  it("stands between the error handler and the method", () => {
    const source = generated.sources.get("rules/v1/rules_servicer.ts") ?? "";
    expect(source).toMatch(
      /grpcErrorHandler\(errors, \[InvalidRequestError\]\)\(\s*grpcValidator\(validateTexts, InvalidRequestError\)\(\s*grpcResponseValidator\(TextsSchema, validateTexts, options\)\(\s*servicer\.checkTexts/,
    );
    expect(source).not.toContain("validateFree");
  });

  it("is left out for a method whose contract says so, and for none of its neighbours", () => {
    const source = generated.sources.get("rules/v1/rules_servicer.ts") ?? "";
    const [each = "", off = ""] = ["checkEach", "checkNothing"].map((method) => {
      const end = source.indexOf(`servicer.${method}`);
      return source.slice(source.lastIndexOf("grpcErrorHandler(", end), end);
    });
    expect(each).toContain("grpcValidator(validateTexts, InvalidRequestError)");
    expect(off).toMatch(/^grpcErrorHandler\(/);
    expect(off).not.toMatch(/validat/i);
    expect(generated.sources.get("rules/v1/rules_client.ts")).toMatch(/CheckNothingError =\s*never/);
  });

  it("is typed strictly", async () => {
    const { files, sources } = generated;
    const names = files.map(({ name }) => name).filter((name) => !name.startsWith("google/protobuf/"));
    const folder = new GeneratedFolder();
    try {
      folder.add(sources);
      folder.add(await protocGenEs(requestFor(files, names, "target=ts,import_extension=js")));
      expect(await folder.typeErrors()).toEqual([]);
    } finally {
      folder.remove();
    }
  });

  it("is left out with validate=off", async () => {
    const { sources } = await GeneratedValidators.generate("target=ts,validate=off");
    expect([...sources.keys()].filter((path) => path.includes("_validate"))).toEqual([]);
    expect(sources.get("rules/v1/rules_servicer.ts")).not.toContain("grpcValidator");
  });
});
