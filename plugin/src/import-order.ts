import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";

/**
 * Puts files behind what they import. protoc and buf do it mostly, other tools may not.
 *
 * @param absent makes the error for a file that imports one which isn't among them
 */
export function behindTheirImports(
  protos: readonly FileDescriptorProto[],
  absent: (importer: string, imported: string) => Error,
): FileDescriptorProto[] {
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
        throw absent(proto.name, name);
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
