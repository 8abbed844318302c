import type { DescFile } from "@bufbuild/protobuf";
import type { SendableErrors } from "../call/call-failure.js";
import { file_google_rpc_error_details } from "../gen/google/rpc/error_details_pb.js";
import { file_google_rpc_status } from "../gen/google/rpc/status_pb.js";
import type { BoundService } from "./bind-service.js";

/**
 * The files of what the errors of services are made of, which no method mentions: `google.rpc`'s, and those of catalogues and
 * details. Without them, a tool that asks the server for types can't read its errors.
 */
export function errorFiles(services: readonly BoundService[]): DescFile[] {
  const files = new Set<DescFile>([file_google_rpc_status, file_google_rpc_error_details]);
  const maps = new Set<SendableErrors>();
  for (const { errors } of services.flatMap(({ methods }) => methods)) {
    if (errors !== undefined) {
      maps.add(errors.errors);
      errors.errors.imports?.forEach((imported) => {
        maps.add(imported);
      });
    }
  }
  for (const { catalog, detail, entries = [] } of maps) {
    for (const desc of [catalog, detail, ...entries.flatMap(({ details = [] }) => details)]) {
      if (desc !== undefined) {
        files.add(desc.file);
      }
    }
  }
  return [...files];
}

/**
 * Takes the files that a user adds.
 *
 * @throws {TypeError} if one of them is no file's descriptor
 */
export function checkedFiles(files: readonly DescFile[]): readonly DescFile[] {
  files.forEach((file: Partial<DescFile> | null | undefined, index) => {
    if (file?.kind !== "file") {
      throw new TypeError(
        `reflectionFiles[${index}] is no file's descriptor: pass what a generated module exports, file_ledger_v1_errors`,
      );
    }
  });
  return files;
}
