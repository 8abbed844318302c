import { generate } from "@accord-grpc/protoc-gen-accord";
import type { CodeGeneratorRequest, FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { byDirectory, byPackage, requestFor } from "../google-protos.js";
import type { CompiledSource } from "./compile-source.js";

/** How protos were cut, and what differed. */
export interface PartitionResult {
  readonly cuts: number;
  /** Parts that said what to run instead. */
  readonly stopped: number;
  /** Parts that had no sign of other files of their packages: nobody can say what they should give. */
  readonly unaware: number;
  readonly differences: readonly string[];
}

/** Cuts a request as tools do (for each directory, for each file, for each package) and compares the parts with the whole. */
export async function comparePartitions(
  source: CompiledSource,
  parameter: string,
  whole: ReadonlyMap<string, string>,
): Promise<PartitionResult> {
  const ways = [
    { parts: byDirectory(source.own), mayStop: true },
    { parts: source.own.map((name) => [name]), mayStop: true },
    { parts: byPackage(source.files, source.own), mayStop: false },
  ];
  const result = { cuts: 0, stopped: 0, unaware: 0, differences: [] as string[] };
  for (const { parts, mayStop } of ways) {
    const together = new Map<string, string>();
    const differences: string[] = [];
    let stopped = 0;
    for (const part of parts) {
      const request = requestFor(source.files, part, parameter);
      const { response } = await generate(request);
      const isUnaware = hidesSomething(request, source.files);
      result.unaware += isUnaware ? 1 : 0;
      if (response.error !== "") {
        stopped++;
        const lines = response.error.split("\n");
        result.differences.push(...lines.filter((line) => !mayStop || !line.includes("`strategy: all`")));
      }
      for (const { name, content } of response.file) {
        together.set(name, content);
        if (!isUnaware && whole.get(name) !== content) {
          differences.push(`${name} differs in a run for ${part.join(", ")}`);
        }
      }
    }
    differences.push(...[...whole.keys()].filter((name) => !together.has(name)).map((name) => `${name} is missing`));
    // A part that comes before the one that stops can't know of what follows.
    result.differences.push(...(stopped === 0 ? differences : []));
    result.cuts += parts.length;
    result.stopped += stopped;
  }
  return result;
}

/** Whether packages of a request have files that it neither generates nor imports. */
function hidesSomething(
  { protoFile, fileToGenerate }: CodeGeneratorRequest,
  all: readonly FileDescriptorProto[],
): boolean {
  const seen = new Set(protoFile.map(({ name }) => name));
  const asked = new Set(fileToGenerate);
  const packages = new Set(protoFile.filter(({ name }) => asked.has(name)).map((file) => file.package));
  return all.some((file) => packages.has(file.package) && !seen.has(file.name));
}
