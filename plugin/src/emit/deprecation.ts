import type { DescMethod, DescService } from "@bufbuild/protobuf";

/** The JSDoc tag of a deprecated element, if it is one. */
export function deprecation(desc: DescService | DescMethod): readonly string[] {
  const service = desc.kind === "rpc" ? desc.parent : desc;
  return desc.deprecated || service.deprecated || service.file.deprecated ? ["@deprecated"] : [];
}
