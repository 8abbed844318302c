import { readContract, renderDiagnostic } from "../contract.js";
import type { ContractModel } from "../model/model.js";
import type { ContractVersion } from "./breaking/compare-contracts.js";
import { CommandError } from "./command-error.js";
import type { ContractInput } from "./contract-input.js";

/**
 * The model of a contract. Warnings are lint's to tell.
 *
 * @throws CommandError if the contract has errors, with each of them
 */
export async function readModel(input: ContractInput): Promise<ContractModel> {
  const { model, diagnostics } = readContract(input.files, input.toGenerate, input.sources);
  if (model !== undefined) {
    return model;
  }
  const local = await input.localPaths();
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  throw new CommandError(`${input.origin} has errors in its contract:`, {
    details: errors.map((diagnostic) =>
      renderDiagnostic({ ...diagnostic, path: local.get(diagnostic.path) ?? diagnostic.path }),
    ),
  });
}

/**
 * A version of a contract, to be compared with another.
 *
 * @throws CommandError as {@link readModel} does
 */
export async function readVersion(input: ContractInput): Promise<ContractVersion> {
  const model = await readModel(input);
  return { model, files: input.files.filter(({ proto }) => input.toGenerate.has(proto.name)) };
}
