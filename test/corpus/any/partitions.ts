import { generate } from "@accord-grpc/protoc-gen-accord";
import { byDirectory, byPackage, requestFor } from "../google-protos.js";
import type { CompiledSource } from "./compile-source.js";

/** How protos were cut, and what differed. */
export interface PartitionResult {
  readonly cuts: number;
  /** Parts that said what to run instead. */
  readonly stopped: number;
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
  const result = { cuts: 0, stopped: 0, differences: [] as string[] };
  for (const { parts, mayStop } of ways) {
    const together = new Map<string, string>();
    const differences: string[] = [];
    let stopped = 0;
    for (const part of parts) {
      const { response } = await generate(requestFor(source.files, part, parameter));
      if (response.error !== "") {
        stopped++;
        const lines = response.error.split("\n");
        result.differences.push(...lines.filter((line) => !mayStop || !line.includes("`strategy: all`")));
      }
      for (const { name, content } of response.file) {
        together.set(name, content);
        if (whole.get(name) !== content) {
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
