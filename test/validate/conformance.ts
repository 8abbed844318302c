import { create, createFileRegistry, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type Any,
  anyUnpack,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { CompilationError } from "@bufbuild/protovalidate";
import type { ViolationsSchema } from "../../runtime/src/gen/buf/validate/violations_pb.js";
import { violationsProto } from "../../runtime/src/validate/violations-proto.js";
import { GeneratedValidators } from "./generated-validators.js";

/** What became of a case of protovalidate's conformance suite. */
export type Outcome =
  | { readonly case: "success"; readonly value: true }
  | { readonly case: "validationError"; readonly value: MessageInitShape<typeof ViolationsSchema> }
  | { readonly case: "compilationError" | "runtimeError" | "unexpectedError"; readonly value: string };

const PACKAGE = "accord.conformance.v1";

/**
 * Checks messages by what is generated for a service that takes them.
 *
 * @param files all that the messages are declared in
 * @param cases by their names
 */
export async function runCases(
  files: readonly FileDescriptorProto[],
  cases: Readonly<Record<string, Any>>,
): Promise<ReadonlyMap<string, Outcome>> {
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [...files] }));
  const types = new Set(Object.values(cases).map(({ typeUrl }) => typeUrl.slice(typeUrl.lastIndexOf("/") + 1)));
  const messages = [...types].flatMap((type) => registry.getMessage(type) ?? []);
  const checks = await checksOf(files, messages);
  return new Map(
    Object.entries(cases).map(([name, any]): [string, Outcome] => {
      const message = anyUnpack(any, registry);
      const desc = message && registry.getMessage(message.$typeName);
      if (message === undefined || desc === undefined) {
        return [name, { case: "unexpectedError", value: `there is no ${any.typeUrl}` }];
      }
      try {
        const found = checks(desc)(message);
        return [
          name,
          found === undefined
            ? { case: "success", value: true }
            : { case: "validationError", value: violationsProto(found) },
        ];
      } catch (error) {
        return [
          name,
          { case: error instanceof CompilationError ? "compilationError" : "runtimeError", value: String(error) },
        ];
      }
    }),
  );
}

type Check = ReturnType<GeneratedValidators["find"]>;

/** What is generated for a service that takes these messages: a validator for each. */
export async function checksOf(
  files: readonly FileDescriptorProto[],
  messages: readonly DescMessage[],
): Promise<(message: DescMessage) => Check> {
  const proto = serviceOf(messages);
  const generated = await GeneratedValidators.of([...files, proto], [proto.name], "target=ts,import_extension=js");
  const path = `${PACKAGE.replaceAll(".", "/")}/validators`;
  const names = generated.namesIn(path);
  return ({ typeName }: DescMessage): Check => {
    const name = names.get(typeName);
    return name === undefined ? () => undefined : generated.find(path, name);
  };
}

/** A file with a service that takes each of these messages. */
function serviceOf(messages: readonly DescMessage[]): FileDescriptorProto {
  return create(FileDescriptorProtoSchema, {
    name: `${PACKAGE.replaceAll(".", "/")}/cases.proto`,
    syntax: "proto3",
    package: PACKAGE,
    dependency: [...new Set(messages.map(({ file }) => file.proto.name))].sort(),
    messageType: [{ name: "Nothing" }],
    service: [
      {
        name: "CaseService",
        method: messages.map(({ typeName }, index) => ({
          name: `Check${index}`,
          inputType: `.${typeName}`,
          outputType: `.${PACKAGE}.Nothing`,
        })),
      },
    ],
  });
}
