import { CODEC_INTERFACE, RUNTIME_INTERFACE } from "@accord-grpc/runtime/contract";
import type { TypeScriptFile } from "./typescript/typescript-file.js";

/** Prints which version of the runtime's interface the file needs. What imports the file needs no line of its own. */
export function printRuntimeNeeded(file: TypeScriptFile): void {
  // requireRuntime(1);
  file.print`${file.runtime("requireRuntime")}(${String(RUNTIME_INTERFACE.current)});`;
  file.print``;
}

/** The same for a file of codecs. */
export function printCodecsNeeded(file: TypeScriptFile): void {
  // requireCodecs(1);
  file.print`${file.runtime("requireCodecs")}(${String(CODEC_INTERFACE.current)});`;
  file.print``;
}
