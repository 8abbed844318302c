import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const STATUSES: readonly string[] = [
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];

/**
 * Writes the error catalogue of a suite's package: an error for each status, since suites ask for them by number.
 * Their classes are what `declaredStatus` picks from.
 *
 * @returns the folder that stands beside the suite's own protos
 */
export function writeStatusCatalog(folder: string, packageName: string): string {
  const path = join(folder, ...packageName.split("."));
  const values = STATUSES.map(
    (status, index) =>
      `  PROOF_ERROR_CODE_${status} = ${index + 1} [(accord.v1.error) = {\n` +
      `    status: ${status}\n    code: "AS_${status}"\n    message: "As asked"\n  }];\n`,
  );
  mkdirSync(path, { recursive: true });
  writeFileSync(
    join(path, "proof_errors.proto"),
    `syntax = "proto3";\n\npackage ${packageName};\n\nimport "accord/v1/options.proto";\n\n` +
      "// What a suite asks to be answered with. Its text comes with each request.\nenum ProofErrorCode {\n" +
      `  option (accord.v1.errors) = {};\n  PROOF_ERROR_CODE_UNSPECIFIED = 0;\n${values.join("")}}\n`,
  );
  return folder;
}
