import type { DescFile } from "@bufbuild/protobuf";
import { buildModel } from "./model/build-model.js";
import type { ContractModel } from "./model/model.js";
import { NO_OTHER_PARTS, type OtherParts } from "./read/other-parts.js";
import { readRawContract } from "./read/read-contract.js";
import { NO_SOURCES, type ProtoSources } from "./read/source/proto-sources.js";
import { resolveContract } from "./resolve/resolve-contract.js";
import type { Diagnostic } from "./validate/diagnostic.js";

export { rulePage } from "./validate/rule-page.js";

import { validateContract } from "./validate/validate-contract.js";

export type { ContractModel } from "./model/model.js";
export { annotatedFiles } from "./read/annotations.js";
export { type Diagnostic, renderDiagnostic } from "./validate/diagnostic.js";
export type { Severity } from "./validate/severity.js";

/** What reading a contract gives. */
export interface Contract {
  /** What the emitters read. Undefined as soon as one diagnostic is an error: nothing is generated then. */
  readonly model: ContractModel | undefined;
  /** Everything wrong, sorted by place. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads the contracts of a request: options are read, checked, and turned into the model. Never throws on what a user
 * wrote.
 *
 * @param files all files that are visible: those to generate, and what they import
 * @param toGenerate the paths of the files to generate, as the request names them: `ledger/v1/ledger.proto`
 * @param sources where the texts of the files come from: what compilers don't say of places is read from them
 * @param excluded the paths of files that the user said to leave alone: no package is incomplete without them
 * @param otherParts which files of the packages there are beside those that are visible
 * @param validate whether requests are checked by the rules of buf.validate in their protos
 */
export function readContract(
  files: Iterable<DescFile>,
  toGenerate: ReadonlySet<string>,
  sources: ProtoSources = NO_SOURCES,
  excluded: ReadonlySet<string> = new Set(),
  otherParts: OtherParts = NO_OTHER_PARTS,
  validate = true,
): Contract {
  const contract = resolveContract(readRawContract(files, toGenerate, excluded));
  const diagnostics = validateContract(contract, sources, otherParts);
  const model = diagnostics.some(({ severity }) => severity === "error") ? undefined : buildModel(contract, validate);
  return { model, diagnostics };
}
