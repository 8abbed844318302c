import { create, createFileRegistry, type DescFile } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { behindTheirImports } from "../import-order.js";
import { messageOf } from "../thrown-message.js";
import type { CheckedFiles } from "./check-plugin.js";
import type { FileDescriptor } from "./gen/buf/plugin/descriptor/v1/file_descriptor_pb.js";
import { Code, PluginError } from "./plugin-error.js";

/** Makes descriptors of the files of a request. @throws {PluginError} if they aren't complete */
export function checkedFiles(descriptors: readonly FileDescriptor[]): CheckedFiles {
  const protos = descriptors.flatMap(({ fileDescriptorProto }) => fileDescriptorProto ?? []);
  const imported = new Set(
    descriptors.filter(({ isImport }) => isImport).map(({ fileDescriptorProto }) => fileDescriptorProto?.name),
  );
  const sorted = behindTheirImports(
    protos,
    (importer, imported) =>
      new PluginError(Code.INVALID_ARGUMENT, `${importer} imports ${imported}, which isn't among the files.`),
  );
  let all: DescFile[];
  try {
    const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: sorted }));
    all = sorted.flatMap(({ name }) => registry.getFile(name) ?? []);
  } catch (error) {
    const why = messageOf(error);
    throw new PluginError(Code.INVALID_ARGUMENT, `The files can't be used: ${why}`, { cause: error });
  }
  return { all, own: all.filter(({ proto }) => !imported.has(proto.name)) };
}
