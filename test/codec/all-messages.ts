import type { DescFile } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import type { CodecRoot } from "../../plugin/src/emit/codec/codec-plan.js";

/** Every message of a file, as something to generate a codec for. */
export function allMessages(files: readonly DescFile[]): CodecRoot[] {
  return files.flatMap((file) =>
    [...nestedTypes(file)].flatMap((message) =>
      message.kind === "message" ? [{ message, pkg: file.proto.package }] : [],
    ),
  );
}
