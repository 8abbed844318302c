import { create } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import {
  type CodeGeneratorRequest,
  CodeGeneratorRequestSchema,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import { createEcmaScriptPlugin } from "@bufbuild/protoplugin";
import { expect, it } from "vitest";
import { GeneratedNames } from "./generated-names.js";

// Names that collide with each other, with what is derived from them, and with JavaScript.
const MESSAGES = ["Foo", "FooSchema", "Foo_Bar", "string", "Object", "file_a", "Foo_BarSchema", "Svc", "class"];

const request: CodeGeneratorRequest = create(CodeGeneratorRequestSchema, {
  parameter: "target=ts",
  fileToGenerate: ["a.proto"],
  protoFile: [
    create(FileDescriptorProtoSchema, {
      name: "a.proto",
      package: "p",
      syntax: "proto3",
      messageType: MESSAGES.map((name) => ({
        name,
        nestedType: [{ name: "Bar" }, { name: "Schema" }],
        enumType: [{ name: "Kind", value: [{ name: "KIND_UNSPECIFIED", number: 0 }] }],
      })),
      enumType: [{ name: "delete", value: [{ name: "DELETE_UNSPECIFIED", number: 0 }] }],
      service: [{ name: "SvcSchema" }, { name: "new" }],
    }),
  ],
});

it("protoplugin's own look-ups give the same names", () => {
  let compared = 0;
  createEcmaScriptPlugin({
    name: "test",
    version: "v0",
    generateTs(schema) {
      const names = new GeneratedNames();
      const file = schema.generateFile("x.ts");
      for (const desc of schema.files.flatMap((source) => [...nestedTypes(source)])) {
        if (desc.kind === "message" || desc.kind === "enum") {
          const { name, from } = file.importShape(desc);
          expect(names.shape(desc, file)).toEqual({ name, from });
          compared++;
        }
        if (desc.kind === "message" || desc.kind === "service") {
          const { name, from } = file.importSchema(desc);
          expect(names.schema(desc, file)).toEqual({ name, from });
          compared++;
        }
      }
    },
  }).run(request);
  expect(compared).toBe(MESSAGES.length * (2 + 4 + 1) + 1 + 2);
});
