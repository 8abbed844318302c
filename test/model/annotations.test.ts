import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as accord from "@accord-grpc/runtime/accord/v1/options_pb";
import { create, fromBinary, type Message, setExtension, toBinary } from "@bufbuild/protobuf";
import {
  type CodeGeneratorRequest,
  CodeGeneratorRequestSchema,
  type DescriptorProto,
  type EnumDescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  MessageOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import { expect, it } from "vitest";
import { generate } from "../../plugin/src/plugin.js";
import { readOption } from "../../plugin/src/read/read-option.js";

// A contract may stand on its elements, or in a file of its own: what is generated is the same, byte for byte.

const GOLDEN = join(import.meta.dirname, "../golden");
const requestOf = (name: string): CodeGeneratorRequest =>
  fromBinary(CodeGeneratorRequestSchema, readFileSync(join(GOLDEN, name, "request.binpb")));

// Those that have a contract. What becomes of TypeScript later has nothing to do with it.
const CASES = readdirSync(GOLDEN, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== "javascript")
  .map(({ name }) => name)
  .filter((name) => requestOf(name).protoFile.some((file) => file.name === "accord/v1/options.proto"));

type Contract = accord.Annotation["contract"];
type Extendee = { options?: Message | undefined };

/** Moves all contracts of a request to a file of their own. */
function apart(request: CodeGeneratorRequest): { request: CodeGeneratorRequest; moved: number } {
  const annotations: accord.Annotation[] = [];
  const take = (element: string, { options }: Extendee, read: (options: Message) => Contract | undefined): void => {
    const contract = options && read(options);
    if (options !== undefined && contract !== undefined) {
      annotations.push(create(accord.AnnotationSchema, { element, contract }));
      options.$unknown = (options.$unknown ?? []).filter(({ no }) => no !== accord.file.number);
    }
  };
  for (const file of request.protoFile) {
    takeFile(file, take);
  }
  const paths = request.protoFile.map(({ name }) => name);
  const options = create(MessageOptionsSchema);
  setExtension(options, accord.annotate, annotations);
  const contract = create(FileDescriptorProtoSchema, {
    name: "contracts/contract.proto",
    package: "contracts.v1",
    syntax: "proto3",
    dependency: paths,
    messageType: [{ name: "Contract", options }],
  });
  request.protoFile.push(contract);
  request.fileToGenerate.push(contract.name);
  return { request, moved: annotations.length };
}

type Take = (element: string, of: Extendee, read: (options: Message) => Contract | undefined) => void;

function takeFile(file: FileDescriptorProto, take: Take): void {
  const qualified = (...names: string[]) => [file.package, ...names].filter((name) => name !== "").join(".");
  take(file.package, file, (options) => value("file", readOption(options as never, accord.file)));
  for (const service of file.service) {
    take(qualified(service.name), service, (options) => value("service", readOption(options as never, accord.service)));
    for (const method of service.method) {
      take(qualified(service.name, method.name), method, (options) =>
        value("method", readOption(options as never, accord.method)),
      );
    }
  }
  const takeEnum = (enumeration: EnumDescriptorProto, scope: string[]): void => {
    take(qualified(...scope, enumeration.name), enumeration, (options) =>
      value("errors", readOption(options as never, accord.errors)),
    );
    for (const each of enumeration.value) {
      take(qualified(...scope, each.name), each, (options) =>
        value("error", readOption(options as never, accord.error)),
      );
    }
  };
  const takeMessage = (message: DescriptorProto, scope: string[]): void => {
    const names = [...scope, message.name];
    for (const field of message.field) {
      take(qualified(...names, field.name), field, (options) =>
        value("field", readOption(options as never, accord.field)),
      );
    }
    for (const nested of message.enumType) {
      takeEnum(nested, names);
    }
    for (const nested of message.nestedType) {
      takeMessage(nested, names);
    }
  };
  for (const enumeration of file.enumType) {
    takeEnum(enumeration, []);
  }
  for (const message of file.messageType) {
    takeMessage(message, []);
  }
}

function value<Case extends NonNullable<Contract["case"]>>(
  name: Case,
  reading: { kind: string; value?: unknown },
): Contract | undefined {
  return reading.kind === "value" ? ({ case: name, value: reading.value } as Contract) : undefined;
}

it.each(CASES)("generates the same for %s, wherever its contract stands", async (name) => {
  const expected = await generate(requestOf(name));
  const { request, moved } = apart(requestOf(name));
  // As it comes from a compiler: encoded.
  const actual = await generate(fromBinary(CodeGeneratorRequestSchema, toBinary(CodeGeneratorRequestSchema, request)));
  expect(actual.response.error).toBe("");
  expect(moved).toBeGreaterThan(0);
  const contents = ({ response }: typeof actual) =>
    Object.fromEntries(response.file.map((file) => [file.name, file.content]));
  expect(contents(actual)).toEqual(contents(expected));
});
