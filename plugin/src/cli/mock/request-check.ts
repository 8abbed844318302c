import { interpretedViolations } from "@accord-grpc/runtime/codegen/v1";
import { createRegistry, type DescFile } from "@bufbuild/protobuf";
import type { ContractModel } from "../../model/model.js";
import { messageOf } from "../../thrown-message.js";
import type { RequestCheck } from "./contracts-of-model.js";

const LIBRARY = "@bufbuild/protovalidate";

/**
 * What proves requests by the rules of `buf.validate` in their protos: the library's interpreter, as there is no generated code here.
 *
 * @param warn is told in a line if requests have rules and the library isn't installed
 * @returns `undefined` if there is nothing to prove, or nothing to prove it with
 */
export async function requestCheck(
  { packages }: ContractModel,
  warn: (text: string) => void,
): Promise<RequestCheck | undefined> {
  const services = packages.flatMap((pkg) => pkg.services).filter(({ isBuiltIn }) => !isBuiltIn);
  if (!services.some(({ methods }) => methods.some(({ refusal }) => refusal !== undefined))) {
    return undefined;
  }
  let library: typeof import("@bufbuild/protovalidate");
  try {
    library = await import(LIBRARY);
  } catch (error) {
    warn(
      `Requests aren't checked by the rules of their protos: ${LIBRARY} can't be loaded (${reason(error)}): npm install ${LIBRARY}`,
    );
    return undefined;
  }
  // Rules that somebody has predefined are extensions of files that these import.
  const files = new Set<DescFile>();
  for (const { service } of services) {
    withImports(service.file, files);
  }
  const validator = library.createValidator({ registry: createRegistry(...files) });
  return (desc, message) => interpretedViolations(validator.validate(desc, message));
}

function withImports(file: DescFile, files: Set<DescFile>): void {
  if (!files.has(file)) {
    files.add(file);
    for (const dependency of file.dependencies) {
      withImports(dependency, files);
    }
  }
}

function reason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND" ? "it isn't installed" : messageOf(error);
}
