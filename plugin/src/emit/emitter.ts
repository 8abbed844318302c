import type { ContractModel } from "../model/model.js";
import type { Source } from "./header.js";
import type { TypeScriptFile } from "./typescript/typescript-file.js";

/** Makes the files of one artifact. It never fails on what a user wrote: the model is valid. */
export interface Emitter {
  /** Emits every file of the artifact, for all packages. */
  emit(model: ContractModel, output: Output): void;
}

/** Where emitters put files. Paths are relative to the plugin's output folder. */
export interface Output {
  /**
   * Begins a TypeScript file. What is printed into it becomes TypeScript, JavaScript or declarations, as the plugin option
   * `target` says.
   *
   * @param path without extension: `ledger/v1/errors`
   * @param unformatted why formatters are to leave the file as it is printed, if they are
   */
  typescript(path: string, source: Source, unformatted?: string): TypeScriptFile;
  /**
   * Adds a file as it is.
   *
   * @param path with its extension: `ledger/v1/service_config.json`
   */
  text(path: string, content: string): void;
}
