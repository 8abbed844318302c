import { create, createFileRegistry, type DescFile } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { CheckedFiles } from "./check-plugin.js";
import type { FileDescriptor } from "./gen/buf/plugin/descriptor/v1/file_descriptor_pb.js";
import { Code, PluginError } from "./plugin-error.js";

/** Makes descriptors of the files of a request. @throws {PluginError} if they aren't complete */
export function checkedFiles(descriptors: readonly FileDescriptor[]): CheckedFiles {
  const protos = descriptors.flatMap(({ fileDescriptorProto }) => fileDescriptorProto ?? []);
  const imported = new Set(
    descriptors.filter(({ isImport }) => isImport).map(({ fileDescriptorProto }) => fileDescriptorProto?.name),
  );
  const sorted = behindTheirImports(protos);
  let all: DescFile[];
  try {
    const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: sorted }));
    all = sorted.flatMap(({ name }) => registry.getFile(name) ?? []);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new PluginError(Code.INVALID_ARGUMENT, `The files can't be used: ${why}`, { cause: error });
  }
  return { all, own: all.filter(({ proto }) => !imported.has(proto.name)) };
}

/** buf may send files in any order. */
function behindTheirImports(protos: readonly FileDescriptorProto[]): FileDescriptorProto[] {
  const byName = new Map(protos.map((proto) => [proto.name, proto]));
  const sorted = new Set<FileDescriptorProto>();
  const begun = new Set<FileDescriptorProto>();
  const visit = (proto: FileDescriptorProto): void => {
    if (begun.has(proto)) {
      return;
    }
    begun.add(proto);
    for (const name of proto.dependency) {
      const dependency = byName.get(name);
      if (dependency === undefined) {
        throw new PluginError(Code.INVALID_ARGUMENT, `${proto.name} imports ${name}, which isn't among the files.`);
      }
      visit(dependency);
    }
    sorted.add(proto);
  };
  for (const proto of protos) {
    visit(proto);
  }
  return [...sorted];
}
