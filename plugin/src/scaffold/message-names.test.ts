import { create, createFileRegistry, type DescMessage } from "@bufbuild/protobuf";
import {
  CodeGeneratorRequestSchema,
  DescriptorProtoSchema,
  EmptySchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { createEcmaScriptPlugin } from "@bufbuild/protoplugin";
import { describe, expect, it } from "vitest";
import { messageNames } from "./message-names.js";

const message = (name: string, ...nested: string[]) =>
  create(DescriptorProtoSchema, { name, nestedType: nested.map((inner) => ({ name: inner })) });

const FILE = create(FileDescriptorProtoSchema, {
  name: "odd/v1/odd-names.proto",
  package: "odd.v1",
  syntax: "proto3",
  messageType: [
    message("A", "B", "BSchema"),
    message("A_B"),
    message("A_BSchema"),
    message("A_BSchemaSchema"),
    message("Object"),
    message("string"),
    message("Partial"),
    message("file_odd_v1_odd_names"),
    message("PartialSchema"),
  ],
});

/** What protoplugin, which protoc-gen-es is made with, calls each message of the file. */
function namesByProtoplugin(): Map<string, { shape: string; schema: string }> {
  const names = new Map<string, { shape: string; schema: string }>();
  const plugin = createEcmaScriptPlugin({
    name: "names",
    version: "v1",
    generateTs(schema) {
      const file = schema.generateFile("out.ts");
      for (const desc of schema.files.flatMap((source) => allMessages(source.messages))) {
        names.set(desc.typeName, { shape: file.importShape(desc).name, schema: file.importSchema(desc).name });
      }
    },
  });
  plugin.run(
    create(CodeGeneratorRequestSchema, { fileToGenerate: [FILE.name], protoFile: [FILE], parameter: "target=ts" }),
  );
  return names;
}

function allMessages(messages: readonly DescMessage[]): DescMessage[] {
  return messages.flatMap((desc) => [desc, ...allMessages(desc.nestedMessages)]);
}

describe("the names of messages", () => {
  it("are those that protoc-gen-es gives, however they collide", () => {
    const expected = namesByProtoplugin();
    const file = createFileRegistry(create(FileDescriptorSetSchema, { file: [FILE] })).getFile(FILE.name);
    const ours = allMessages(file?.messages ?? []).map((desc) => {
      const { shape, schema } = messageNames(desc);
      return [desc.typeName, { shape: shape.name, schema: schema.name }] as const;
    });
    expect(ours).toHaveLength(11);
    expect(new Map(ours)).toEqual(expected);
    expect(expected.get("odd.v1.A_B")?.shape).toBe("A_B$");
  });

  it("come from the generated file, or from protobuf's own package", () => {
    expect(messageNames(EmptySchema).schema).toEqual({
      name: "EmptySchema",
      module: { kind: "package", specifier: "@bufbuild/protobuf/wkt" },
      typeOnly: true,
    });
    const file = createFileRegistry(create(FileDescriptorSetSchema, { file: [FILE] })).getFile(FILE.name);
    expect(file?.messages.slice(0, 1).map((desc) => messageNames(desc).shape.module)).toEqual([
      { kind: "generated", path: `${file?.name}_pb` },
    ]);
  });
});
